//! `/admin/events`: what happened to all accounts.

use accounts::policy::{Action, Relation};
use db::queries::events;
use domain::EventKind;
use leptos::prelude::*;

use super::{Choice, ROWS, Tabs, neighbour};
use crate::components::{EventItem, EventList, Pager, event_words};
use crate::context;
use crate::failure::inert;
use crate::pages::accounts::{PageHead, allowed_for};
use crate::pages::{PageHtml, page};
use crate::paging::page_at;

const HEAD: PageHead = PageHead {
    title: "Events of all accounts",
    description: "What happened to the accounts of this site.",
    path: "/admin/events",
};

pub(crate) fn events_page() -> PageHtml {
    let (kind, cursor) = (context::query("kind"), context::query("cursor"));
    page(async move {
        let session = match allowed_for(Action::SeeEvents, Relation::Other, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        // A word that is no kind chooses none.
        let chosen: Option<EventKind> = kind.parse().ok();
        let kind = chosen.map_or("", EventKind::as_str);
        let request = page_at("cursor", &cursor, ROWS)?;
        let found = events::list(&context::db()?, chosen, &request).await?;
        let address = |cursor| neighbour(HEAD.path, &[("kind", kind)], cursor);
        let (newer, older) = (found.newer.map(address), found.older.map(address));
        let events = found.rows.into_iter().map(EventItem::of_site).collect();
        Ok(HEAD.with(view! {
            <Tabs path=HEAD.path/>
            <form class="filter" action=HEAD.path>
                <div class="field">
                    <label for="kind">"Kind"</label>
                    <select id="kind" name="kind">
                        <Choice value="" label="All" is_chosen=kind.is_empty()/>
                        {EventKind::WORDS.iter().map(|word| {
                            view! { <Choice value=word label=event_words(word, "").0 is_chosen={kind == *word}/> }
                        }).collect_view()}
                    </select>
                </div>
                <button class="button">"Show"</button>
            </form>
            <EventList events current=session.id/>
            <Pager newer older/>
        }))
    })
}
