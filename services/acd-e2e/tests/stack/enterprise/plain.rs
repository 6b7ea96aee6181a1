//! Docker Compose without the scripts.

use crate::{faults::plain, harness::Tier};

#[test]
fn at_once() {
    plain::at_once(Tier::Enterprise);
}

#[test]
fn one_by_one_the_data_last() {
    plain::one_by_one(Tier::Enterprise);
}
