//! Tokens: for whom a request is made that has `Authorization: Bearer wpt_…` (RFC 6750), and what it may do.
//!
//! Every address below `/api/v1/` reads the header, so that whoever sends a token that is not good is told so. A session's cookie
//! is not looked at: what a browser sends by itself opens nothing here.

use accounts::ApiToken;
use accounts::policy::{self, Action, Actor, Relation, Scopes};
use app::context::RequestContext;
use app::visitor::Limit;
use app::{AppError, Problem, site};
use axum::Extension;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use db::queries::api_tokens::{self, TokenRow};
use domain::Timestamp;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CACHE_CONTROL, VARY, WWW_AUTHENTICATE};
use http::request::Parts;

use crate::accounts::{count, count_write};

/// The error codes that are also those of RFC 6750.
const INVALID_TOKEN: &str = "invalid_token";
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

/// The user for whom a request is made, and what their token allows.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) token: TokenRow,
    pub(super) scopes: Scopes,
}

impl Caller {
    /// Asks the policy whether the caller may do this, and whether their token may be used for it.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] to a role that may not do it, or where no token is enough; [`AppError::InsufficientScope`].
    pub(super) fn may(&self, action: Action, relation: Relation) -> Result<(), AppError> {
        if !policy::may(Actor::Member(self.token.role), action, relation) {
            return Err(AppError::Forbidden);
        }
        if policy::token_may(self.scopes, action, relation) {
            return Ok(());
        }
        Err(match policy::least_scope(action, relation) {
            Some(scope) => AppError::InsufficientScope { scope },
            None => AppError::Forbidden,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| {
            Problem::new(
                401,
                "unauthenticated",
                "A token is needed",
                "This needs a token, in the header `Authorization: Bearer wpt_…`. Make one in the settings of your account.",
            )
        })
    }
}

/// Finds the caller by their token before a handler is called. What is answered to a caller is stored by nobody.
pub(super) async fn authenticate(
    Extension(context): Extension<RequestContext>,
    mut request: Request,
    next: Next,
) -> Response {
    let authorization = request.headers().get(AUTHORIZATION).cloned();
    let has_token = authorization.is_some();
    let is_write = !request.method().is_safe();
    let mut response = match caller(&context, authorization, is_write).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    let challenge = response.extensions().get().and_then(challenge);
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Authorization"));
    if has_token {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The caller of a request; none for one without a token. What they change is counted.
async fn caller(
    context: &RequestContext,
    authorization: Option<HeaderValue>,
    is_write: bool,
) -> Result<Option<Caller>, Problem> {
    let Some(authorization) = authorization else {
        return Ok(None);
    };
    if let Some(token) = find(context, &authorization).await? {
        if is_write {
            count_write(context, token.user_id).await?;
        }
        let scopes = Scopes::parse(&token.scopes);
        return Ok(Some(Caller { token, scopes }));
    }
    count(context, Limit::Token).await?;
    Err(Problem::new(
        401,
        INVALID_TOKEN,
        "This token is not good",
        "The token is not one of this site, was revoked or has expired, or its owner may not sign in.",
    ))
}

/// The token in the header. One of another form, or with a slip, costs no statement.
async fn find(
    context: &RequestContext,
    authorization: &HeaderValue,
) -> Result<Option<TokenRow>, AppError> {
    let text = authorization.to_str().ok();
    let credentials = text.and_then(|text| text.split_once(' '));
    let bearer = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some(token) = bearer.and_then(|(_, token)| ApiToken::parse(token.trim())) else {
        return Ok(None);
    };
    let (db, now) = (context.db()?, Timestamp::now());
    // A program keeps no cookie by which it would see its own writes, and a revoked token is of no use from now on.
    db.require_strong_reads();
    let found = api_tokens::find(&db, &token.hash(), now).await?;
    if let Some(token) = found.as_ref().filter(|token| token.is_note_due(now))
        && let Err(error) = api_tokens::note_used(&db, token.id, now).await
    {
        // The next request notes it.
        log::warn!("the use of a token was not noted: {error}");
    }
    Ok(found)
}

/// The value of `WWW-Authenticate` for a problem that another token would solve.
fn challenge(problem: &Problem) -> Option<HeaderValue> {
    let error = match (problem.status, problem.code.as_str()) {
        (_, code @ (INVALID_TOKEN | INSUFFICIENT_SCOPE)) => format!(", error=\"{code}\""),
        (401, _) => String::new(),
        _ => return None,
    };
    HeaderValue::try_from(format!("Bearer realm=\"{}\"{error}", site::NAME)).ok()
}
