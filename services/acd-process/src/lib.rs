//! Functions of every process: life cycle, logs and metrics, the health listener, back-off, durations in
//! flags.

pub mod backoff;
pub mod chain;
pub mod duration;
pub mod lifecycle;
pub mod limits;
pub mod listener;
pub mod metric;
pub mod telemetry;
