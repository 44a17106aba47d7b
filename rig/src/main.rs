//! `rig`: the one binary. `rig up` is a whole rig on this machine; the other commands talk to one that is up.

mod cli;
mod commands;
mod config;
mod context;
mod demo;
mod exit;
mod health;
mod home;
mod local_time;
mod log;
mod progress;
mod roles;
mod run;
mod sandbox;
mod screen;
mod up;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{cli::Cli, exit::Failure};

fn main() -> ExitCode {
    // It fails only where one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    exit::code_of(run(Cli::parse()))
}

fn run(cli: Cli) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed("no threads to run on").because(error))?
        .block_on(cli.run())
}
