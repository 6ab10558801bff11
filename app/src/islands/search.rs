//! Search as you type, and "load more": the list below a search form, updated in place.
//!
//! The island begins with the rows that the page carries ([`FirstPage`]); from then on its signals are what the page
//! shows. They are no props of the island, because Leptos would read those by serde_json, which adds 12 KB to what the
//! browser loads. The address always names what is shown, so it can be shared, reloaded, and gone back to.

use std::time::Duration;

use domain::{Cursor, Page, Search};
use leptos::either::Either;
use leptos::ev::{self, MouseEvent, SubmitEvent};
use leptos::html::{Input, Ol};
use leptos::prelude::*;
use leptos::reactive::actions::ActionAbortHandle;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::call::{CallError, call};
use super::first_page::first_page;
use super::history::{self, ListView, Step};
use crate::address::{self, ListKind};
use crate::components::{
    NothingFound, Pager, PostListItem, SearchForm, UserListItem, search_status,
};
use crate::list::{FirstPage, ListItem};
use crate::server_fns::{ListPosts, ListUsers};

/// Pause in typing after which the server is asked.
const DEBOUNCE: Duration = Duration::from_millis(180);

/// Reason for loading a page of the list. It decides what becomes of the rows and of the history.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A pause while typing.
    Typed,
    /// Enter, or the button.
    Submitted,
    /// "Load more".
    More,
    /// Back or forward.
    History,
}

/// The ways on from what is shown.
#[derive(Clone, Default)]
struct Ends {
    query: String,
    newer: Option<Cursor>,
    older: Option<Cursor>,
}

/// The current entry of the browser's history.
#[derive(Clone, Default)]
struct Entry {
    view: ListView,
    /// Set for an entry that a pause in typing made. More typing replaces it, so that one Back leaves the search.
    is_typing: bool,
}

/// A search form and its list, in step with what is typed, clicked, and gone back to.
#[island]
pub fn SearchIsland() -> impl IntoView {
    let FirstPage { query, page } =
        first_page().expect("a page with this island has its first rows");
    let (kind, first) = (page.kind(), page.items());
    let field = NodeRef::<Input>::new();
    let list = NodeRef::<Ol>::new();
    let is_live = RwSignal::new(false);
    let is_busy = RwSignal::new(false);

    let status = RwSignal::new(search_status(kind, &query, first.rows.is_empty()));
    let items = RwSignal::new(first.rows);
    let ends = RwSignal::new(Ends {
        query: query.clone(),
        newer: first.newer,
        older: first.older,
    });
    let entry = StoredValue::new(Entry::default());

    let show = move |cause: Cause, view: ListView, page: Page<ListItem>| {
        if cause == Cause::More {
            status.set(format!("{} more shown", page.rows.len()));
            let first_new = items.read_untracked().len();
            items.update(|items| items.extend(page.rows));
            // The list still begins where it began: its way back is the old one.
            ends.update(|ends| ends.older = page.older);
            request_animation_frame(move || focus_item(list, first_new));
        } else {
            status.set(search_status(kind, &view.query, page.rows.is_empty()));
            items.set(page.rows);
            ends.set(Ends {
                query: view.query.clone(),
                newer: page.newer,
                older: page.older,
            });
        }
        entry.update_value(|entry| entry.follow(cause, view, kind));
    };
    let load = Action::new_unsync(move |(cause, view): &(Cause, ListView)| {
        let (cause, view) = (*cause, view.clone());
        async move {
            let answer = find(kind, &view).await;
            is_busy.set(false);
            match answer {
                Ok(page) => show(cause, view, page),
                Err(why) => status.set(sentence(why)),
            }
        }
    });
    // Only the last call counts. It aborts the one before: an action by itself takes late answers, too.
    let running = StoredValue::new(None::<ActionAbortHandle>);
    let ask = move |cause, query, cursor| {
        is_busy.set(true);
        let call = load.dispatch((cause, ListView { query, cursor }));
        if let Some(earlier) = running
            .try_update_value(|running| running.replace(call))
            .flatten()
        {
            earlier.abort();
        }
    };

    let typed = move || {
        let text = field.get_untracked().map(|field| field.value());
        Search::tidy(&text.unwrap_or_default())
    };
    let pause = StoredValue::new(None::<TimeoutHandle>);
    let stop_waiting = move || {
        if let Some(handle) = pause.get_value() {
            handle.clear();
        }
    };
    let on_input = move |_| {
        stop_waiting();
        let search = move || ask(Cause::Typed, typed(), String::new());
        pause.set_value(set_timeout_with_handle(search, DEBOUNCE).ok());
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        stop_waiting();
        ask(Cause::Submitted, typed(), String::new());
    };
    let on_click = move |event: MouseEvent| {
        if is_plain_click_on_more(&event) {
            event.prevent_default();
            let ends = ends.get_untracked();
            let cursor = ends.older.map(|cursor| cursor.to_string());
            ask(Cause::More, ends.query, cursor.unwrap_or_default());
        }
    };

    Effect::new(move || {
        let view = ListView::current();
        // What was typed before the script came is searched for now.
        if typed() != view.query {
            ask(Cause::Typed, typed(), String::new());
        }
        entry.set_value(Entry {
            view,
            is_typing: false,
        });
        window_event_listener(ev::popstate, move |_| {
            let view = ListView::current();
            // A step within the page, to `#main`, is no other list.
            if entry.with_value(|entry| entry.view != view) {
                stop_waiting();
                if let Some(field) = field.get_untracked() {
                    field.set_value(&view.query);
                }
                ask(Cause::History, view.query, view.cursor);
            }
        });
        is_live.set(true);
    });

    let pager = move || {
        let Ends {
            query,
            newer,
            older,
        } = ends.get();
        let address =
            |cursor: Cursor| address::list(kind.path(), &query, "cursor", &cursor.to_string());
        view! { <Pager newer=newer.map(address) older=older.map(address) older_text="Load more" is_live=true/> }
    };
    // The whole item is its key: what a new search marks in the same post is shown anew.
    view! {
        <div data-live=move || is_live.get().then_some("")>
            <SearchForm kind query field on:input=on_input on:submit=on_submit/>
            <p class="status" role="status" inner_html=status></p>
            <div class="results" on:click=on_click aria-busy=move || if is_busy.get() { "true" } else { "false" }>
                <ol class=kind.class() node_ref=list>
                    <For each=move || items.get() key=ListItem::clone let:item>{item_view(item)}</For>
                </ol>
                {move || (items.read().is_empty() && !ends.read().query.is_empty()).then(|| view! { <NothingFound kind/> })}
                {pager}
            </div>
        </div>
    }
}

impl Entry {
    /// Moves the history on to `view`.
    fn follow(&mut self, cause: Cause, view: ListView, kind: ListKind) {
        if cause != Cause::History && self.view != view {
            let step = if self.is_typing && cause != Cause::More {
                Step::Replace
            } else {
                Step::Push
            };
            history::show(&view.address(kind), step);
            self.is_typing = true;
        }
        self.is_typing &= cause == Cause::Typed;
        self.view = view;
    }
}

fn item_view(item: ListItem) -> impl IntoView {
    match item {
        ListItem::Post(post) => Either::Left(view! { <PostListItem post/> }),
        ListItem::User(user) => Either::Right(view! { <UserListItem user/> }),
    }
}

/// Asks the server for a page of the list.
async fn find(kind: ListKind, view: &ListView) -> Result<Page<ListItem>, CallError> {
    let arguments = [("query", view.query.as_str()), ("cursor", &view.cursor)];
    Ok(match kind {
        ListKind::Posts => call::<ListPosts>(&arguments).await?.map(ListItem::Post),
        ListKind::Users => call::<ListUsers>(&arguments).await?.map(ListItem::User),
    })
}

/// A sentence for a reader whose search had no answer.
fn sentence(why: CallError) -> String {
    match why {
        Some(400) => "This search is not understood. Try other words.".to_owned(),
        Some(status) => {
            format!("The site cannot search now ({status}). Please try again in a moment.")
        }
        None => "The site cannot be reached. Check the connection and try again.".to_owned(),
    }
}

/// True for a click on "load more" with no key held. All other clicks are the browser's.
fn is_plain_click_on_more(event: &MouseEvent) -> bool {
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
        && target.is_some_and(|target| matches!(target.closest("a[data-more]"), Ok(Some(_))))
}

/// Moves the focus to item number `n`, where reading goes on.
fn focus_item(list: NodeRef<Ol>, n: usize) {
    let item = list
        .get_untracked()
        .and_then(|list| list.children().item(u32::try_from(n).ok()?));
    let link = item.and_then(|item| item.query_selector("a").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}
