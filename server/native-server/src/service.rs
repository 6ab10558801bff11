//! The service that answers requests: a file of the assets, or the response of the router.
//!
//! Owns what the Worker's platform and entry do: reading the body within its limit, timeouts, the failure that a panic is, and
//! the headers that every response has.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use app::AppError;
use app::context::{RequestContext, SiteConfig};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::FutureExt;
use http::header::{COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use server::{
    Answer, BodyTooLarge, MAX_BODY_BYTES, answer_failure, answer_with, constant_headers, router,
    should_read_body,
};
use tokio::time::timeout;

use crate::assets::Assets;
use crate::config::{Config, Database, with_origin};

/// The time for a request's body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The time for a response; the database has shorter timeouts of its own.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

pub struct SiteService {
    router: Router,
    assets: Assets,
    database: Database,
    site: Arc<SiteConfig>,
    headers: HeaderMap,
}

impl SiteService {
    /// The service as configured; `variable` reads the environment.
    ///
    /// # Errors
    /// When there are no assets. A database that cannot be used is an error on each page that needs it.
    pub fn new(config: &Config, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let site = Arc::new(config.site());
        let mut headers = HeaderMap::new();
        for (name, value) in constant_headers(&site) {
            headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value)?);
        }
        Ok(Self {
            router: router(),
            assets: Assets::new(&config.site_dir)?,
            database: config.database(variable),
            site,
            headers,
        })
    }

    /// Answers a request.
    ///
    /// # Errors
    /// When a body ends early: the connection is of no more use.
    pub async fn respond<B>(&self, request: Request<B>) -> io::Result<Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if let Some(file) = self.assets.find(&request).await {
            return Ok(file);
        }
        let request = with_whole_body(request).await?;
        let mut response = self.answer(request).await?;
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert(value.clone());
        }
        Ok(response)
    }

    async fn answer(&self, request: Request<Body>) -> io::Result<Response> {
        let headers = request.headers();
        let site = with_origin(&self.site, || format!("http://{}", text(headers, &HOST)));
        let context =
            RequestContext::from_request(site, self.database.client(), text(headers, &COOKIE));
        let head = head_of(&request);
        let whole = async {
            match answer_with(&self.router, request, context.clone(), None).await {
                Answer::Whole(response) => Ok(response),
                // A reader who takes a streamed body slowly would keep its connection from others: memory is cheaper.
                Answer::Stream(response) => {
                    let (parts, body) = response.into_parts();
                    let body = body.collect().await?.to_bytes();
                    Ok::<_, axum::Error>(Response::from_parts(parts, body))
                }
            }
        };
        let error = match timeout(RESPONSE_TIMEOUT, AssertUnwindSafe(whole).catch_unwind()).await {
            Ok(Ok(Ok(response))) => return Ok(response.map(Body::from)),
            Ok(Ok(Err(error))) => return Err(io::Error::other(error)),
            // The panic itself is in the log already.
            Ok(Err(_)) => AppError::internal(&"a handler panicked"),
            Err(_) => AppError::Unavailable {
                reason: format!("This took longer than {} s.", RESPONSE_TIMEOUT.as_secs()),
            },
        };
        context.close();
        let response = answer_failure(&head, error, &context).await;
        Ok(response.map(Body::from))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// The request without its body.
fn head_of<B>(request: &Request<B>) -> Request<Body> {
    let mut head = Request::new(Body::empty());
    request.method().clone_into(head.method_mut());
    request.uri().clone_into(head.uri_mut());
    request.headers().clone_into(head.headers_mut());
    head
}

/// The request with its whole body. One that is too large is not kept: the router's checks reject it.
async fn with_whole_body<B>(request: Request<B>) -> io::Result<Request<Body>>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut whole = head_of(&request);
    if !should_read_body(&request) {
        return Ok(whole);
    }
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
    let late = || {
        io::Error::new(
            io::ErrorKind::TimedOut,
            "the request took too long to arrive",
        )
    };
    match timeout(BODY_TIMEOUT, body).await.map_err(|_| late())? {
        Ok(body) => *whole.body_mut() = Body::from(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            whole.extensions_mut().insert(BodyTooLarge);
        }
        Err(error) => return Err(io::Error::other(error)),
    }
    Ok(whole)
}
