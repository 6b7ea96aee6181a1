//! API and dispatchers ask the Sentinels themselves, with HAProxy only before the API.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::{
    faults::{
        NOTHING,
        primary::{How, rounds},
    },
    harness::{Engine, Tier, on_tier, sentinel_url},
};

/// What the tier's Sentinels call the primary.
const SERVICE: &str = "acd";

#[test]
fn primary_killed() {
    let fault = "primary killed, without HAProxy";
    on_tier(Tier::Sentinel(Engine::Redis), fault, |stack| {
        stack.start_with(&[("ACD_REDIS_URL".to_owned(), sentinel_url(SERVICE))]);
        let tested = catch_unwind(AssertUnwindSafe(|| rounds(stack, fault, How::Killed, NOTHING)));
        // Whatever came of it, the next test wants HAProxy.
        stack.start();
        if let Err(panic) = tested {
            resume_unwind(panic);
        }
    });
}
