//! `hyperdrive-standin`: the stand-in as a program, for tests that are not written in Rust.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use hyperdrive_standin::{AuthPlugin, Options, SessionState};

/// Run a proxy that behaves like Hyperdrive in front of a database, and injects faults on command.
///
/// When ready, it prints one line of JSON: `{"address":"127.0.0.1:1234","control":"http://127.0.0.1:2345"}`.
/// The control URL accepts `POST /plan`, `POST /clock`, `POST /reset`, `GET /plan` and `GET /stats`.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Address for clients; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Address for control commands; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Database URL, postgres://user:password@host:port/database or mysql://…; clients log in with the same user and
    /// password.
    #[arg(long)]
    upstream: String,
    /// Cache reads for 60 seconds, Hyperdrive's default.
    #[arg(long, conflicts_with = "cache")]
    cached: bool,
    /// Cache reads for this many seconds.
    #[arg(long, value_name = "SECONDS")]
    cache: Option<u64>,
    /// Authentication plugin for MySQL clients.
    #[arg(long, value_enum, default_value = "caching_sha2")]
    auth: AuthArg,
    /// Handling of session state between transactions.
    #[arg(long, value_enum, default_value = "reset")]
    session: SessionArg,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum AuthArg {
    /// The plugin caching_sha2_password: full authentication first, then the fast path.
    #[value(name = "caching_sha2")]
    CachingSha2,
    /// The plugin mysql_native_password.
    Native,
}

#[derive(Clone, Copy, ValueEnum)]
enum SessionArg {
    /// Reset the session, as a connection pool does.
    Reset,
    /// Keep the session.
    Keep,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let standin = hyperdrive_standin::start(Options {
        listen: cli.listen,
        control: cli.control,
        upstream: cli.upstream,
        cache_ttl: cli
            .cache
            .or(cli.cached.then_some(60))
            .map(Duration::from_secs),
        auth: match cli.auth {
            AuthArg::CachingSha2 => AuthPlugin::CachingSha2,
            AuthArg::Native => AuthPlugin::Native,
        },
        session: match cli.session {
            SessionArg::Reset => SessionState::Reset,
            SessionArg::Keep => SessionState::Keep,
        },
    })
    .await?;
    print(&serde_json::json!({
        "address": standin.address.to_string(),
        "control": format!("http://{}", standin.control),
    }));
    // A signal ends the process, and all connections with it.
    std::future::pending().await
}

#[expect(clippy::print_stdout, reason = "the caller reads the addresses")]
fn print(addresses: &serde_json::Value) {
    println!("{addresses}");
}
