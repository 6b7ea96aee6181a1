//! `acd standalone`: API, dispatcher and a Redis of our own in one go.

mod admin;
mod banner;
mod data_dir;
mod program;
mod redis;
mod supervisor;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use acd_process::{lifecycle::Lifecycle, telemetry::LogArgs};
use acd_store::RedisArgs;
use anyhow::Context;
use clap::{ArgMatches, parser::ValueSource};
use tokio::net::TcpListener;

use self::{
    data_dir::DataDir,
    program::Program,
    redis::{Fsync, OwnRedis},
    supervisor::Supervisor,
};
use crate::{process, usage::Usage};

/// The roles' own flags, with the defaults of a machine that runs everything by itself.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(mut_arg("listen", |arg| arg.default_value("127.0.0.1:8000")))]
#[command(mut_arg("drain_time", |arg| arg.default_value("0ms")))]
#[command(mut_arg("dispatcher_listen", |arg| arg.default_value("none")))]
#[command(mut_arg("redis_url", |arg| arg.hide_default_value(true).help(
    "URL of an existing Redis to use instead of starting one"
)))]
pub(crate) struct Args {
    /// Data directory of the Redis that is started; created if it does not exist
    #[arg(long, env = "ACD_DATA_DIR", value_name = "DIR", default_value = "./acd-data")]
    data_dir: PathBuf,

    /// redis-server or valkey-server program to start, version 7.0 or later [default: the first in
    /// PATH]
    #[arg(long, env = "ACD_REDIS_SERVER", value_name = "PROGRAM")]
    redis_server: Option<PathBuf>,

    /// When the Redis that is started calls fsync. With either value a change survives the end of
    /// any process. With `always` it also survives a power failure, and each change takes longer
    #[arg(long, env = "ACD_REDIS_FSYNC", value_enum, default_value = "everysec")]
    redis_fsync: Fsync,

    /// Whether `--redis-url` or its variable is set.
    #[arg(skip)]
    redis_named: bool,

    #[command(flatten)]
    redis: RedisArgs,
    #[command(flatten)]
    api: acd_api::Args,
    #[command(flatten)]
    dispatcher: acd_dispatcher::Args,
}

impl Args {
    /// Remembers what only clap knows: whether a value is a default.
    pub(crate) fn note_sources(&mut self, matches: &ArgMatches) {
        self.redis_named = matches.value_source("redis_url") != Some(ValueSource::DefaultValue);
    }
}

pub(crate) fn run(mut args: Args, log: &LogArgs) -> anyhow::Result<ExitCode> {
    args.dispatcher.check(&args.redis).map_err(Usage)?;
    args.api.limits.check_with(&args.redis).map_err(Usage)?;
    let named = match (&args.redis_server, args.redis_named) {
        (Some(path), false) => Some(Program::named(path)?),
        _ => None,
    };
    process::run(log, async move |lifecycle| {
        // First of all, so that a port in use is the first thing one hears of.
        let listener = bind(args.api.listen).await?;
        if args.redis_named {
            return serve(args, listener, "in the Redis of --redis-url", lifecycle).await;
        }
        let program = named.map_or_else(Program::find, Ok)?;
        let data = DataDir::open(&args.data_dir)?;
        let about = format!("{} ({program})", data.path().display());
        let own = OwnRedis::new(program, data, args.redis_fsync).await?;
        // Ours has no users, and is its own machine's.
        args.redis = RedisArgs {
            redis_url: own.url().parse()?,
            redis_user: None,
            redis_password: None,
            redis_password_file: None,
            redis_ca_file: None,
            ..args.redis
        };
        let Some(supervisor) = Supervisor::start(own, lifecycle).await? else {
            return Ok(ExitCode::SUCCESS);
        };
        let served = serve(args, listener, &about, lifecycle).await;
        // Only now: what was in flight had to be written.
        let stopped = supervisor.stop().await;
        let code = served?;
        stopped?;
        Ok(code)
    })
}

async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.with_context(|| format!("listen on {listen} (--listen)"))
}

/// API and dispatcher until `lifecycle` ends; when one of them ends by itself the other follows.
async fn serve(
    args: Args,
    listener: TcpListener,
    data: &str,
    lifecycle: &Lifecycle,
) -> anyhow::Result<ExitCode> {
    let listening = listener.local_addr().context("read the address we listen on")?;
    let store = process::connect(&args.redis, lifecycle).await?;
    let api = async {
        let ended = acd_api::serve(listener, &args.api.limits, store.clone(), lifecycle).await;
        lifecycle.stop();
        ended
    };
    let dispatcher = async {
        let ended = acd_dispatcher::run(args.dispatcher, store.clone(), lifecycle).await;
        lifecycle.stop();
        ended
    };
    let welcome = lifecycle.token().run_until_cancelled_owned(banner::welcome(listening, data));
    let (api, dispatcher, _) = tokio::join!(api, dispatcher, welcome);
    api.and(dispatcher)?;
    Ok(ExitCode::SUCCESS)
}
