//! The primary comes back with an empty disk, after a stop of everything.

use crate::{
    harness::{Stack, docker, project, say},
    scripts::create_contact,
};

pub(crate) fn another_is_the_primary_and_has_everything(stack: &Stack) {
    let contact = create_contact(stack);
    let lost = stack.primary_of("main");
    stack.stop(&[]);
    docker(&["rm", &stack.container(&lost).id]);
    docker(&["volume", "rm", &format!("{}_{}_data", project(), lost.node)]);
    say(&format!("starting with an empty disk of {lost}"));
    stack.start();
    stack.whole();
    assert_ne!(stack.primary_of("main"), lost);
    let found = stack.client().curl(&[&contact]).unwrap();
    assert_eq!(found.status, 200, "{}", found.body);
}
