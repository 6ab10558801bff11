//! The parts that the handlers share: the visitor's attempts, the answer to a form that was taken or not, and the beginning of a session.

use std::net::Ipv6Addr;

use accounts::{NoRandomness, Token};
use app::AppError;
use app::browser::browser;
use app::context::RequestContext;
use app::form::FormState;
use app::redirects::of_this_site;
use app::visitor::Limit;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use db::queries::events::Origin;
use db::queries::sessions::{self, SessionRow};
use db::schema::tables::{Event, Session};
use domain::lifetimes::SESSION_TTL;
use domain::{EventId, EventKind, Search, SessionId, Timestamp, UserId};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderValue, Request};

use super::{cookie, known};
use crate::fields::Fields;
use crate::render::render;

/// The page to go on to, if the form names none.
const SETTINGS: &str = "/settings";
/// The most characters of a browser's name that are kept.
const MAX_USER_AGENT: usize = 300;
/// The most characters of a browser's name for people.
const MAX_BROWSER: usize = 200;
/// The sentence for people where attempts cannot be counted; the log has the cause.
const UNCOUNTED: &str = "The site cannot count attempts at the moment, and so nobody can sign in or up. Please try again later.";
/// The sentence for people where their changes cannot be counted.
const UNCOUNTED_WRITES: &str =
    "The site cannot count changes at the moment, and so takes none. Please try again later.";
/// The seconds after which a limited attempt may be made again.
const RETRY_AFTER: u32 = 60;

/// The answer to a form that was taken; of another, what is wrong with it.
pub(super) type Taken = Result<Response, FormState>;

/// Counts an attempt by the network of this visitor.
///
/// # Errors
/// [`AppError::TooMany`] where it is one too many.
pub(crate) async fn count(context: &RequestContext, limit: Limit) -> Result<(), AppError> {
    let address = context
        .visitor()
        .and_then(|visitor| visitor.address.as_deref());
    match address {
        Some(address) => count_key(context, limit, &format!("address {}", network(address))).await,
        None => Ok(()),
    }
}

/// Counts an attempt on an account, wherever it comes from: on `user`, by whichever name they were called, or on nobody, by the name that
/// was `typed`. A browser in which `user` has signed in before is counted by itself, so that strangers who try too often do not keep
/// the owner out.
///
/// # Errors
/// [`AppError::TooMany`] where it is one too many.
pub(super) async fn count_account(
    context: &RequestContext,
    limit: Limit,
    typed: &str,
    user: Option<UserId>,
) -> Result<(), AppError> {
    let key = match user {
        Some(id) if known::is_known(context, id) => format!("known {id}"),
        Some(id) => format!("account {id}"),
        // However long it is, the key is not.
        None => format!("nobody {}", webauthn::hash(typed.as_bytes())),
    };
    count_key(context, limit, &key).await
}

/// Counts a change that `user` makes, in a browser or by a token: forms and the API have one counter.
///
/// # Errors
/// [`AppError::TooMany`] where it is one too many.
pub(crate) async fn count_write(context: &RequestContext, user: UserId) -> Result<(), AppError> {
    count_key(context, Limit::Write, &format!("user {user}")).await
}

/// Counts an attempt on what `key` names.
///
/// # Errors
/// [`AppError::TooMany`] where it is one too many.
pub(super) async fn count_key(
    context: &RequestContext,
    limit: Limit,
    key: &str,
) -> Result<(), AppError> {
    let Some(visitor) = context.visitor() else {
        return Ok(());
    };
    let is_allowed = visitor.limiter.allows(limit, key).await.map_err(|cause| {
        log::error!("{cause}");
        AppError::Unavailable {
            reason: match limit {
                Limit::Write => UNCOUNTED_WRITES,
                Limit::SignIn | Limit::SignUp | Limit::Code | Limit::Token => UNCOUNTED,
            }
            .to_owned(),
        }
    })?;
    match is_allowed {
        true => Ok(()),
        false => Err(AppError::TooMany {
            retry_after: RETRY_AFTER,
        }),
    }
}

/// The network whose attempts count together: an address of IPv4, or the first half of one of IPv6, which is what one subscriber
/// has (RFC 6177).
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(long) if long.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = long.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Ok(_) | Err(_) => address.to_owned(),
    }
}

/// The place that an event comes from, with the session in which it is done.
pub(crate) fn origin(context: &RequestContext, session: Option<(UserId, SessionId)>) -> Origin<'_> {
    Origin {
        actor: session.map(|(user, _)| user),
        session: session.map(|(_, id)| id),
        address: context
            .visitor()
            .and_then(|visitor| visitor.address.as_deref()),
    }
}

/// An event about the account of the person who is signed in.
pub(super) fn event(kind: EventKind, context: &RequestContext, session: &SessionRow) -> Event {
    let origin = origin(context, Some((session.user_id, session.id)));
    Event::new(kind, Some(session.user_id), origin, Timestamp::now())
}

/// Begins a session in this browser. None if the user may not sign in.
///
/// # Errors
/// Any error of the database; [`AppError::Internal`] without random bytes.
pub(super) async fn begin_session(
    context: &RequestContext,
    user_id: UserId,
) -> Result<Option<HeaderValue>, AppError> {
    begin(context, user_id, EventId::new(), None).await
}

/// Begins a session of who knows the password of this hash. None if the user may not sign in, or has another one by now.
///
/// # Errors
/// Those of [`begin_session`].
pub(super) async fn begin_session_by(
    context: &RequestContext,
    user_id: UserId,
    password_hash: &str,
) -> Result<Option<HeaderValue>, AppError> {
    begin(context, user_id, EventId::new(), Some(password_hash)).await
}

/// Begins a session, of which the event with this id tells. None if the user may not sign in.
///
/// # Errors
/// [`AppError::Conflict`] if there is such an event. Those of [`begin_session`].
pub(super) async fn begin_session_as(
    context: &RequestContext,
    user_id: UserId,
    event_id: EventId,
) -> Result<Option<HeaderValue>, AppError> {
    begin(context, user_id, event_id, None).await
}

async fn begin(
    context: &RequestContext,
    user_id: UserId,
    event_id: EventId,
    password_hash: Option<&str>,
) -> Result<Option<HeaderValue>, AppError> {
    let token = Token::new().map_err(|error: NoRandomness| AppError::internal(&error))?;
    let now = Timestamp::now();
    let public_id = SessionId::new();
    let user_agent = context.visitor().map_or("", |visitor| &visitor.user_agent);
    let session = Session {
        id: token.hash(),
        user_id,
        created_at: now,
        expires_at: now + SESSION_TTL,
        user_agent: user_agent.chars().take(MAX_USER_AGENT).collect(),
        public_id: Some(public_id),
        last_seen_at: Some(now),
        confirmed_at: Some(now),
    };
    let origin = origin(context, Some((user_id, public_id)));
    let browser = browser(user_agent)
        .chars()
        .take(MAX_BROWSER)
        .collect::<String>();
    let event = Event {
        id: event_id,
        ..Event::new(EventKind::SignedIn, Some(user_id), origin, now)
    };
    let event = event.with_detail(browser);
    let previous = context.session_hash();
    let db = context.db()?;
    let is_begun =
        sessions::create(&db, &session, previous.as_deref(), password_hash, &event).await?;
    Ok(cookie::set(&token).filter(|_| is_begun))
}

/// The words of a profile for the full-text index.
pub(crate) fn search_words(handle: &str, name: &str, bio: &str) -> String {
    Search::index(&format!("{handle} {name} {bio}"))
}

/// Leads on (303), with this cookie.
pub(super) fn go_on(to: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(to).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Some(cookie) = cookie {
        let hint = cookie::hint(&cookie);
        headers.append(SET_COOKIE, cookie);
        headers.extend(hint.map(|hint| (SET_COOKIE, hint)));
    }
    response
}

/// The address that the form names to go on to.
pub(super) fn next(fields: &Fields) -> &str {
    of_this_site(fields.get("next")).unwrap_or(SETTINGS)
}

/// The answer to a form that was taken, or not, or could not be taken now. In the last two cases it is the page of the form at `path`.
pub(super) async fn answered(
    context: &RequestContext,
    path: &str,
    fields: &Fields,
    outcome: Result<Taken, AppError>,
) -> Response {
    match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(state)) => show_again(context, path, state).await,
        Err(error) => show_again(context, path, fields.state().failed(error.into())).await,
    }
}

/// The page of a form, with the state of one that was sent.
pub(super) async fn show_again(context: &RequestContext, path: &str, state: FormState) -> Response {
    let mut request = Request::new(Body::empty());
    // A path of the site is one.
    *request.uri_mut() = path.parse().unwrap_or_default();
    request.extensions_mut().insert(context.clone());
    request.extensions_mut().insert(state);
    render(request).await
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn one_subscriber_is_one_network() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
            ("2001:db8:1:2::ffff", "2001:db8:1:2"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(network(address), expected);
        }
    }
}
