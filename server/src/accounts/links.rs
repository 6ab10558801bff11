//! `POST /link` and `POST /setup`: one-time links that an operator had printed (`cargo x db admin`).
//!
//! A link is a row of `codes` whose browser is whoever has its token. `/link` is for one address: its user sets a new password, and who
//! has no account makes one, as an administrator. `/setup` is for nobody yet: it makes the first administrator, while there is none.

use accounts::{Token, password};
use app::AppError;
use app::context::RequestContext;
use app::form::FormState;
use app::site;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::Db;
use db::queries::admin;
use db::queries::codes::{self, UsedCode};
use db::queries::sign_in::{self, Login, SignInRow};
use db::schema::tables::Event;
use domain::lifetimes::CODE_REPEAT_WINDOW;
use domain::{CodePurpose, EventKind, NewPassword, Role, Timestamp, UserId};

use super::new_account::{NewAccount, Outcome, TAKEN, Terms};
use super::reset;
use super::sign_up;
use super::visit::{Taken, answered, count, origin};
use crate::fields::Fields;

/// The sentence about a link that cannot be used; it does not tell why.
const VOID: &str = "This link is not right, or it was used, or has expired. Ask the people who run the site for another one.";
const HAS_ADMIN: &str =
    "Somebody is the administrator already. Sign up and ask them for what you need.";
/// The way by which the account is made, for its event.
const DETAIL: &str = "link";

pub(crate) async fn use_link(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_link(&context, &fields, CodePurpose::Link).await;
    answered(&context, "/link", &fields, outcome).await
}

pub(crate) async fn set_up(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_link(&context, &fields, CodePurpose::SetUp).await;
    answered(&context, "/setup", &fields, outcome).await
}

async fn try_link(
    context: &RequestContext,
    fields: &Fields,
    purpose: CodePurpose,
) -> Result<Taken, AppError> {
    count(context, Limit::SignIn).await?;
    let link = match Token::parse(fields.get("token")) {
        Some(token) => Link::find(context.db()?, purpose, token.hash()).await?,
        None => None,
    };
    let Some(link) = link else {
        return reset::repeated(context, fields, fields.state().refused(VOID)).await;
    };
    match (purpose, link.row.user_id) {
        (CodePurpose::SetUp, _) => make_first(context, fields, &link).await,
        (_, Some(id)) => set_password(context, fields, &link, id).await,
        (_, None) => make_admin(context, fields, &link).await,
    }
}

/// A link that can be used, or was used a moment ago, by a form that is sent again.
struct Link {
    db: Db,
    purpose: CodePurpose,
    hash: String,
    row: UsedCode,
}

impl Link {
    async fn find(db: Db, purpose: CodePurpose, hash: String) -> Result<Option<Self>, AppError> {
        let now = Timestamp::now();
        let open = codes::asked(&db, purpose, &hash, now).await?;
        let row = match open.filter(|code| code.is_usable(now)) {
            Some(code) => Some(UsedCode {
                id: code.id,
                user_id: code.user_id,
                email: code.email,
            }),
            None => {
                let since = now - CODE_REPEAT_WINDOW;
                codes::used_since(&db, purpose, &hash, &hash, since).await?
            }
        };
        Ok(row.map(|row| Self {
            db,
            purpose,
            hash,
            row,
        }))
    }

    /// Uses it up. False if a form that was sent before has done so.
    async fn take(&self) -> Result<bool, AppError> {
        let (hash, now) = (&self.hash, Timestamp::now());
        let taken = codes::take(&self.db, self.purpose, hash, hash, now).await?;
        Ok(taken.is_some())
    }

    async fn give_back(&self) -> Result<(), AppError> {
        Ok(codes::give_back(&self.db, self.row.id).await?)
    }
}

/// Sets a new password for the user of a link.
async fn set_password(
    context: &RequestContext,
    fields: &Fields,
    link: &Link,
    id: UserId,
) -> Result<Taken, AppError> {
    let Some(user) = sign_in::find(&link.db, Login::User(id)).await? else {
        return Ok(Err(fields.state().refused(VOID)));
    };
    let hash = match new_password(fields, &user) {
        Ok(password) => password::hash(password.as_password()),
        Err(state) => return Ok(Err(state)),
    };
    let hash = hash.map_err(|error| AppError::internal(&error))?;
    link.take().await?;
    reset::set_password(context, fields, &link.row, &user, &hash).await
}

fn new_password(fields: &Fields, user: &SignInRow) -> Result<NewPassword, FormState> {
    let own = [&user.handle, &user.name, &user.email].map(String::as_str);
    let own: Vec<&str> = own.into_iter().chain([site::NAME]).collect();
    NewPassword::parse(fields.get("password"), &own)
        .map_err(|why| fields.refused("password", why.0))
}

/// Makes an account with the address of a link, as an administrator: the operator who had it printed wants one.
async fn make_admin(
    context: &RequestContext,
    fields: &Fields,
    link: &Link,
) -> Result<Taken, AppError> {
    let fields = fields.with("email", &link.row.email);
    let typed = match sign_up::parse(&fields) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    let terms = Terms {
        role: Role::Admin,
        is_verified: true,
        detail: DETAIL.to_owned(),
        ..Terms::OPEN
    };
    make(context, &fields, link, typed, &terms).await
}

/// Makes an account, and an administrator of it if there is none.
async fn make_first(
    context: &RequestContext,
    fields: &Fields,
    link: &Link,
) -> Result<Taken, AppError> {
    let typed = match sign_up::parse(fields) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    let id = typed.id;
    if admin::has_admin(&link.db).await? && typed.made_before(context).await? != Some(Outcome::Made)
    {
        return Ok(Err(fields.state().refused(HAS_ADMIN)));
    }
    let terms = Terms {
        detail: DETAIL.to_owned(),
        ..Terms::OPEN
    };
    let made = make(context, fields, link, typed, &terms).await?;
    if made.is_ok() && !claim(context, &link.db, id).await? {
        return Ok(Err(fields.state().refused(HAS_ADMIN)));
    }
    Ok(made)
}

/// Makes the user the administrator, if there is none. True if they are.
async fn claim(context: &RequestContext, db: &Db, id: UserId) -> Result<bool, AppError> {
    let (origin, now) = (origin(context, None), Timestamp::now());
    let event = Event::new(EventKind::RoleChanged, Some(id), origin, now);
    let event = event.with_detail(Role::Admin.as_str());
    if admin::claim_admin(db, id, &event).await? {
        return Ok(true);
    }
    // A form that was sent before may have done it.
    let user = sign_in::find(db, Login::User(id)).await?;
    Ok(user.is_some_and(|user| user.role == Role::Admin))
}

/// Makes an account by a link, which is used up if it is made.
async fn make(
    context: &RequestContext,
    fields: &Fields,
    link: &Link,
    typed: NewAccount,
    terms: &Terms<'_>,
) -> Result<Taken, AppError> {
    // Attempts are few, and a handle that somebody has is none.
    let holder = sign_in::find(&link.db, Login::Handle(&typed.handle)).await?;
    if holder.is_some_and(|user| user.id != typed.id) {
        return Ok(Err(fields.refused("handle", TAKEN)));
    }
    let is_first = link.take().await?;
    let made = sign_up::make(context, fields, typed, terms).await;
    if is_first && !matches!(made, Ok(Ok(_))) {
        link.give_back().await?;
    }
    made
}
