//! Bodies of requests: read by whoever wants them, only so far, and taken from the client afterwards.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt};
use http::Request;
use http::header::EXPECT;
use http_body_util::{BodyDataStream, BodyExt};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;

/// The time between two parts of a body.
const PART_TIMEOUT: Duration = Duration::from_secs(30);
/// The time in which a client may finish sending what nobody wants to read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The request with a body that can be left unread. That of a safe method means nothing, and is left here.
pub(crate) fn leavable<B>(request: Request<B>) -> Request<Body>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // A client that waits for permission is told not to send it instead.
    let is_sent = !request.headers().contains_key(EXPECT);
    let is_meant = !request.method().is_safe();
    request.map(|body| {
        if !is_meant || body.is_end_stream() {
            return Body::empty();
        }
        let rest = Some(body.into_data_stream());
        let body = Body::from_stream(Drained { rest, is_sent });
        Body::new(TimeoutBody::new(PART_TIMEOUT, body))
    })
}

/// A body of which the unread rest is taken from the client and dropped. Without that, closing the connection would take
/// the response from a client that reads it only after it has sent everything.
struct Drained<B: http_body::Body + Send + Unpin + 'static> {
    rest: Option<BodyDataStream<B>>,
    is_sent: bool,
}

impl<B: http_body::Body + Send + Unpin + 'static> Stream for Drained<B> {
    type Item = Result<B::Data, B::Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let part = rest.poll_next_unpin(task);
        if matches!(part, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        part
    }
}

impl<B: http_body::Body + Send + Unpin + 'static> Drop for Drained<B> {
    fn drop(&mut self) {
        if let (Some(mut rest), true, Ok(runtime)) =
            (self.rest.take(), self.is_sent, Handle::try_current())
        {
            let all = async move { while let Some(Ok(_)) = rest.next().await {} };
            runtime.spawn(async { timeout(DRAIN_TIMEOUT, all).await });
        }
    }
}
