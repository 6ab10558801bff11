//! Opening a connection to a server: within a bounded time, and with its host and port in every failure.

use std::time::Duration;

use super::server_options::ServerOptions;
use crate::{DbError, Timeouts, time};

/// The time that is left to the connector for its own error, which names the server, before its client gives up.
const MARGIN: Duration = Duration::from_secs(1);

/// Waits for a connection to `server` as long as its URL allows.
pub(super) async fn open<T>(
    server: &ServerOptions,
    opening: impl Future<Output = Result<T, DbError>>,
) -> Result<T, DbError> {
    let limit = limit(server);
    match time::within(Some(limit), "a connection", opening).await {
        Err(DbError::Lost(why)) => Err(DbError::Lost(format!("{}: {why}", server.address()))),
        Err(DbError::Timeout(_)) => Err(DbError::Timeout(format!(
            "{} completed no log-in within {} s. Is it a {} server? Check host and port in the database's URL",
            server.address(),
            limit.as_secs(),
            server.dialect.product()
        ))),
        opened => opened,
    }
}

/// The timeouts of a connector that opens its connections by [`open`].
pub(super) fn timeouts(server: &ServerOptions) -> Timeouts {
    Timeouts {
        connect: limit(server) + MARGIN,
        ..Timeouts::default()
    }
}

/// The timeouts of a connector whose server is not known before it connects.
#[cfg(target_arch = "wasm32")]
pub(super) fn default_timeouts() -> Timeouts {
    let default = Timeouts::default();
    Timeouts {
        connect: default.connect + MARGIN,
        ..default
    }
}

fn limit(server: &ServerOptions) -> Duration {
    server
        .connect_timeout
        .unwrap_or(Timeouts::default().connect)
}
