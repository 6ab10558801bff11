//! Making an account, whether a form or the API asks for it: its rules, and who may make one.
//!
//! Whoever asks brings the id of the account, so that one who asks twice gets one account.

use accounts::password::{self, Verdict};
use app::context::RequestContext;
use app::visitor::Limit;
use app::{AppError, site};
use db::DbError;
use db::queries::accounts::{self as stored, Creation};
use db::queries::invites::OpenInvite;
use db::queries::sign_in::{self, Login};
use db::schema::tables::{Event, User};
use domain::lifetimes::ACCOUNT_REPEAT_WINDOW;
use domain::{DisplayName, Email, EventKind, Handle, NewPassword, Role, Timestamp, UserId};

use super::visit::{count_account, origin, search_words};

/// The sentence about a handle that nobody else may take.
pub(super) const TAKEN: &str = "Somebody has this handle already.";
/// The sentence about an address that has an account.
const HAS_ACCOUNT: &str = "There is an account with this address already: sign in.";

/// An account to be made, as the rules have it.
pub(crate) struct NewAccount {
    pub(crate) id: UserId,
    pub(crate) handle: Handle,
    pub(crate) email: Email,
    name: DisplayName,
    password: NewPassword,
}

/// The part of an account that nobody types.
pub(crate) struct Terms<'a> {
    pub(crate) role: Role,
    /// The hash of the token of the invite that is used up.
    pub(crate) invite: Option<&'a str>,
    /// The address is known to be the person's.
    pub(crate) is_verified: bool,
    /// The way by which the account is made, for the event.
    pub(crate) detail: String,
}

impl<'a> Terms<'a> {
    /// Those of everybody who signs up.
    pub(crate) const OPEN: Self = Self {
        role: Role::Reader,
        invite: None,
        is_verified: false,
        detail: String::new(),
    };

    /// Those of an invite, whose token has this hash. Who invites may have fewer rights by now.
    pub(crate) fn of_invite(invite: &OpenInvite, hash: &'a str) -> Self {
        Self {
            role: invite.role.min(invite.inviter_role),
            invite: Some(hash),
            // Not by whom: that goes when they go. The list of invites knows.
            detail: "by an invite".to_owned(),
            ..Self::OPEN
        }
    }
}

/// The outcome of making an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there, made now or when it was asked for before.
    Made,
    /// Somebody else has what this field says; with a sentence.
    Taken(&'static str, &'static str),
    /// The id made another account before.
    IdUsed,
    /// The invite is not good.
    NoInvite,
}

impl NewAccount {
    /// Takes what was typed, by the names of fields. Else a sentence for each field that is not right, in the order of the form.
    pub(crate) fn parse<'a>(
        id: UserId,
        typed: impl Fn(&str) -> &'a str,
    ) -> Result<Self, Vec<(&'static str, &'static str)>> {
        let mut refused = Vec::new();
        let mut keep = |field, why| refused.push((field, why));
        let handle = Handle::claim(typed("handle").trim(), site::NAME);
        let handle = handle.map_err(|why| keep("handle", why.0)).ok();
        let name = DisplayName::parse(typed("name"));
        let name = name.map_err(|why| keep("name", why.0)).ok();
        let email = Email::parse(typed("email").trim());
        let email = email.map_err(|why| keep("email", why.0)).ok();
        let own = ["handle", "name", "email"].map(&typed);
        let own: Vec<&str> = own.into_iter().chain([site::NAME]).collect();
        let password = NewPassword::parse(typed("password"), &own);
        let password = password.map_err(|why| keep("password", why.0)).ok();
        match (handle, name, email, password) {
            (Some(handle), Some(name), Some(email), Some(password)) => Ok(Self {
                id,
                handle,
                email,
                name,
                password,
            }),
            _ => Err(refused),
        }
    }

    /// Makes the account on these terms.
    ///
    /// # Errors
    /// Any error of the database.
    pub(crate) async fn make(
        &self,
        context: &RequestContext,
        terms: &Terms<'_>,
    ) -> Result<Outcome, AppError> {
        let user = self.user(terms)?;
        let (origin, now) = (origin(context, None), user.created_at);
        let event = Event::new(EventKind::SignedUp, Some(user.id), origin, now);
        let event = event.with_detail(terms.detail.as_str());
        let refused = match stored::create(&context.db()?, &user, terms.invite, &event).await {
            Ok(Creation::Done) => return Ok(Outcome::Made),
            Ok(Creation::HandleKept) => return Ok(Outcome::Taken("handle", TAKEN)),
            Ok(Creation::NoInvite) => Outcome::NoInvite,
            Err(DbError::Unique { column, .. }) if column == "email" => {
                Outcome::Taken("email", HAS_ACCOUNT)
            }
            Err(DbError::Unique { .. }) => Outcome::Taken("handle", TAKEN),
            Err(error) => return Err(error.into()),
        };
        Ok(self.made_before(context).await?.unwrap_or(refused))
    }

    /// The outcome of asking again: the account was made a moment ago with all that was typed, or another is there. None if the id is
    /// nobody's. A password is compared only for a moment, and counted as it is at a sign-in: ids are public.
    ///
    /// # Errors
    /// Any error of the database; [`AppError::TooMany`] by the limit of sign-ins.
    pub(crate) async fn made_before(
        &self,
        context: &RequestContext,
    ) -> Result<Option<Outcome>, AppError> {
        let found = sign_in::find(&context.db()?, Login::User(self.id)).await?;
        let Some(user) = found else {
            return Ok(None);
        };
        if user.created_at + ACCOUNT_REPEAT_WINDOW <= Timestamp::now() {
            return Ok(Some(Outcome::IdUsed));
        }
        count_account(context, Limit::SignIn, user.handle.as_str(), Some(user.id)).await?;
        // Always: how long this takes tells nothing about the rest.
        let has_password = self.has_password(&user.password_hash)?;
        let is_same = user.email == self.email.as_str()
            && user.handle == self.handle.as_str()
            && user.name == self.name.as_str();
        Ok(Some(match is_same && has_password {
            true => Outcome::Made,
            false => Outcome::IdUsed,
        }))
    }

    fn has_password(&self, hash: &str) -> Result<bool, AppError> {
        let verdict = password::verify(self.password.as_password(), Some(hash));
        let verdict = verdict.map_err(|error| AppError::internal(&error))?;
        Ok(verdict != Verdict::Wrong)
    }

    fn user(&self, terms: &Terms<'_>) -> Result<User, AppError> {
        let password_hash = password::hash(self.password.as_password());
        let now = Timestamp::now();
        Ok(User {
            id: self.id,
            handle: self.handle.as_str().to_owned(),
            email: self.email.as_str().to_owned(),
            name: self.name.as_str().to_owned(),
            bio: String::new(),
            role: terms.role,
            password_hash: password_hash.map_err(|error| AppError::internal(&error))?,
            post_count: 0,
            search_text: search_words(self.handle.as_str(), self.name.as_str(), ""),
            created_at: now,
            updated_at: now,
            deleted_at: None,
            email_verified_at: terms.is_verified.then_some(now),
            suspended_at: None,
            suspended_reason: None,
            erase_at: None,
            keeps_posts: false,
            erased_at: None,
        })
    }
}
