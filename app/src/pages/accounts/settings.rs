//! `/settings`: the account of the person who is signed in, and their sessions.

use ::accounts::policy::{Action, Actor, Relation, may};
use db::queries::accounts;
use db::queries::sessions::{self, ListedSession};
use domain::{SessionId, Timestamp};
use leptos::either::Either;
use leptos::prelude::*;

use super::code::has_mail;
use super::{Done, PageHead, signed_in};
use crate::browser::browser;
use crate::components::Day;
use crate::failure::inert;
use crate::pages::{PageHtml, page};
use crate::{AppError, context};

const HEAD: PageHead = PageHead {
    title: "Account",
    description: "Your account and your sessions.",
    path: "/settings",
};

pub(crate) fn settings_page() -> PageHtml {
    page(async {
        let session = match signed_in(HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let db = context::db()?;
        let all = sessions::list(&db, session.user_id, Timestamp::now()).await?;
        let account = accounts::find(&db, session.user_id).await?;
        let account = account.ok_or(AppError::Unauthenticated)?;
        let is_unverified = account.email_verified_at.is_none() && has_mail();
        let profile = format!("/users/{}", session.handle);
        let may = |action| may(Actor::Member(session.role), action, Relation::Own);
        Ok(HEAD.with(view! {
            <p class="lead">"You are "<bdi>{session.name}</bdi>", at "<a href=profile.clone()>{profile.clone()}</a>"."</p>
            <Done sentence=done(&context::query("changed"))/>
            <ul class="ways">
                <Way to="/settings/profile" name="Profile">"Your name, a text about you, and links to your pages elsewhere"</Way>
                <Way to="/settings/handle" name="Handle"><bdi>{session.handle}</bdi></Way>
                <Way to="/settings/email" name="E-mail address">
                    <bdi>{account.email}</bdi>
                    {is_unverified.then(|| view! { ", which is not confirmed yet. "<a href="/verify">"Confirm your address"</a> })}
                </Way>
                {may(Action::Invite).then(|| view! {
                    <Way to="/settings/invites" name="Invites">"Invite somebody to the site"</Way>
                })}
                {may(Action::SeePeople).then(|| view! {
                    <Way to="/admin" name="Administration">"People and their rights, invites, and what happened"</Way>
                })}
            </ul>
            <h2 class="section">"Security"</h2>
            <ul class="ways">
                <Way to="/settings/passkeys" name="Passkeys">"Sign in with your device, without a password"</Way>
                <Way to="/settings/password" name="Password">"Another one signs out every other browser"</Way>
                <Way to="/settings/tokens" name="API tokens">"For programs that use the site for you"</Way>
                <Way to="/settings/events" name="Events">"What happened to your account in the last 90 days"</Way>
            </ul>
            <h2 class="section" id="sessions">"Sessions"</h2>
            <p>"The browsers in which you are signed in."</p>
            <ul class="sessions">
                {all.into_iter().map(|one| view! { <SessionItem one current=session.id/> }).collect_view()}
            </ul>
            <p class="beside"><a href="/logout">"Sign out"</a></p>
            <h2 class="section">"Your data"</h2>
            <ul class="ways">
                <Way to="/settings/data" name="Download">"Everything that the site has of you, in one file"</Way>
                <Way to="/settings/delete" name="Delete your account">"For good, after 14 days in which you can change your mind"</Way>
            </ul>
        }))
    })
}

/// A part of the settings: its name, and what is there.
#[component]
fn Way(to: &'static str, name: &'static str, children: Children) -> impl IntoView {
    view! {
        <li>
            <a href=to>{name}</a>
            <p>{children()}</p>
        </li>
    }
}

/// A sentence about what was changed before this page was shown.
fn done(changed: &str) -> Option<&'static str> {
    Some(match changed {
        "profile" => "Your profile was saved. Readers see it at once.",
        "handle" => "Your handle was changed. The old address leads to the new one.",
        "email" => "Your e-mail address was changed and is confirmed.",
        "password" => "Your password was changed. Every other browser was signed out.",
        "reset" => {
            "Your new password is set, and you are signed in. Every other browser was signed out."
        }
        "session" => "The session was ended: that browser is signed out.",
        "verified" => "Your e-mail address is confirmed.",
        _ => return None,
    })
}

/// One browser, and the form that ends its session.
#[component]
fn SessionItem(one: ListedSession, current: SessionId) -> impl IntoView {
    let browser = browser(&one.user_agent);
    let label = format!(
        "End the session of {browser} since {}",
        one.created_at.day()
    );
    let end = if one.id == current {
        Either::Left(view! { <p class="meta">"This browser"</p> })
    } else {
        Either::Right(view! {
            <form method="post" action="/settings/sessions/end">
                <input type="hidden" name="session" value=one.id.to_string()/>
                <button class="button" aria-label=label>"End"</button>
            </form>
        })
    };
    view! {
        <li>
            <p><bdi>{browser}</bdi></p>
            <p class="meta">
                <span>"Signed in "<Day at=one.created_at/></span>
                <span>"last used "<Day at=one.last_seen_at/></span>
            </p>
            {end}
        </li>
    }
}
