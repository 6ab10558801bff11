//! Health check of a running server, for the runtime of a container.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TIMEOUT: Duration = Duration::from_secs(12);

/// Requests `/api/health` of the server that listens on `address`.
///
/// # Errors
/// When the server does not answer, or is not healthy.
pub async fn check(mut address: SocketAddr) -> Result<()> {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let answer = timeout(TIMEOUT, request(address))
        .await
        .context("no answer in time")??;
    ensure!(
        answer.starts_with("HTTP/1.1 200 "),
        "{}",
        answer.lines().last().unwrap_or_default()
    );
    Ok(())
}

async fn request(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /api/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
