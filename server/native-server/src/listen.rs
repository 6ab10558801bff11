//! Connections: how many at a time, how long a head may take to arrive, and an end that lets requests finish.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::site::Service;

/// The most connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 1024;
/// How long the head of a request may take to arrive, and an idle connection is kept.
const HEAD: Duration = Duration::from_secs(15);
/// How long requests may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(20);

/// Answers until `ended`, then lets what is under way finish.
pub async fn serve(listener: TcpListener, service: Arc<Service>, ended: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut ended = pin!(ended);
    loop {
        let accepted = async {
            let place = Arc::clone(&free).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut ended => break,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
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
            .header_read_timeout(HEAD)
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| {
                    let service = Arc::clone(&service);
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
    log::info!("ending: no new connections, those that are there finish");
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        log::warn!(
            "some requests took longer than {} s and were cut off",
            GRACE.as_secs()
        );
    }
}
