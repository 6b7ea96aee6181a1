//! What every process needs: its life cycle, logs and metrics, and the values of its flags.

pub mod backoff;
pub mod chain;
pub mod duration;
pub mod lifecycle;
pub mod limits;
pub mod listener;
pub mod metric;
pub mod telemetry;
