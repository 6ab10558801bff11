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
use web_sys::{Element, Event, HtmlElement, InputEvent};

use super::call::{CallError, call};
use super::first_page::first_page;
use super::history::{self, ListView, Step};
use crate::address::{self, ListKind};
use crate::components::{
    NothingFound, Pager, PostListItem, SearchForm, UserListItem, search_status,
};
use crate::list::{FirstPage, ListItem, MAX_ROWS};
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

/// The part of the list that is shown, and the ways on from it.
#[derive(Clone, Default)]
struct Shown {
    view: ListView,
    total: Option<u32>,
    newer: Option<Cursor>,
    older: Option<Cursor>,
}

/// The current entry of the browser's history.
#[derive(Clone, Default)]
struct Entry {
    /// The part of the list that it names.
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

    let status = RwSignal::new(search_status(
        kind,
        &query,
        first.total,
        first.rows.is_empty(),
    ));
    // Stands beside "Load more", far below the status.
    let trouble = RwSignal::new(String::new());
    let items = RwSignal::new(first.rows);
    let shown = RwSignal::new(Shown {
        view: ListView::newest(query.clone()),
        total: first.total,
        newer: first.newer,
        older: first.older,
    });
    let entry = StoredValue::new(Entry::default());
    // What had no answer, to be asked once more when the connection is back.
    let failed = StoredValue::new(None::<(Cause, ListView)>);

    let show = move |cause: Cause, asked: ListView, page: Page<ListItem>| {
        let first_new = items.read_untracked().len();
        let view = if cause == Cause::More {
            status.set(format!("{} more shown", page.rows.len()));
            let rows = (first_new + page.rows.len()).min(MAX_ROWS).to_string();
            items.update(|items| items.extend(page.rows));
            // The list still begins where it began: its way back is the old one.
            shown.update(|shown| {
                shown.view.rows = rows;
                shown.older = page.older;
            });
            request_animation_frame(move || focus_item(list, first_new));
            shown.read_untracked().view.clone()
        } else {
            status.set(search_status(
                kind,
                &asked.query,
                page.total,
                page.rows.is_empty(),
            ));
            items.set(page.rows);
            shown.set(Shown {
                view: asked.clone(),
                total: page.total,
                newer: page.newer,
                older: page.older,
            });
            asked
        };
        entry.update_value(|entry| entry.follow(cause, view, kind));
    };
    let load = Action::new_unsync(move |(cause, view): &(Cause, ListView)| {
        let (cause, view) = (*cause, view.clone());
        async move {
            let answer = find(kind, &view).await;
            is_busy.set(false);
            match answer {
                Ok(page) => show(cause, view, page),
                Err(why) => {
                    let place = match cause {
                        Cause::More => trouble,
                        _ => status,
                    };
                    place.set(sentence(why));
                    failed.set_value(why.is_none().then_some((cause, view)));
                }
            }
        }
    });
    // Only the last call counts. It aborts the one before: an action by itself takes late answers, too.
    let running = StoredValue::new(None::<ActionAbortHandle>);
    let pause = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(pause) = pause.try_update_value(Option::take).flatten() {
            pause.clear();
        }
        if let Some(running) = running.try_update_value(Option::take).flatten() {
            running.abort();
        }
        is_busy.set(false);
        trouble.set(String::new());
        failed.set_value(None);
    };
    let ask = move |cause, view| {
        stop();
        is_busy.set(true);
        running.set_value(Some(load.dispatch((cause, view))));
    };

    let typed = move || {
        let text = field.get_untracked().map(|field| field.value());
        Search::tidy(&text.unwrap_or_default())
    };
    let wait = move || {
        stop();
        let search = move || ask(Cause::Typed, ListView::newest(typed()));
        pause.set_value(set_timeout_with_handle(search, DEBOUNCE).ok());
    };
    // A word that an input method still composes is no search yet.
    let on_input = move |event: Event| {
        if !event.unchecked_ref::<InputEvent>().is_composing() {
            wait();
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        ask(Cause::Submitted, ListView::newest(typed()));
    };
    let on_click = move |event: MouseEvent| {
        if is_plain_click_on_more(&event) {
            event.prevent_default();
            let Shown { view, older, .. } = shown.get_untracked();
            if typed() == view.query {
                let cursor = older.map(|cursor| cursor.to_string());
                let cursor = cursor.unwrap_or_default();
                ask(
                    Cause::More,
                    ListView {
                        cursor,
                        rows: String::new(),
                        ..view
                    },
                );
            } else {
                // More of what is no longer asked for: the list that belongs to the field comes first.
                ask(Cause::Submitted, ListView::newest(typed()));
            }
        }
    };

    Effect::new(move || {
        let view = ListView::current();
        // What was typed before the script came is searched for now.
        if typed() != view.query {
            ask(Cause::Typed, ListView::newest(typed()));
        }
        shown.update(|shown| shown.view = view.clone());
        entry.set_value(Entry {
            view,
            is_typing: false,
        });
        window_event_listener(ev::popstate, move |_| {
            let view = ListView::current();
            // A step within the page, to `#main`, is no other list; what is typed meanwhile stays.
            if entry.with_value(|entry| entry.view == view) {
                return;
            }
            entry.set_value(Entry {
                view: view.clone(),
                is_typing: false,
            });
            if let Some(field) = field.get_untracked() {
                field.set_value(&view.query);
            }
            if shown.read_untracked().view == view {
                stop();
                status.set(search_status(
                    kind,
                    &view.query,
                    shown.read_untracked().total,
                    items.read_untracked().is_empty(),
                ));
            } else {
                ask(Cause::History, view);
            }
        });
        window_event_listener(ev::online, move |_| {
            if let Some((cause, view)) = failed.get_value() {
                ask(cause, view);
            }
        });
        is_live.set(true);
    });

    let pager = move || {
        let Shown {
            view, newer, older, ..
        } = shown.get();
        let is_full = items.read().len() >= MAX_ROWS;
        let address =
            |cursor: Cursor| address::list(kind.path(), &view.query, "cursor", &cursor.to_string());
        let older_text = if is_full { "Older" } else { "Load more" };
        view! { <Pager newer=newer.map(address) older=older.map(address) older_text is_live=!is_full/> }
    };
    view! {
        <div data-live=move || is_live.get().then_some("")>
            <SearchForm kind query field on:input=on_input on:compositionend=move |_| wait() on:submit=on_submit/>
            <p class="status" role="status" inner_html=status></p>
            <div class="results" on:click=on_click aria-busy=move || if is_busy.get() { "true" } else { "false" }>
                <ol class=kind.class() node_ref=list>
                    <For each=move || items.get() key=ListItem::key let:item>{item_view(item)}</For>
                </ol>
                {move || (items.read().is_empty() && !shown.read().view.query.is_empty()).then(|| view! { <NothingFound kind/> })}
                {pager}
                <p class="trouble" role="status">{trouble}</p>
            </div>
        </div>
    }
}

impl Entry {
    /// Moves the history on to `view`.
    fn follow(&mut self, cause: Cause, view: ListView, kind: ListKind) {
        if cause != Cause::History && self.view != view {
            // More of a list is no other list: Back leaves it.
            let step = if self.is_typing || cause == Cause::More {
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
    let arguments = [
        ("query", view.query.as_str()),
        ("cursor", &view.cursor),
        ("rows", &view.rows),
    ];
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
