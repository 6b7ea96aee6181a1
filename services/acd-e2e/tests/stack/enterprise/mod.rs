//! The data tier is Redis Enterprise, or its emulator.

mod access;
mod api;
mod balancer;
mod browser;
mod dispatcher;
mod interrupted;
mod node;
mod pinned;
mod set_up;
mod shards;
mod simulator;

use acd_e2e::tests;

use crate::{faults::plain, harness::Test, scripts};

/// These start the stack themselves.
pub(crate) const STARTS: &[Test] = tests![
    plain::at_once,
    plain::one_by_one_the_data_last,
    set_up::refuses_what_does_not_fit_and_takes_a_definition_of_ones_own,
    interrupted::half_way_and_run_again,
    scripts::a_start_from_nothing,
];

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
    shards::one_shard_fails_over,
    shards::one_shard_fails_over_with_plain_errors,
    shards::the_quorum_is_lost_for_five_seconds,
    shards::the_rest_service_is_slow,
    shards::the_rest_service_fails,
    shards::a_node_that_is_silent_loses_its_connections,
    set_up::a_user_gets_the_role_of_ours_and_no_other,
    set_up::refuses_a_wrong_password_and_a_role_with_other_rights,
    set_up::tells_a_node_without_its_cluster_from_one_that_starts,
    set_up::verify_agrees_and_tells_no_secret,
    simulator::a_day_is_played_although_the_balancer_is_lost,
    simulator::a_load_test_runs_through_the_balancer,
];
