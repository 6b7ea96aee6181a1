//! Stands in for a node of Redis Enterprise where its image can't be had. Not Redis Enterprise,
//! and not made by its vendor: it offers what this project uses of it, as strictly as the
//! vendor's documentation says, and nothing else.

mod agent;
mod app;
mod bootstrap;
mod cluster;
mod console;
mod controller;
mod crypto;
mod identity;
mod member;
mod node;
mod processes;
mod proxy;
mod refused;
mod resp;
mod rest;
mod rladmin;
mod settings;
mod store;
mod tls;
mod view;

use std::{path::Path, process::ExitCode};

use clap::Parser;

fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let called = std::env::args_os().next().unwrap_or_default();
    let ended = if Path::new(&called).file_stem().is_some_and(|name| name == "rladmin") {
        rladmin::run()
    } else {
        node::run(settings::Settings::parse())
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ERROR: {error:#}");
            ExitCode::FAILURE
        }
    }
}
