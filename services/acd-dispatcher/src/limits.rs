//! The time-outs and bounds of a dispatcher.

use std::time::Duration;

use acd_process::limits::{Limit, shorter, time};
use acd_store::limits::{CONNECT_LIMIT, PIPELINE_LIMIT, REDIS_DEADLINE};

/// The shortest and the longest value of `ACD_DISPATCH_MAX_SLEEP`.
pub const SLEEP_RANGE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(5));

/// The default of `ACD_DISPATCH_MAX_SLEEP`: the longest sleep without looking for work.
pub const MAX_SLEEP: Duration = Duration::from_secs(1);

/// What a turn of a loop may take besides its sleep and its call: the last attempt, connecting, a
/// back-off.
pub const AROUND_A_TURN: Duration = Duration::from_secs(5);

/// The default of `ACD_DISPATCH_STALLED_AFTER`: a loop without progress for this long is stalled.
pub const STALLED_AFTER: Duration = Duration::from_secs(10);

/// The first and the longest delay after a step that failed.
pub const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// How often the log sums up what was done.
pub const SUMMARY_INTERVAL: Duration = Duration::from_secs(10);

/// The default of `ACD_DISPATCH_BUDGET`: the most that one run of the dispatch script does.
pub const BUDGET: u32 = 100;

/// The range of `ACD_DISPATCH_BUDGET`.
pub const BUDGET_RANGE: (u32, u32) = (1, 10_000);

const _: () = assert!(shorter(SLEEP_RANGE.0, MAX_SLEEP) && shorter(MAX_SLEEP, SLEEP_RANGE.1));
const _: () = assert!(shorter(BACKOFF.0, BACKOFF.1));
const _: () = assert!(shorter(PIPELINE_LIMIT.saturating_add(CONNECT_LIMIT), AROUND_A_TURN));
const _: () = assert!(shorter(
    MAX_SLEEP.saturating_add(REDIS_DEADLINE).saturating_add(AROUND_A_TURN),
    STALLED_AFTER
));

/// The time-outs from the innermost to the outermost, for the reference.
pub fn times() -> Vec<Limit> {
    vec![
        Limit::new(
            "a dispatcher's sleep without looking for work",
            format!("{} (`ACD_DISPATCH_MAX_SLEEP`)", time(MAX_SLEEP)),
        ),
        Limit::new(
            "the delay after a dispatch step that failed",
            format!("{} to {}", time(BACKOFF.0), time(BACKOFF.1)),
        ),
        Limit::new(
            "a dispatch loop without progress",
            format!("{} (`ACD_DISPATCH_STALLED_AFTER`)", time(STALLED_AFTER)),
        ),
    ]
}

/// The sizes and counts, for the reference.
pub fn counts() -> Vec<Limit> {
    vec![Limit::new(
        "items and assignments of one run of the dispatch script",
        format!("{BUDGET} (`ACD_DISPATCH_BUDGET`)"),
    )]
}
