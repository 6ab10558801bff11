//! `/admin/people/{handle}`: one person, what may be done to their account, and what happened to it.

use accounts::policy::{Action, Actor, Relation, may};
use db::queries::people::{self, Person};
use domain::{Handle, MAX_SUSPENSION_REASON, Role};
use leptos::either::Either;
use leptos::prelude::*;

use super::people::state;
use super::{ROWS, Tabs, neighbour};
use crate::AppError;
use crate::components::{
    Day, EventItem, EventList, FieldKind, FormErrors, Moment, Pager, ROLES, Select, TextArea,
    role_name,
};
use crate::context;
use crate::failure::inert;
use crate::form::FormState;
use crate::pages::accounts::{Done, PageHead, allowed_for, form_state};
use crate::pages::{PageHtml, page};
use crate::paging::page_at;

const REASON: FieldKind = FieldKind {
    name: "reason",
    label: "Reason for a suspension",
    kind: "text",
    autocomplete: "off",
    hint: "The person is told it when they try to sign in.",
    max: MAX_SUSPENSION_REASON,
};

pub(crate) fn person_page() -> PageHtml {
    let handle = context::parameter();
    let (cursor, changed) = (context::query("cursor"), context::query("changed"));
    page(async move {
        let path = format!("/admin/people/{handle}");
        let session = match allowed_for(Action::SeePeople, Relation::Other, &path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
        let request = page_at("cursor", &cursor, ROWS)?;
        let found = people::find_with_events(&context::db()?, &handle, &request).await?;
        let (person, events) = found.ok_or(AppError::NotFound)?;
        let address = |cursor| neighbour(&path, &[], cursor);
        let (newer, older) = (events.newer.map(address), events.older.map(address));
        let events = events.rows.into_iter().map(EventItem::of_person).collect();
        let relation = Relation::between(session.user_id, person.id);
        let actor = Actor::Member(session.role);
        let rights = Rights {
            is_own: relation == Relation::Own,
            role: may(actor, Action::ChangeRole, relation),
            suspension: may(actor, Action::Suspend, relation),
        };
        let state = form_state();
        let title = format!("@{handle}");
        let head = PageHead {
            title: &title,
            description: "A person's account, and what happened to it.",
            path: &path,
        };
        Ok(head.with(view! {
            <Tabs path=""/>
            <Done sentence=done(&changed)/>
            <FormErrors state=state.clone()/>
            <Facts person=person.clone()/>
            <Forms person rights state path=path.clone()/>
            <h2 class="section">"Events"</h2>
            <EventList events current=session.id/>
            <Pager newer older/>
        }))
    })
}

/// The forms that the reader may send.
#[derive(Clone, Copy)]
struct Rights {
    /// The account is the reader's own.
    is_own: bool,
    role: bool,
    suspension: bool,
}

fn done(changed: &str) -> Option<&'static str> {
    Some(match changed {
        "role" => {
            "The role was changed. Whoever was signed in to this account has to sign in again."
        }
        "suspended" => "The account is suspended, and was signed out everywhere.",
        "restored" => "The suspension was lifted.",
        "sessions" => "The account was signed out everywhere.",
        _ => return None,
    })
}

/// The account in words.
#[component]
fn Facts(person: Person) -> impl IntoView {
    let state = state(&person).unwrap_or("open");
    let profile = format!("/users/{}", person.handle);
    let confirmed = match person.email_verified_at {
        Some(_) => "confirmed",
        None => "not confirmed",
    };
    let seen = match person.last_seen_at {
        Some(at) => Either::Left(view! { <Moment at/> }),
        None => Either::Right("signed in nowhere"),
    };
    view! {
        <dl class="facts">
            <dt>"Name"</dt><dd><a href=profile><bdi>{person.name}</bdi></a></dd>
            <dt>"E-mail"</dt><dd><bdi>{person.email}</bdi>" ("{confirmed}")"</dd>
            <dt>"Role"</dt><dd>{role_name(person.role)}</dd>
            <dt>"State"</dt><dd>{state}</dd>
            {person.suspended_reason.map(|reason| view! { <dt>"Reason"</dt><dd><bdi>{reason}</bdi></dd> })}
            <dt>"Here since"</dt><dd><Day at=person.created_at/></dd>
            <dt>"Last seen"</dt><dd>{seen}</dd>
        </dl>
    }
}

/// Everything that may be done to the account.
#[component]
fn Forms(person: Person, rights: Rights, state: FormState, path: String) -> impl IntoView {
    let suspension = rights.suspension.then(|| match person.suspended_at {
        Some(_) => Either::Left(view! {
            <form class="account-form" method="post" action=format!("{path}/restore")>
                <p class="hint">"They may sign in again."</p>
                <button class="button">"Lift the suspension"</button>
            </form>
        }),
        None => Either::Right(view! { <Suspend state=state.clone() path=path.clone()/> }),
    });
    view! {
        {rights.is_own.then(|| view! {
            <p class="beside">"This is you. Another administrator can change your role, and suspend your account."</p>
        })}
        {rights.role.then(|| view! { <ChangeRole role=person.role state=state.clone() path=path.clone()/> })}
        {suspension}
        <form class="account-form" method="post" action=format!("{path}/sign-out")>
            <p class="hint">"Ends every session of this account."</p>
            <button class="button">"Sign out everywhere"</button>
        </form>
    }
}

/// The form of another role.
#[component]
fn ChangeRole(role: Role, state: FormState, path: String) -> impl IntoView {
    let choices = ROLES.map(|role| (role.as_str().to_owned(), role_name(role).to_owned()));
    view! {
        <form class="account-form" method="post" action=format!("{path}/role")>
            <Select
                name="role"
                label="Role"
                hint="Another role signs them out everywhere: with it they sign in again."
                choices=choices.to_vec()
                chosen=role.as_str().to_owned()
                state
            />
            <button class="button">"Change role"</button>
        </form>
    }
}

/// The form of a suspension.
#[component]
fn Suspend(state: FormState, path: String) -> impl IntoView {
    view! {
        <form class="account-form" method="post" action=format!("{path}/suspend")>
            <TextArea kind=REASON state is_required=true/>
            <button class="button">"Suspend"</button>
        </form>
    }
}
