//! Connections: their number, the timeout of a request's head, and a shutdown that lets requests finish.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::service::{Peer, SiteService};

/// The most connections at a time; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 1024;
/// The time for the head of a request to arrive; also that of an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The time for requests to finish after shutdown has begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// Serves until `shutdown`, then lets requests that are under way finish.
pub async fn serve(
    listener: TcpListener,
    service: Arc<SiteService>,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&free).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match stream {
            Ok((stream, address)) => (stream, Peer(address.ip())),
            Err(error) => {
                // Most often too many open files: it passes when connections end.
                log::warn!("a connection could not be accepted: {error}");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // It only saves a little time.
        let _ = stream.set_nodelay(true);
        let service = Arc::clone(&service);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |mut request: Request<Incoming>| {
                    let service = Arc::clone(&service);
                    request.extensions_mut().insert(peer);
                    async move { service.respond(request).await }
                }),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                log::debug!("a connection ended: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    log::info!("shutting down: no new connections, open requests finish");
    if timeout(SHUTDOWN_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        log::warn!(
            "some requests took longer than {} s and were cut off",
            SHUTDOWN_TIMEOUT.as_secs()
        );
    }
}
