//! `/settings/events`: what happened to the account of the person who is signed in.

use accounts::policy::Action;
use db::queries::events;
use domain::Timestamp;
use domain::lifetimes::EVENT_ADDRESS_TTL;
use leptos::prelude::*;

use super::{BackToAccount, PageHead, allowed};
use crate::components::{EventItem, EventList, Pager};
use crate::failure::inert;
use crate::pages::{PageHtml, page};
use crate::paging::page_at;
use crate::{address, context};

const HEAD: PageHead = PageHead {
    title: "Your events",
    description: "What happened to your account.",
    path: "/settings/events",
};

/// The events on a page of them.
const ROWS: usize = 25;

pub(crate) fn own_events_page() -> PageHtml {
    let cursor = context::query("cursor");
    page(async move {
        let session = match allowed(Action::SeeEvents, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let request = page_at("cursor", &cursor, ROWS)?;
        let since = Timestamp::now() - EVENT_ADDRESS_TTL;
        let db = context::db()?;
        let found = events::since(&db, session.user_id, since, &request).await?;
        let neighbour = |cursor: domain::Cursor| {
            address::with_values(HEAD.path, &[("cursor", &cursor.to_string())])
        };
        let (newer, older) = (found.newer.map(neighbour), found.older.map(neighbour));
        let events = found.rows.into_iter().map(EventItem::own).collect();
        let days = EVENT_ADDRESS_TTL.as_secs() / 86_400;
        Ok(HEAD.with(view! {
            <p class="lead">{format!("The last {days} days. Is there something that you did not do? ")}
                <a href="/settings/password">"Change your password"</a>", which signs out every other browser."</p>
            <EventList events current=session.id/>
            <Pager newer older/>
            <BackToAccount/>
        }))
    })
}
