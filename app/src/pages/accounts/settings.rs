//! `/settings`: the account of the person who is signed in, and their sessions.

use accounts::policy::{Action, Actor, Relation, may};
use accounts::policy::{self, Action, Actor, Relation};
use db::queries::accounts as stored;
use db::queries::sessions::{self, ListedSession};
use domain::{SessionId, Timestamp};
use leptos::either::Either;
use leptos::prelude::*;

use super::code::has_mail;
use super::{PageHead, signed_in};
use crate::browser::browser;
use crate::components::Day;
use crate::failure::inert;
use crate::pages::{PageHtml, page};
use crate::text::counted;
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
        let account = stored::find(&db, session.user_id).await?;
        let unverified =
            account.filter(|account| account.email_verified_at.is_none() && has_mail());
        let profile = format!("/users/{}", session.handle);
        let actor = Actor::Member(session.role);
        let sees_people = may(actor, Action::SeePeople, Relation::Other);
        Ok(HEAD.with(view! {
            <p class="lead">"You are "<bdi>{session.name}</bdi>", at "<a href=profile.clone()>{profile.clone()}</a>"."</p>
            {done(&context::query("changed"))}
            <ul class="ways">
                <li>
                    <a href="/settings/profile">"Profile"</a>
                    <p>"Your name, a text about you, and links to your pages elsewhere"</p>
                </li>
                <li>
                    <a href="/settings/handle">"Handle"</a>
                    <p><bdi>{session.handle}</bdi></p>
                </li>
                <li>
                    <a href="/settings/email">"E-mail address"</a>
                    <p>
                        <bdi>{account.email}</bdi>
                        {is_unverified.then(|| view! { ", which is not confirmed yet. "<a href="/verify">"Confirm your address"</a> })}
                    </p>
                </li>
                <li>
                    <a href="/settings/password">"Password"</a>
                    <p>"Another one signs out every other browser"</p>
                </li>
                <li>
                    <a href="#sessions">"Sessions"</a>
                    <p>{counted(i64::try_from(all.len()).unwrap_or_default(), "browser is", "browsers are")}" signed in"</p>
                </li>
                <li><a href="/settings/password">"Change your password"</a></li>
                <li><a href="/settings/events">"See what happened to your account"</a></li>
                {sees_people.then(|| view! { <li><a href="/admin">"Administration"</a></li> })}
            </ul>
            <h2 class="section" id="sessions">"Sessions"</h2>
            <p>"The browsers in which you are signed in."</p>
            <ul class="sessions">
                {all.into_iter().map(|one| view! { <SessionItem one current=session.id/> }).collect_view()}
            </ul>
            <p class="beside"><a href="/logout">"Sign out"</a></p>
            <h2 class="section">"Your data"</h2>
            <ul class="ways">
                <li><a href="/settings/data">"Download your data"</a></li>
                <li><a href="/settings/delete">"Delete your account"</a></li>
            </ul>
        }))
    })
}

/// A sentence about what was changed before this page was shown.
fn done(changed: &str) -> Option<impl IntoView + use<>> {
    let sentence = match changed {
        "profile" => "Your profile was saved. Readers see it at once.",
        "handle" => "Your handle was changed. The old address leads to the new one.",
        "email" => "Your e-mail address was changed and is confirmed.",
        "password" => "Your password was changed. Every other browser was signed out.",
        _ => return None,
    };
    Some(view! { <p class="done" role="status">{sentence}</p> })
}

/// One browser, and the form that ends its session.
#[component]
fn SessionItem(one: ListedSession, current: SessionId) -> impl IntoView {
    let browser = browser(&one.user_agent);
    let end = if one.id == current {
        Either::Left(view! { <p class="meta">"This browser"</p> })
    } else {
        Either::Right(view! {
            <form method="post" action="/settings/sessions/end">
                <input type="hidden" name="session" value=one.id.to_string()/>
                <button class="button">"End"</button>
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
