//! The REST API of the contact-centre ACD: the resource API and the classic routes, problems,
//! event streams, metrics, readiness and drain.
//!
//! A handler extracts, calls the [`Store`](acd_store::Store) once, and answers; everything that
//! must be atomic is a script in the store.

mod app;
mod args;
mod http;
pub mod limits;
mod openapi;
mod routes;
mod server;
mod streams;
#[cfg(test)]
mod testing;

pub use app::openapi;
pub use args::{Args, Limits};
pub use http::{
    layers::METRICS,
    problem::{PROBLEMS, PROBLEMS_OF_BALANCERS, ProblemKind},
};
pub use server::{run, serve};
