//! The service that answers requests: a file of the assets, or the response of the router.
//!
//! Owns what the Worker's platform and entry do: the host, timeouts, the failure that a panic is, and the headers that every
//! response has.

use std::io;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use app::AppError;
use app::context::{RequestContext, SiteConfig};
use app::mail::Mailer;
use app::visitor::{RateLimiter, Visitor};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use db::DbError;
use db::clean_up::{self, CleanUp};
use domain::Timestamp;
use futures::FutureExt;
use http::header::{COOKIE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version};
use http_body_util::BodyExt;
use server::{Answer, Rejection, answer_failure, answer_with, constant_headers, origin_at, router};
use tokio::time::timeout;

use crate::assets::Assets;
use crate::config::{Config, Database, with_origin};
use crate::limiter::Limiter;
use crate::{bodies, encoding};

/// The host of a client that names none.
const UNNAMED_HOST: &str = "localhost";
/// The time for a response; the database has shorter timeouts of its own.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

pub struct SiteService {
    router: Router,
    assets: Assets,
    database: Database,
    site: Arc<SiteConfig>,
    headers: HeaderMap,
    limiter: Arc<Limiter>,
    mailer: Option<Arc<dyn Mailer>>,
    client_address_header: Option<HeaderName>,
}

/// Extension of a request: the address that it came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

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
            limiter: Arc::default(),
            mailer: config.mailer(),
            client_address_header: config.client_address_header.clone(),
        })
    }

    /// Answers a request. Its body is read by whoever wants it, and only so far.
    ///
    /// # Errors
    /// When the response's body cannot be made: the connection is of no more use.
    pub async fn respond<B>(&self, request: Request<B>) -> io::Result<Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let origin = origin_of(&request);
        if origin.is_some()
            && let Some(file) = self.assets.find(&request).await
        {
            return Ok(file);
        }
        let mut request = bodies::leavable(request);
        if origin.is_none() {
            request.extensions_mut().insert(Rejection::NoHost);
        }
        let response = self.answer(request, origin.unwrap_or_default()).await?;
        let mut response = encoding::encoded(response)?;
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert(value.clone());
        }
        Ok(response.map(Body::from))
    }

    /// Runs the hourly job once.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn clean_up(&self) -> Result<CleanUp, DbError> {
        let db = self.database.client();
        let done = clean_up::run(&db, Timestamp::now()).await;
        db.close();
        done
    }

    /// The client's address, as the proxy in front says it, or that of the connection.
    fn client_address(&self, request: &Request<Body>) -> Option<String> {
        match &self.client_address_header {
            Some(name) => {
                let value = request.headers().get_all(name).iter().next_back()?;
                let last = value.to_str().ok()?.rsplit(',').next()?.trim();
                Some(last.to_owned())
            }
            None => {
                let peer = request.extensions().get::<Peer>()?;
                Some(peer.0.to_string())
            }
        }
    }

    fn visitor(&self, request: &Request<Body>) -> Visitor {
        let agent = request.headers().get(USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        Visitor {
            address: self.client_address(request),
            user_agent: agent.unwrap_or_default().to_owned(),
            limiter: Arc::clone(&self.limiter) as Arc<dyn RateLimiter>,
        }
    }

    async fn answer(&self, request: Request<Body>, origin: String) -> io::Result<Response<Bytes>> {
        let site = with_origin(&self.site, || origin);
        // Bytes that are no text do not hide the cookies beside them.
        let cookies = request.headers().get(COOKIE);
        let cookies = cookies.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let cookies = cookies.as_deref().unwrap_or_default();
        let context = RequestContext::from_request(site, self.database.client(), cookies)
            .with_visitor(self.visitor(&request))
            .with_mailer(self.mailer.clone());
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
            Ok(Ok(Ok(response))) => return Ok(response),
            Ok(Ok(Err(error))) => return Err(io::Error::other(error)),
            // The panic itself is in the log already.
            Ok(Err(_)) => AppError::internal(&"a handler panicked"),
            Err(_) => AppError::Unavailable {
                reason: format!("This took longer than {} s.", RESPONSE_TIMEOUT.as_secs()),
            },
        };
        context.close();
        Ok(answer_failure(&head, error, &context).await)
    }
}

/// The origin at which the client looks for the site: by the address where that has a host, as a proxy's does, else by the
/// one field `Host` (RFC 9112, 3.2). None for a request that names no host; only those of HTTP/1.0 need not.
fn origin_of<B>(request: &Request<B>) -> Option<String> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() <= Version::HTTP_10 => UNNAMED_HOST,
        (Some(host), None) => host.to_str().ok()?,
        (None, _) | (Some(_), Some(_)) => return None,
    };
    let of_field = origin_at("http", host)?;
    match request.uri().authority() {
        Some(authority) => origin_at("http", authority.as_str()),
        None => Some(of_field),
    }
}

/// The request without its body.
fn head_of<B>(request: &Request<B>) -> Request<Body> {
    let mut head = Request::new(Body::empty());
    request.method().clone_into(head.method_mut());
    request.uri().clone_into(head.uri_mut());
    request.headers().clone_into(head.headers_mut());
    head
}
