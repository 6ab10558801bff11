//! `hyperdrive-standin`: the stand-in as a program, for tests that are not written in Rust.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use hyperdrive_standin::{Auth, Options, Session};

/// Stands between a client and a database as Hyperdrive does, refuses what it refuses, and misbehaves on order.
///
/// Prints one line of JSON when it is ready: `{"address":"127.0.0.1:1234","control":"http://127.0.0.1:2345"}`.
/// Orders, by HTTP: `POST /plan`, `POST /clock`, `POST /reset`, `GET /plan`, `GET /stats`.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Where clients connect.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the orders come in.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// The database: postgres://user:password@host:port/database or mysql://… Clients use the same user and password.
    #[arg(long)]
    upstream: String,
    /// Cache reads for 60 seconds, as Hyperdrive does unless told otherwise.
    #[arg(long, conflicts_with = "cache")]
    cached: bool,
    /// Cache reads for so many seconds.
    #[arg(long, value_name = "SECONDS")]
    cache: Option<u64>,
    /// How MySQL clients prove themselves.
    #[arg(long, value_enum, default_value = "caching_sha2")]
    auth: AuthName,
    /// What becomes of a session between transactions.
    #[arg(long, value_enum, default_value = "reset")]
    session: SessionName,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum AuthName {
    /// In full the first time, by the fast path from then on.
    #[value(name = "caching_sha2")]
    CachingSha2,
    /// `mysql_native_password`.
    Native,
}

#[derive(Clone, Copy, ValueEnum)]
enum SessionName {
    /// It is forgotten, as in a pool.
    Reset,
    /// It lasts.
    Keep,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let standin = hyperdrive_standin::start(Options {
        listen: cli.listen,
        control: cli.control,
        upstream: cli.upstream,
        cache: cli
            .cache
            .or(cli.cached.then_some(60))
            .map(Duration::from_secs),
        auth: match cli.auth {
            AuthName::CachingSha2 => Auth::CachingSha2,
            AuthName::Native => Auth::Native,
        },
        session: match cli.session {
            SessionName::Reset => Session::Reset,
            SessionName::Keep => Session::Keep,
        },
    })
    .await?;
    tell(&serde_json::json!({
        "address": standin.address.to_string(),
        "control": format!("http://{}", standin.control),
    }));
    // A signal ends the process, and with it all connections.
    std::future::pending().await
}

#[expect(clippy::print_stdout, reason = "a program that is asked where it is")]
fn tell(ready: &serde_json::Value) {
    println!("{ready}");
}
