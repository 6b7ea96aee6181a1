//! Real servers and fixtures for the tests of every crate.

mod redis;

pub use self::redis::{RedisServer, redis_json_module};
