//! What every process needs: its life cycle, logs and metrics, and the values of its flags.

pub mod duration;
pub mod lifecycle;
pub mod telemetry;
