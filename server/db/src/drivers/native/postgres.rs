//! PostgreSQL in native programs: a TCP stream, encrypted by rustls unless the URL says otherwise.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls;
use crate::drivers::postgres::{Postgres, request_tls};
use crate::drivers::server_options::{ServerOptions, Tls};
use crate::{DbError, Driver};

/// Connects and logs in.
///
/// # Errors
/// [`DbError::Unavailable`] when it is refused, [`DbError::Lost`] when the server cannot be reached for now.
pub(super) async fn open(server: &ServerOptions) -> Result<Arc<dyn Driver>, DbError> {
    let lost = |error: std::io::Error| DbError::Lost(error.to_string());
    let mut stream = TcpStream::connect((server.host.as_str(), server.port))
        .await
        .map_err(lost)?;
    stream.set_nodelay(true).map_err(lost)?;
    let Tls::Verified { root } = &server.tls else {
        return Ok(Postgres::over(stream, server).await?);
    };
    request_tls(&mut stream).await?;
    let name = ServerName::try_from(server.host.clone()).map_err(|_| {
        DbError::Unavailable(format!(
            "`{}` is not a host name that a certificate can have.",
            server.host
        ))
    })?;
    let stream = TlsConnector::from(Arc::new(tls::trusting(root)?))
        .connect(name, stream)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => tls::untrusted(&error),
            _ => lost(error),
        })?;
    Ok(Postgres::over(stream, server).await?)
}
