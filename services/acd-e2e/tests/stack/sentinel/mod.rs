//! The data tier is a primary with two replicas, watched by three Sentinels.

mod lost_disk;
mod majority;
mod without_balancer;

use acd_e2e::tests;

use crate::harness::Test;

/// What only this tier has to survive.
pub(crate) const TESTS: &[Test] = tests![
    majority::lost_then_the_primary,
    without_balancer::primary_killed,
    lost_disk::another_is_the_primary_and_has_everything,
];
