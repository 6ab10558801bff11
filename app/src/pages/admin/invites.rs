//! `/admin/invites`: the invites of everybody.

use accounts::policy::{Action, Relation};
use db::queries::invites::{self, ListedInvite};
use domain::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

use super::{ROWS, Tabs, neighbour};
use crate::components::{Day, FormErrors, Pager, role_name};
use crate::context;
use crate::failure::inert;
use crate::pages::accounts::{Done, PageHead, allowed_for, form_state};
use crate::pages::{PageHtml, page};
use crate::paging::page_at;

const HEAD: PageHead = PageHead {
    title: "Invites of everybody",
    description: "The invites of everybody on this site.",
    path: "/admin/invites",
};

pub(crate) fn all_invites_page() -> PageHtml {
    let (cursor, changed) = (context::query("cursor"), context::query("changed"));
    page(async move {
        if let Err(elsewhere) = allowed_for(Action::SeePeople, Relation::Other, HEAD.path).await? {
            return Ok(inert(elsewhere));
        }
        let request = page_at("cursor", &cursor, ROWS)?;
        let found = invites::list(&context::db()?, None, &request).await?;
        let address = |cursor| neighbour(HEAD.path, &[], cursor);
        let (newer, older) = (found.newer.map(address), found.older.map(address));
        let done = (changed == "revoked").then_some("The invite was withdrawn.");
        let (now, state) = (Timestamp::now(), form_state());
        let list = if found.rows.is_empty() {
            Either::Left(view! { <p class="empty">"Nobody has invited anybody."</p> })
        } else {
            let items = found.rows.into_iter();
            let items = items.map(|invite| view! { <Invite invite now/> });
            Either::Right(view! { <ul class="accounts">{items.collect_view()}</ul> })
        };
        Ok(HEAD.with(view! {
            <Tabs path=HEAD.path/>
            <Done sentence=done/>
            <FormErrors state/>
            {list}
            <Pager newer older/>
        }))
    })
}

/// An invite, and the form that withdraws it as long as it can be used.
#[component]
fn Invite(invite: ListedInvite, now: Timestamp) -> impl IntoView {
    let label = match invite.note.as_str() {
        "" => format!("Withdraw an invite of @{}", invite.inviter_handle),
        note => format!(
            "Withdraw the invite of @{} for {note}",
            invite.inviter_handle
        ),
    };
    let note = match invite.note.as_str() {
        "" => Either::Left("Without a note"),
        note => Either::Right(view! { <bdi>{note.to_owned()}</bdi> }),
    };
    let is_open = invite.used_at.is_none() && invite.expires_at > now;
    let state = match invite.used_at {
        Some(at) => view! { <span><bdi>"used "<Day at/></bdi></span> }.into_any(),
        None if is_open => {
            view! { <span><bdi>"good until "<Day at=invite.expires_at/></bdi></span> }.into_any()
        }
        None => view! { <span><bdi>"expired "<Day at=invite.expires_at/></bdi></span> }.into_any(),
    };
    let inviter = format!("/admin/people/{}", invite.inviter_handle);
    view! {
        <li>
            <h2>{note}</h2>
            <p class="meta">
                <span>"by "<a href=inviter>{format!("@{}", invite.inviter_handle)}</a></span>
                <span>"as "{role_name(invite.role)}</span>
                <span><bdi>"made "<Day at=invite.created_at/></bdi></span>
                {state}
            </p>
            {is_open.then(|| view! {
                <form method="post" action="/admin/invites/revoke">
                    <input type="hidden" name="invite" value=invite.id.to_string()/>
                    <button class="button" aria-label=label>"Withdraw"</button>
                </form>
            })}
        </li>
    }
}
