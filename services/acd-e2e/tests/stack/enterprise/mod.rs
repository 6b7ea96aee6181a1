//! The data tier is Redis Enterprise, or its emulator.

mod access;
mod api;
mod balancer;
mod browser;
mod dispatcher;
mod interrupted;
mod node;
mod simulator;

use acd_e2e::tests;

use crate::{harness::Test, scripts};

/// These start the stack themselves.
pub(crate) const STARTS: &[Test] =
    tests![scripts::a_start_from_nothing, interrupted::half_way_and_run_again];

/// These find it whole and leave it whole.
pub(crate) const TESTS: &[Test] = tests![
    access::api_console_rest_and_database_answer,
    access::a_wrong_password_is_refused,
    access::the_statistics_page_needs_its_password,
    access::rladmin_and_status_tell_how_it_is,
    access::a_console_session_stays_on_its_node,
    browser::pages_open_and_show_what_they_should,
    api::a_replica_killed,
    api::a_replica_stopped_in_good_order,
    api::scaled_up_and_down,
    balancer::killed,
    balancer::stopped_in_good_order,
    balancer::paused,
    balancer::haproxy_killed,
    balancer::haproxy_hangs,
    balancer::network_cut_off,
    balancer::the_backup_is_lost_and_nobody_notices,
    dispatcher::one_killed_then_both,
    node::a_node_stopped,
    node::the_first_node_killed,
    simulator::a_day_is_played_although_the_balancer_is_lost,
    simulator::a_load_test_runs_through_the_balancer,
];
