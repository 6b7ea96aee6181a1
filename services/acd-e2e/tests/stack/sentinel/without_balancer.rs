//! API and dispatchers ask the Sentinels themselves, with HAProxy only before the API.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::{
    faults::primary::{How, lose},
    harness::{Stack, sentinel_url},
};

/// What the tier's Sentinels call the primary.
const SERVICE: &str = "acd";

pub(crate) fn primary_killed(stack: &Stack) {
    let fault = "primary killed, without HAProxy";
    stack.start_with(&[("ACD_REDIS_URL".to_owned(), sentinel_url(SERVICE))]);
    let tested = catch_unwind(AssertUnwindSafe(|| lose(stack, fault, How::Killed)));
    // Whatever came of it, the next test wants HAProxy.
    stack.start();
    if let Err(panic) = tested {
        resume_unwind(panic);
    }
}
