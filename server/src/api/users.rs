//! `/api/v1/users`.

use accounts::Token;
use app::context::{Registration, RequestContext};
use app::visitor::Limit;
use app::{AppError, Problem};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use db::queries::handles::HandleLookup;
use db::queries::invites;
use db::queries::profile_links::LinkRow;
use db::queries::users::{self, Profile};
use domain::Timestamp;
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};

use super::body::{IdempotencyKey, JsonBody};
use super::list::{List, ListParams, PageQuery, SearchQuery};
use super::problems::{PROBLEM_JSON, forbidden, not_taken};
use crate::accounts::{NewAccount, Outcome, Terms, count};
use crate::answer::moved;
use crate::extract::{HandlePath, RequestDb};

/// A user's public profile.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct User {
    #[schema(format = "uuid")]
    id: String,
    /// The user's name in addresses.
    handle: String,
    /// The user's display name.
    name: String,
    /// A short text about the user, plain text.
    bio: String,
    /// `reader`, `author`, `editor` or `admin`.
    role: &'static str,
    /// The number of public posts.
    post_count: i64,
    /// When the user signed up.
    #[schema(format = "date-time")]
    created_at: String,
    /// The links of the profile, in their order. Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    links: Option<Vec<Link>>,
}

impl From<Profile> for User {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id.to_string(),
            handle: profile.handle,
            name: profile.name,
            bio: profile.bio,
            role: profile.role.as_str(),
            post_count: profile.post_count,
            created_at: profile.created_at.rfc3339(),
            links: None,
        }
    }
}

impl User {
    fn with_links(self, links: Vec<LinkRow>) -> Self {
        Self {
            links: Some(links.into_iter().map(Link::from).collect()),
            ..self
        }
    }
}

/// A link of a profile.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    /// The text of the link. Where it is empty, the host of the address is stored.
    #[serde(default)]
    #[schema(max_length = 80)]
    pub(super) label: String,
    /// An address over HTTPS, at a host that has a name.
    #[schema(format = "uri", max_length = 500)]
    pub(super) url: String,
}

impl From<LinkRow> for Link {
    fn from(LinkRow { label, url }: LinkRow) -> Self {
        Self { label, url }
    }
}

/// List users, newest first.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users", operation_id = "list_users", params(PageQuery, SearchQuery),
    responses(
        (status = 200, description = "A page of users.", body = List<User>),
        (status = 304, description = "The page still has the ETag that `If-None-Match` names."),
        (status = 400, description = "A parameter is not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn list(
    ListParams { search, page }: ListParams,
    RequestDb(db): RequestDb,
) -> Result<Json<List<User>>, Problem> {
    let users = users::list(&db, &search, &page).await?;
    Ok(Json(users.into()))
}

/// Get a user by handle.
#[utoipa::path(
    get, path = "/api/v1/users/{handle}", tag = "users", operation_id = "get_user", params(HandlePath),
    responses(
        (status = 200, description = "The user.", body = User),
        (
            status = 301, description = "The user has another handle now.",
            headers(("Location" = String, description = "The user's present address."))
        ),
        (status = 304, description = "The user still has the ETag that `If-None-Match` names."),
        (status = 404, description = "No user has this handle.", body = Problem, content_type = PROBLEM_JSON),
        (status = 410, description = "The user's account is closed.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn find(
    HandlePath { handle }: HandlePath,
    RequestDb(db): RequestDb,
) -> Result<Response, Problem> {
    match users::look_up(&db, &handle).await? {
        HandleLookup::User((profile, links)) => {
            Ok(Json(User::from(profile).with_links(links)).into_response())
        }
        HandleLookup::Moved(present) => Ok(moved(format!("/api/v1/users/{present}"))),
        HandleLookup::Gone => Err(AppError::Gone.into()),
        HandleLookup::Nothing => Err(AppError::NotFound.into()),
    }
}

/// An account to be made.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// The name in addresses.
    #[schema(
        required,
        example = "ada-lovelace",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        min_length = 2,
        max_length = 30
    )]
    #[serde(default)]
    handle: String,
    /// The display name, in any script.
    #[serde(default)]
    #[schema(required, example = "Ada Lovelace", min_length = 1, max_length = 80)]
    name: String,
    /// Shown to its owner and to administrators only.
    #[serde(default)]
    #[schema(
        required,
        format = "email",
        example = "ada@example.org",
        max_length = 254
    )]
    email: String,
    /// Neither among the most common ones nor made of the names above.
    #[serde(default)]
    #[schema(
        required,
        write_only,
        format = "password",
        example = "river paper seven lamps",
        min_length = 10,
        max_length = 1024
    )]
    password: String,
    /// The token of an invite, where only who is invited can sign up.
    #[serde(default)]
    invite: String,
}

/// Make an account.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "users", operation_id = "create_user", params(IdempotencyKey), request_body = NewUser,
    responses(
        (
            status = 201, description = "The account was made, now or when the request was sent before.", body = User,
            headers(("Location" = String, description = "The address of the user."))
        ),
        (status = 400, description = "The body is not JSON, or the address or the key is not valid.", body = Problem, content_type = PROBLEM_JSON),
        (status = 403, description = "Nobody can sign up, or only by an invite; or another site's page sent this.", body = Problem, content_type = PROBLEM_JSON),
        (status = 409, description = "Somebody has this handle or this address; `fields` says which.", body = Problem, content_type = PROBLEM_JSON),
        (status = 415, description = "The body is not `application/json`.", body = Problem, content_type = PROBLEM_JSON),
        (status = 422, description = "A member is unknown or not valid, or the key was used for another account; `fields` says which.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn create(
    Extension(context): Extension<RequestContext>,
    RequestDb(db): RequestDb,
    key: Result<IdempotencyKey, Problem>,
    body: Result<JsonBody<NewUser>, Problem>,
) -> Result<Response, Problem> {
    let registration = context.site().registration;
    if registration == Registration::Closed {
        return Err(forbidden("Nobody can sign up here at the moment."));
    }
    let (IdempotencyKey { id }, JsonBody(new)) = (key?, body?);
    let account = NewAccount::parse(id, |field| new.text(field)).map_err(not_taken)?;
    count(&context, Limit::SignUp).await?;
    let outcome = match registration {
        Registration::Invite => make_by_invite(&context, &account, &new.invite).await?,
        Registration::Open | Registration::Closed => account.make(&context, &Terms::OPEN).await?,
    };
    match outcome {
        Outcome::Made => {}
        Outcome::Taken(field, why) => return Err(conflict(field, why)),
        Outcome::IdUsed => {
            let why = "This key was used for another account.";
            return Err(not_taken([("Idempotency-Key", why)]));
        }
        Outcome::NoInvite => {
            return Err(forbidden(
                "Only who is invited can sign up here, and this invite is not good: it was used, or has expired.",
            ));
        }
    }
    let user = users::find(&db, &account.handle).await?;
    let user = User::from(user.ok_or(AppError::NotFound)?).with_links(Vec::new());
    let location = format!("/api/v1/users/{}", user.handle);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(user)).into_response())
}

/// Makes an account by the token of an invite, which gives it its role.
async fn make_by_invite(
    context: &RequestContext,
    account: &NewAccount,
    token: &str,
) -> Result<Outcome, AppError> {
    let (db, hash) = (context.db()?, Token::parse(token).map(|token| token.hash()));
    let invite = match &hash {
        Some(hash) => invites::find(&db, hash, Timestamp::now()).await?,
        None => None,
    };
    let Some(invite) = invite else {
        // Or it was used when this request was sent before.
        let before = account.made_before(context).await?;
        return Ok(before.unwrap_or(Outcome::NoInvite));
    };
    let terms = Terms::of_invite(&invite, hash.as_deref().unwrap_or_default());
    account.make(context, &terms).await
}

impl NewUser {
    /// The text of a field, by its name.
    fn text(&self, field: &str) -> &str {
        match field {
            "handle" => &self.handle,
            "name" => &self.name,
            "email" => &self.email,
            "password" => &self.password,
            _ => "",
        }
    }
}

/// The problem of a field whose value somebody else has.
fn conflict(field: &str, why: &str) -> Problem {
    Problem {
        fields: [(field.to_owned(), why.to_owned())].into(),
        ..Problem::new(409, "conflict", "This exists already", why)
    }
}
