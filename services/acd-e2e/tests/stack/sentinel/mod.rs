//! The data tier is a primary with two replicas, watched by three Sentinels.

mod a_start;
mod balancers;
mod by_hand;
mod lost_disk;
mod majority;
mod network;
mod primary;
mod without_balancer;
