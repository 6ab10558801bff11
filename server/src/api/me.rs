//! `/api/v1/me`: the account of the user for whom a token was made.

use std::time::Duration;

use accounts::policy::{Action, Relation};
use app::context::RequestContext;
use app::{AppError, Problem};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use db::queries::accounts::{self as stored, Account, NewProfile};
use db::queries::erasure;
use db::queries::events::Origin;
use db::queries::profile_links::{LinkRow, MAX_LINKS};
use db::schema::tables::Event;
use domain::lifetimes::ERASURE_DELAY;
use domain::{Bio, DisplayName, EventKind, Timestamp};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::auth::Caller;
use super::body::JsonBody;
use super::problems::{PROBLEM_JSON, not_taken};
use super::users::Link;
use crate::accounts::{link_rows, origin, profile_link, search_words, tell_closed};
use crate::answer::{etag_of, names_etag};
use crate::extract::RequestDb;

/// The account of the token's owner.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Me {
    #[schema(format = "uuid")]
    id: String,
    /// The name in addresses.
    handle: String,
    /// The display name.
    name: String,
    /// A short text, plain text.
    bio: String,
    /// The links of the profile, in their order.
    links: Vec<Link>,
    /// `reader`, `author`, `editor` or `admin`.
    role: &'static str,
    /// The e-mail address, which administrators see as well, and nobody else.
    #[schema(format = "email")]
    email: String,
    /// True if the owner has proved that the address is theirs.
    email_verified: bool,
    /// The scopes of the token: `read`, `write`, `admin`.
    scopes: Vec<&'static str>,
    /// When the owner signed up.
    #[schema(format = "date-time")]
    created_at: String,
    /// When the profile last changed.
    #[schema(format = "date-time")]
    updated_at: String,
}

impl Me {
    fn new(account: Account, links: Vec<LinkRow>, caller: &Caller) -> Self {
        Self {
            id: account.id.to_string(),
            handle: account.handle,
            name: account.name,
            bio: account.bio,
            links: links.into_iter().map(Link::from).collect(),
            role: account.role.as_str(),
            email: account.email,
            email_verified: account.email_verified_at.is_some(),
            scopes: caller
                .scopes
                .included()
                .map(|scope| scope.as_str())
                .collect(),
            created_at: account.created_at.rfc3339(),
            updated_at: account.updated_at.rfc3339(),
        }
    }
}

/// Get the account of the token's owner.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "me", operation_id = "get_me", security(("token" = ["read"])),
    responses(
        (status = 200, description = "The account.", body = Me, headers(("ETag" = String, description = "What `If-Match` takes."))),
        (status = 304, description = "The account still has the ETag that `If-None-Match` names."),
        (status = 403, description = "The token lacks the scope `read`.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn get(caller: Caller, RequestDb(db): RequestDb) -> Result<Json<Me>, Problem> {
    caller.may(Action::SeeEmail, Relation::Own)?;
    Ok(Json(find(&db, &caller).await?.0))
}

/// The account, and the time of the state in which it is.
async fn find(db: &db::Db, caller: &Caller) -> Result<(Me, Timestamp), AppError> {
    let found = stored::with_links(db, caller.token.user_id).await?;
    // It was erased since the token was found.
    let (account, links) = found.ok_or(AppError::NotFound)?;
    let updated_at = account.updated_at;
    Ok((Me::new(account, links, caller), updated_at))
}

/// The parts of a profile to be changed. A member that is left out stays as it is.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileChange {
    /// The display name, in any script.
    #[schema(min_length = 1, max_length = 80, nullable = false)]
    name: Option<String>,
    /// A short text, plain text.
    #[schema(max_length = 500, nullable = false)]
    bio: Option<String>,
    /// All links of the profile, in their order: at most 8.
    #[schema(max_items = 8, nullable = false)]
    links: Option<Vec<Link>>,
}

/// Change the profile of the token's owner.
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "me", operation_id = "change_me", security(("token" = ["write"])),
    params(("If-Match" = String, Header, description = "The ETag of the account as you have read it, so that no other change is lost.")),
    request_body = ProfileChange,
    responses(
        (status = 200, description = "The account as it is now.", body = Me, headers(("ETag" = String, description = "What `If-Match` takes."))),
        (status = 400, description = "The body is not JSON, or the address is not valid.", body = Problem, content_type = PROBLEM_JSON),
        (status = 403, description = "The token lacks the scope `write`, or another site's page sent this.", body = Problem, content_type = PROBLEM_JSON),
        (status = 412, description = "The account has changed since.", body = Problem, content_type = PROBLEM_JSON),
        (status = 415, description = "The body is not `application/json`.", body = Problem, content_type = PROBLEM_JSON),
        (status = 422, description = "A member is unknown or not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON),
        (status = 428, description = "`If-Match` is missing.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn change(
    caller: Caller,
    RequestDb(db): RequestDb,
    headers: HeaderMap,
    body: Result<JsonBody<ProfileChange>, Problem>,
) -> Result<Response, Problem> {
    caller.may(Action::EditProfile, Relation::Own)?;
    let if_match = headers.get(IF_MATCH).ok_or_else(precondition_required)?;
    let JsonBody(change) = body?;
    let (me, seen) = find(&db, &caller).await?;
    // Weakly: the platform weakens the tag of what it compresses.
    if !names_etag(if_match, &etag(&me)?) {
        return Err(precondition_failed());
    }
    let Changed { name, bio, links } = change.checked(&me).map_err(not_taken)?;
    let id = caller.token.user_id;
    let profile = NewProfile {
        name: &name,
        bio: &bio,
        search_text: &search_words(&me.handle, &name, &bio),
        links: &link_rows(id, links),
    };
    // A later time than the one that was seen, even within its millisecond.
    let now = Timestamp::now().max(seen + Duration::from_millis(1));
    if !stored::set_profile(&db, id, profile, Some(seen), now).await? {
        return Err(precondition_failed());
    }
    let (me, _) = find(&db, &caller).await?;
    Ok(([(ETAG, etag(&me)?)], Json(me)).into_response())
}

/// A profile as it will be.
struct Changed {
    name: String,
    bio: String,
    links: Vec<LinkRow>,
}

impl ProfileChange {
    /// The profile as it will be, or a sentence for each member that is not right. A link's members are `links[0].url`.
    fn checked(self, me: &Me) -> Result<Changed, Vec<(String, &'static str)>> {
        let mut refused = Vec::new();
        let name = match &self.name {
            Some(text) => DisplayName::parse(text).map(String::from),
            None => Ok(me.name.clone()),
        };
        let name = name.map_err(|why| refused.push(("name".to_owned(), why.0)));
        let bio = match &self.bio {
            Some(text) => Bio::parse(text).map(String::from),
            None => Ok(me.bio.clone()),
        };
        let bio = bio.map_err(|why| refused.push(("bio".to_owned(), why.0)));
        let links = match &self.links {
            Some(links) => checked_links(links, &mut refused),
            // They were checked when they were stored.
            None => me.links.iter().map(Link::row).collect(),
        };
        match (name, bio, refused.is_empty()) {
            (Ok(name), Ok(bio), true) => Ok(Changed { name, bio, links }),
            _ => Err(refused),
        }
    }
}

fn checked_links(links: &[Link], refused: &mut Vec<(String, &'static str)>) -> Vec<LinkRow> {
    if links.len() > MAX_LINKS {
        refused.push(("links".to_owned(), "A profile has at most 8 links."));
        return Vec::new();
    }
    let checked = links.iter().enumerate().filter_map(|(place, link)| {
        let mistakes = match profile_link(&link.label, &link.url) {
            Ok(row) => return Some(row),
            Err(mistakes) => mistakes,
        };
        for (member, why) in [("label", mistakes.label), ("url", mistakes.url)] {
            refused.extend(why.map(|why| (format!("links[{place}].{member}"), why)));
        }
        None
    });
    checked.collect()
}

impl Link {
    fn row(&self) -> LinkRow {
        LinkRow {
            label: self.label.clone(),
            url: self.url.clone(),
        }
    }
}

/// The entity tag of the account as it is sent.
fn etag(me: &Me) -> Result<HeaderValue, AppError> {
    let bytes = serde_json::to_vec(me).map_err(|error| AppError::internal(&error))?;
    Ok(etag_of(&bytes))
}

fn precondition_required() -> Problem {
    Problem::new(
        428,
        "precondition_required",
        "Read it first",
        "This needs the header If-Match with the ETag of the account as you have read it.",
    )
}

fn precondition_failed() -> Problem {
    Problem::new(
        412,
        "precondition_failed",
        "It has changed",
        "The account has changed since you have read it. Read it again, and then change it.",
    )
}

/// The way in which an account is closed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    /// True to leave posts and comments under the name of a former member, false to erase them.
    keep_posts: bool,
}

/// An erasure to come.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Erasure {
    /// When the account is erased. Until then its owner can sign in and keep it.
    #[schema(format = "date-time")]
    erase_at: String,
}

/// Close the account of the token's owner, and have it erased.
#[utoipa::path(
    delete, path = "/api/v1/me", tag = "me", operation_id = "close_me", security(("token" = ["admin"])),
    request_body = Closing,
    responses(
        (status = 202, description = "The account is closed, its sessions and tokens are of no use, and it will be erased.", body = Erasure),
        (status = 400, description = "The body is not JSON, or the address is not valid.", body = Problem, content_type = PROBLEM_JSON),
        (status = 403, description = "The token lacks the scope `admin`, or another site's page sent this.", body = Problem, content_type = PROBLEM_JSON),
        (status = 409, description = "No administrator would be left.", body = Problem, content_type = PROBLEM_JSON),
        (status = 415, description = "The body is not `application/json`.", body = Problem, content_type = PROBLEM_JSON),
        (status = 422, description = "A member is missing, unknown or not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn close(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    RequestDb(db): RequestDb,
    body: Result<JsonBody<Closing>, Problem>,
) -> Result<(StatusCode, Json<Erasure>), Problem> {
    caller.may(Action::CloseAccount, Relation::Own)?;
    let JsonBody(Closing { keep_posts }) = body?;
    let (id, now) = (caller.token.user_id, Timestamp::now());
    let origin = Origin {
        actor: Some(id),
        ..origin(&context, None)
    };
    let event = Event::new(EventKind::ErasureScheduled, Some(id), origin, now);
    let event = event.with_detail("by an API token");
    if !erasure::schedule(&db, id, keep_posts, &event).await? {
        return Err(Problem::new(
            409,
            "conflict",
            "Somebody must run the site",
            "You are the only administrator. Make somebody else one first.",
        ));
    }
    if let Some(account) = stored::find(&db, id).await? {
        tell_closed(&context, &account, now).await;
    }
    let erase_at = (now + ERASURE_DELAY).rfc3339();
    Ok((StatusCode::ACCEPTED, Json(Erasure { erase_at })))
}
