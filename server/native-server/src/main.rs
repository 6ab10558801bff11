//! `native-server`: see `native-server --help`.

#[cfg(unix)]
#[path = "signals_unix.rs"]
mod signals;
#[cfg(not(unix))]
#[path = "signals_other.rs"]
mod signals;

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use native_server::config::Config;
use native_server::listen::serve;
use native_server::service::SiteService;
use native_server::{clean_up, health};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let config = Config::parse();
    if config.check_health {
        return health::check(config.address()).await;
    }
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    let service = SiteService::new(&config, |name| std::env::var(name).ok())?;
    let shutdown = signals::shutdown()?;
    let listener = TcpListener::bind(config.address())
        .await
        .with_context(|| format!("cannot listen at {}", config.address()))?;
    log::info!("serving at http://{}", listener.local_addr()?);
    let service = Arc::new(service);
    let job = tokio::spawn(clean_up::every_hour(Arc::clone(&service)));
    serve(listener, service, shutdown).await;
    job.abort();
    Ok(())
}
