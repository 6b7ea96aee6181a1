//! The contact-centre ACD (automatic contact distributor): its domain, its routing, and the Redis
//! store in which every change of state is one atomic script.
//!
//! The roles (API, dispatcher, simulator) are crates of their own on top of this one and don't
//! know each other.

pub mod agent;
pub mod center;
pub mod config;
pub mod contact;
pub mod event;
pub mod ids;
pub mod lifecycle;
pub mod report;
pub mod scrape;
pub mod skill;
pub mod store;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
