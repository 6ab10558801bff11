//! A Worker's socket that does not outlive its owner.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use worker::Socket;
use worker::wasm_bindgen_futures::spawn_local;

/// A socket that is closed when it is dropped; JavaScript's own stays open until the request ends.
pub(super) struct ClosingSocket(Option<Socket>);

impl Drop for ClosingSocket {
    fn drop(&mut self) {
        if let Some(mut socket) = self.0.take() {
            spawn_local(async move {
                // It may be closed already.
                let _ = socket.close().await;
            });
        }
    }
}

impl ClosingSocket {
    pub(super) fn new(socket: Socket) -> Self {
        Self(Some(socket))
    }

    fn socket(&mut self) -> io::Result<Pin<&mut Socket>> {
        let closed = || io::Error::from(io::ErrorKind::NotConnected);
        self.0.as_mut().map(Pin::new).ok_or_else(closed)
    }

    /// Encrypts the connection.
    ///
    /// # Errors
    /// When it is closed.
    pub(super) fn start_tls(mut self) -> io::Result<Self> {
        let plain = self.0.take().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Self(Some(plain.start_tls())))
    }
}

impl AsyncRead for ClosingSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket()?.poll_read(task, buf)
    }
}

impl AsyncWrite for ClosingSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.socket()?.poll_write(task, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_shutdown(task)
    }
}
