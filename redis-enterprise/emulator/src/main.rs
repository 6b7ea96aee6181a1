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
mod faults;
mod identity;
mod layout;
mod member;
mod node;
mod processes;
mod proxy;
mod reach;
mod refused;
mod resp;
mod rest;
mod rladmin;
mod settings;
mod store;
mod tls;
mod view;
mod watch;

use std::{path::Path, process::ExitCode};

use clap::Parser;

fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let called = std::env::args_os().next().unwrap_or_default();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ended = if Path::new(&called).file_stem().is_some_and(|name| name == "rladmin") {
        rladmin::run(&words)
    } else if words.first().is_some_and(|word| word == "fault") {
        rladmin::run(&[vec!["emulator".to_owned()], words].concat())
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
