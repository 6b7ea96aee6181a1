//! Real servers and fixtures for the tests of every crate.

mod fixtures;
mod poll;
mod redis;

pub use self::{
    fixtures::skills,
    poll::{PATIENCE, poll, soon},
    redis::{RedisServer, document_type, redis_json},
};
