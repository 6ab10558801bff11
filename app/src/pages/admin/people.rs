//! `/admin`: everybody who has an account.

use accounts::policy::{Action, Relation};
use db::queries::people::{self, PeopleFilter, PeopleSearch, Person};
use domain::Role;
use leptos::either::Either;
use leptos::prelude::*;

use super::{Choice, ROWS, Tabs, neighbour};
use crate::components::{Day, Pager, ROLES, role_name};
use crate::context;
use crate::failure::inert;
use crate::pages::accounts::{PageHead, allowed_for};
use crate::pages::{PageHtml, page};
use crate::paging::page_at;

const HEAD: PageHead = PageHead {
    title: "People",
    description: "Everybody who has an account on this site.",
    path: "/admin",
};

/// The value of `state` that narrows the list to those who are suspended.
const SUSPENDED: &str = "suspended";

pub(crate) fn people_page() -> PageHtml {
    let [query, role, state, cursor] = ["q", "role", "state", "cursor"].map(context::query);
    page(async move {
        if let Err(elsewhere) = allowed_for(Action::SeePeople, Relation::Other, HEAD.path).await? {
            return Ok(inert(elsewhere));
        }
        let filter = PeopleFilter {
            search: PeopleSearch::parse(&query),
            // A word that is no role chooses none.
            role: role.parse().ok(),
            is_suspended: state == SUSPENDED,
        };
        let request = page_at("cursor", &cursor, ROWS)?;
        let found = people::list(&context::db()?, &filter, &request).await?;
        let role = filter.role.map_or("", Role::as_str);
        let state = if filter.is_suspended { SUSPENDED } else { "" };
        let pairs = [("q", query.as_str()), ("role", role), ("state", state)];
        let address = |cursor| neighbour(HEAD.path, &pairs, cursor);
        let (newer, older) = (found.newer.map(address), found.older.map(address));
        let list = if found.rows.is_empty() {
            Either::Left(view! {
                <p class="empty">"Nobody is found. An e-mail address is found as a whole, handles and names by the beginning of a word."</p>
            })
        } else {
            let people = found.rows.into_iter();
            let people = people.map(|person| view! { <PersonItem person/> });
            Either::Right(view! { <ul class="accounts">{people.collect_view()}</ul> })
        };
        let form = view! { <Filter query=query.clone() role state/> };
        Ok(HEAD.with(view! {
            <Tabs path=HEAD.path/>
            {form}
            {list}
            <Pager newer older/>
        }))
    })
}

/// The search, and what narrows the list.
#[component]
fn Filter(query: String, role: &'static str, state: &'static str) -> impl IntoView {
    view! {
        <form class="filter" action=HEAD.path role="search">
            <div class="field wide">
                <label for="q">"Handle, name or e-mail address"</label>
                <input id="q" name="q" type="search" dir="auto" value=query maxlength="254" autocomplete="off" enterkeyhint="search"/>
            </div>
            <div class="field">
                <label for="role">"Role"</label>
                <select id="role" name="role">
                    <Choice value="" label="Any" is_chosen=role.is_empty()/>
                    {ROLES.map(|one| view! { <Choice value=one.as_str() label=role_name(one) is_chosen={role == one.as_str()}/> }).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="state">"State"</label>
                <select id="state" name="state">
                    <Choice value="" label="Any" is_chosen=state.is_empty()/>
                    <Choice value=SUSPENDED label="suspended" is_chosen={state == SUSPENDED}/>
                </select>
            </div>
            <button class="button">"Show"</button>
        </form>
    }
}

/// A person in the list.
#[component]
fn PersonItem(person: Person) -> impl IntoView {
    let state = state(&person);
    let address = format!("/admin/people/{}", person.handle);
    view! {
        <li>
            <h2><a href=address><bdi>{person.name}</bdi></a></h2>
            <p class="meta"><span><bdi>"@"{person.handle}</bdi></span><span><bdi>{person.email}</bdi></span></p>
            <p class="meta">
                <span><bdi>"here since "<Day at=person.created_at/></bdi></span>
                {person.last_seen_at.map(|at| view! { <span><bdi>"last seen "<Day at/></bdi></span> })}
            </p>
            <p class="marks">
                <span class="mark">{role_name(person.role)}</span>
                {state.map(|state| view! { <span class="mark closed">{state}</span> })}
            </p>
        </li>
    }
}

/// The state of an account that is not simply open.
pub(super) fn state(person: &Person) -> Option<&'static str> {
    let is = |at: &Option<_>| Option::is_some(at);
    match person {
        _ if is(&person.erased_at) => Some("erased"),
        _ if is(&person.suspended_at) => Some("suspended"),
        _ if is(&person.erase_at) => Some("being closed"),
        _ if is(&person.deleted_at) => Some("closed"),
        _ => None,
    }
}
