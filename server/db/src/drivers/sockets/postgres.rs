//! The log-in to PostgreSQL.

use std::sync::Arc;

use super::closing::ClosingSocket;
use crate::drivers::postgres::{Postgres, request_tls};
use crate::drivers::server_options::{ServerOptions, Tls};
use crate::{DbError, Driver};

pub(super) async fn log_in(
    mut socket: ClosingSocket,
    server: &ServerOptions,
) -> Result<Arc<dyn Driver>, DbError> {
    if matches!(server.tls, Tls::Verified { .. }) {
        request_tls(&mut socket).await?;
        socket = socket
            .start_tls()
            .map_err(|error| DbError::Lost(error.to_string()))?;
    }
    Ok(Postgres::over(socket, server).await?)
}
