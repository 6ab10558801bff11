//! One request, from its head and body to a whole response.
//!
//! Owns what the Worker's platform and entry do there: how large a request may be and how long it may take, which failure
//! a panic is, and the headers that every response has.

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
use http::header::{CONTENT_LENGTH, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use server::{LARGEST_BODY, answer, answer_failure, constant_headers, router};
use tokio::time::timeout;

use crate::assets::Assets;
use crate::settings::{Database, Settings, at};

/// How long a request may take to arrive.
const ARRIVES: Duration = Duration::from_secs(30);
/// How long its answer may take; the database has shorter limits of its own.
const ANSWERS: Duration = Duration::from_secs(60);

/// The site, as every request needs it.
pub struct Service {
    router: Router,
    assets: Assets,
    database: Database,
    site: Arc<SiteConfig>,
    headers: HeaderMap,
}

impl Service {
    /// The site as configured; `setting` reads what is no flag.
    ///
    /// # Errors
    /// When there are no assets. A database that cannot be used is said on every page that needs it.
    pub fn new(
        settings: &Settings,
        setting: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let site = Arc::new(settings.site());
        let mut headers = HeaderMap::new();
        for (name, value) in constant_headers(&site) {
            headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value)?);
        }
        Ok(Self {
            router: router(),
            assets: Assets::of(&settings.site_dir)?,
            database: settings.database(setting),
            site,
            headers,
        })
    }

    /// The response to a request.
    ///
    /// # Errors
    /// When the request does not arrive whole, or a body ends early: the connection is worth nothing any more.
    pub async fn respond<B>(&self, request: Request<B>) -> io::Result<Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if let Some(file) = self.assets.find(&request).await {
            return Ok(file);
        }
        let request = arrived(request).await?;
        let mut response = self.answer(request).await?;
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert(value.clone());
        }
        Ok(response)
    }

    async fn answer(&self, request: Request<Body>) -> io::Result<Response> {
        let headers = request.headers();
        let site = at(&self.site, || format!("http://{}", text(headers, &HOST)));
        let context =
            RequestContext::from_request(site, self.database.client(), text(headers, &COOKIE));
        let head = head_of(&request);
        let whole = async {
            let (parts, body) = answer(&self.router, request, context.clone())
                .await
                .into_parts();
            // A reader who takes a streamed body slowly would keep its connection from others: memory is cheaper.
            let body = body.collect().await?.to_bytes();
            Ok::<_, axum::Error>(Response::from_parts(parts, Body::from(body)))
        };
        let error = match timeout(ANSWERS, AssertUnwindSafe(whole).catch_unwind()).await {
            Ok(Ok(Ok(response))) => return Ok(response),
            Ok(Ok(Err(error))) => return Err(io::Error::other(error)),
            // The panic itself is in the log already.
            Ok(Err(_)) => AppError::internal(&"a handler panicked"),
            Err(_) => AppError::Unavailable {
                reason: format!("This took longer than {} s.", ANSWERS.as_secs()),
            },
        };
        context.close();
        Ok(answer_failure(&head, error, &context).await)
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

/// The request with its whole body, as far as it may have one. A body that is too large is not read, and its length is
/// told: `server::answer` refuses it by that.
async fn arrived<B>(request: Request<B>) -> io::Result<Request<Body>>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut arrived = head_of(&request);
    let told = request.headers().get(CONTENT_LENGTH);
    let told = told.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    if request.method().is_safe() || told.is_some_and(|length| length > LARGEST_BODY) {
        return Ok(arrived);
    }
    let body = Limited::new(request.into_body(), LARGEST_BODY).collect();
    let late = || {
        io::Error::new(
            io::ErrorKind::TimedOut,
            "the request took too long to arrive",
        )
    };
    match timeout(ARRIVES, body).await.map_err(|_| late())? {
        Ok(body) => *arrived.body_mut() = Body::from(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let length = HeaderValue::from(LARGEST_BODY + 1);
            arrived.headers_mut().insert(CONTENT_LENGTH, length);
        }
        Err(error) => return Err(io::Error::other(error)),
    }
    Ok(arrived)
}
