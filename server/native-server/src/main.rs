//! `serve`: see `serve --help`.

#[cfg(unix)]
#[path = "signals_unix.rs"]
mod signals;
#[cfg(not(unix))]
#[path = "signals_other.rs"]
mod signals;

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use native_server::health;
use native_server::listen::serve;
use native_server::settings::Settings;
use native_server::site::Service;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let settings = Settings::parse();
    if settings.check_health {
        return health::check(settings.address()).await;
    }
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    let service = Service::new(&settings, |name| std::env::var(name).ok())?;
    let ended = signals::ended()?;
    let listener = TcpListener::bind(settings.address())
        .await
        .with_context(|| format!("cannot listen at {}", settings.address()))?;
    log::info!("serving at http://{}", listener.local_addr()?);
    serve(listener, Arc::new(service), ended).await;
    Ok(())
}
