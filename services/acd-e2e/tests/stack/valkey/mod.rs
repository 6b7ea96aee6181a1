//! The open-source tiers made of Valkey: what depends on the servers themselves.

mod cluster;
mod sentinel;
mod single;
