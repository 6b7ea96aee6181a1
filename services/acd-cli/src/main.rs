//! `acd`: every role of the contact-centre ACD in one executable.

mod api;
mod cli;
mod dispatcher;
mod healthcheck;
mod openapi;
mod process;
mod reference;
mod simulator;
mod standalone;
mod usage;

use std::process::ExitCode;

use crate::usage::Usage;

/// Requests allocate on one thread and free on another, which the C library's allocator does
/// slowly: with it an API spends a tenth more on each.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A `rediss://` connection panics without a provider. Nobody can have installed one before.
    let _ = rustls::crypto::ring::default_provider().install_default();

    match usage::read_env_file().and_then(|()| cli::parse()).and_then(cli::Cli::run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("acd: {error:#}");
            // 2 is what clap, and so every shell user, takes for "called the wrong way".
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}
