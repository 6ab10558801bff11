//! The log-in to MySQL.

use mysql_wire::{Client, Config};
use std::sync::Arc;

use super::closing::ClosingSocket;
use crate::drivers::mysql::{MySql, not_logged_in};
use crate::drivers::server_options::{ServerOptions, Tls};
use crate::{DbError, Driver};

pub(super) async fn log_in(
    socket: ClosingSocket,
    server: &ServerOptions,
) -> Result<Arc<dyn Driver>, DbError> {
    let login = Config::new(
        &server.user,
        server.password.expose(),
        Some(&server.database),
    );
    let client = match server.tls {
        Tls::Verified { .. } => {
            let upgrade = async |socket: ClosingSocket| socket.start_tls();
            Client::connect_tls(socket, &login, upgrade).await
        }
        Tls::Inside => Client::connect(socket, &login, mysql_wire::Tls::External).await,
        Tls::Off => Client::connect(socket, &login, mysql_wire::Tls::Off).await,
    };
    Ok(MySql::over(
        client.map_err(|error| not_logged_in(error, &server.tls))?,
    ))
}
