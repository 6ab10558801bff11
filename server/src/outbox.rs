//! `/dev/outbox`: the mails that a site in development has sent to nobody. Neither in a release nor on a site in production.

use app::context::RequestContext;
use app::mail::outbox;
use app::{AppError, Problem};
use axum::Extension;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// The addresses of the outbox; none where this build has none.
pub(crate) fn routes() -> impl Iterator<Item = (&'static str, MethodRouter)> {
    let all = [
        ("/dev/outbox", get(list)),
        ("/dev/outbox/{number}", get(one)),
    ];
    all.into_iter().filter(|_| outbox::IS_BUILT)
}

async fn list(Extension(context): Extension<RequestContext>) -> Result<Response, Problem> {
    Ok(document(&context, outbox::list)?)
}

async fn one(
    Extension(context): Extension<RequestContext>,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let mail = number.parse().ok().and_then(outbox::html);
    let mail = mail.ok_or(AppError::NotFound)?;
    Ok(document(&context, || mail)?)
}

/// A mail has its styles inline, which no page of the site may.
fn document(context: &RequestContext, html: impl FnOnce() -> String) -> Result<Response, AppError> {
    if !context.site().shows_timing {
        return Err(AppError::NotFound);
    }
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "private, no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    ];
    Ok((headers, html()).into_response())
}
