//! The visitor, as the platform knows them, and the Worker's rate limits: a binding for each limit.

use std::sync::Arc;

use app::visitor::{Limit, RateLimiter, Visitor};
use axum::body::Body;
use db::BoxFuture;
use http::header::USER_AGENT;
use http::{HeaderName, Request};
use worker::Env;
use worker::send::{SendFuture, SendWrapper};

use super::request::CF_CONNECTING_IP;

/// The other end of this request.
pub(super) fn visitor(request: &Request<Body>, env: &Env) -> Visitor {
    let header = |name: HeaderName| {
        let value = request.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    Visitor {
        address: header(CF_CONNECTING_IP),
        user_agent: header(USER_AGENT).unwrap_or_default(),
        limiter: Arc::new(Bindings(SendWrapper::new(env.clone()))),
    }
}

struct Bindings(SendWrapper<Env>);

/// The name of the binding.
const fn binding(limit: Limit) -> &'static str {
    match limit {
        Limit::SignIn => "SIGN_IN_LIMIT",
        Limit::SignUp => "SIGN_UP_LIMIT",
        Limit::Code => "CODE_LIMIT",
        Limit::Token => "TOKEN_LIMIT",
        Limit::Write => "WRITE_LIMIT",
    }
}

impl RateLimiter for Bindings {
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> BoxFuture<'a, Result<bool, String>> {
        Box::pin(SendFuture::new(async move {
            let name = binding(limit);
            let failed = |error: worker::Error| {
                format!(
                    "The rate limit {name} cannot be asked ({error}): wrangler.jsonc binds it under `ratelimits`."
                )
            };
            let limiter = self.0.rate_limiter(name).map_err(failed)?;
            let outcome = limiter.limit(key.to_owned()).await.map_err(failed)?;
            Ok(outcome.success)
        }))
    }
}
