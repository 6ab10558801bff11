//! Stands for the log-in to an engine whose feature is off. No connector gets so far: each is refused when it is made.

use std::sync::Arc;

use super::closing::ClosingSocket;
use crate::drivers::left_out::left_out;
use crate::drivers::server_options::ServerOptions;
use crate::{DbError, Driver};

pub(super) async fn log_in(
    _: ClosingSocket,
    server: &ServerOptions,
) -> Result<Arc<dyn Driver>, DbError> {
    Err(DbError::Unavailable(left_out(server.dialect.product())))
}
