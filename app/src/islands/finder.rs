//! Search as you type, and "load more": the list below a search form, updated in place.
//!
//! The form and the list are the page's own HTML, rendered by the server; the island listens to them and puts what the
//! server renders for another query in their place. The address always names what is shown, so it can be shared,
//! reloaded, and gone back to.

use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::{ask, dom};
use crate::address;
use crate::server_fns::ListKind;

/// How long to wait after a key before the server is asked.
const PAUSE: Duration = Duration::from_millis(180);

/// What an answer does to the list and to the address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Another list, under a new address.
    Replace,
    /// More of the same list, under a new address.
    Append,
    /// The list of the address that was gone back or forward to.
    Restore,
}

/// Keeps a search form and its list in step with what is typed, clicked, and gone back to.
#[island]
pub fn FinderIsland(
    /// The form and the list; the form's action tells what the list is of.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<Div>::new();
    // The newest question; an answer to an older one comes too late.
    let latest = StoredValue::new(0_u32);
    // The address of the list that stands in the page.
    let shown = StoredValue::new(shown_address());

    let show = move |query: String, cursor: String, change: Change| {
        let Some(root) = root.get_untracked() else {
            return;
        };
        let Some(subject) = subject_of(&root) else {
            return;
        };
        let ticket = latest.with_value(|n| n + 1);
        latest.set_value(ticket);
        spawn_local(async move {
            set_busy(&root, true);
            let answer = ask::find(subject, &query, &cursor).await;
            if latest.get_value() != ticket {
                return;
            }
            set_busy(&root, false);
            match answer {
                Ok(html) => {
                    put(&root, &html, change);
                    if change != Change::Restore {
                        push_address(&address::list(
                            subject.path(),
                            query.trim(),
                            "cursor",
                            &cursor,
                        ));
                    }
                    shown.set_value(shown_address());
                }
                Err(why) => say(&root, &why),
            }
        });
    };

    let typed = move || {
        root.get_untracked()
            .and_then(|root| dom::field(&root))
            .map(|field| field.value())
            .unwrap_or_default()
    };
    let search = move || show(typed(), String::new(), Change::Replace);

    let pause = StoredValue::new(None::<TimeoutHandle>);
    let stop_waiting = move || {
        if let Some(handle) = pause.get_value() {
            handle.clear();
        }
    };
    let on_input = move |_: ev::Event| {
        stop_waiting();
        pause.set_value(set_timeout_with_handle(search, PAUSE).ok());
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        stop_waiting();
        search();
    };
    let on_click = move |event: ev::MouseEvent| {
        let Some(href) = plain_click_on_more(&event) else {
            return;
        };
        event.prevent_default();
        let query = href.split_once('?').map_or("", |(_, query)| query);
        show(
            address::parameter(query, "q"),
            address::parameter(query, "cursor"),
            Change::Append,
        );
    };

    Effect::new(move || {
        let restore = move || {
            // A step within the page, to `#main`, is no other list.
            if shown.with_value(|shown| *shown == shown_address()) {
                return;
            }
            let query = dom::window()
                .and_then(|window| window.location().search().ok())
                .unwrap_or_default();
            if let Some(field) = root.get_untracked().and_then(|root| dom::field(&root)) {
                field.set_value(&address::parameter(&query, "q"));
            }
            stop_waiting();
            show(
                address::parameter(&query, "q"),
                address::parameter(&query, "cursor"),
                Change::Restore,
            );
        };
        let listener = Closure::<dyn Fn()>::new(restore);
        if let Some(window) = dom::window() {
            let _ = window
                .add_event_listener_with_callback("popstate", listener.as_ref().unchecked_ref());
            // What was typed before the script came is searched for now.
            let query = window.location().search().unwrap_or_default();
            if typed() != address::parameter(&query, "q") {
                search();
            }
        }
        if let Some(root) = root.get_untracked() {
            let _ = root.set_attribute("data-live", "");
        }
        // The listener lives as long as the page, as the island does.
        listener.forget();
    });

    view! {
        <div node_ref=root on:input=on_input on:submit=on_submit on:click=on_click>
            {children()}
        </div>
    }
}

/// What the list below `root` is of: the search form leads to it without script, too.
fn subject_of(root: &Element) -> Option<ListKind> {
    ListKind::at(&dom::first(root, "form")?.get_attribute("action")?)
}

/// The address of the "load more" link that `event` clicks with nothing held: other clicks are the browser's.
fn plain_click_on_more(event: &ev::MouseEvent) -> Option<String> {
    if event.button() != 0
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
        || event.alt_key()
    {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    target
        .closest("a[data-more]")
        .ok()
        .flatten()?
        .get_attribute("href")
}

fn set_busy(root: &Element, is_busy: bool) {
    if let Some(results) = dom::first(root, ".results") {
        let _ = results.set_attribute("aria-busy", if is_busy { "true" } else { "false" });
    }
}

/// Tells what happened where a screen reader hears it.
fn say(root: &Element, text: &str) {
    if let Some(status) = dom::first(root, "[role=status]") {
        status.set_text_content(Some(text));
    }
}

/// Puts what the server rendered into the page.
fn put(root: &Element, html: &str, change: Change) {
    let Some(results) = dom::first(root, ".results") else {
        return;
    };
    let Some(came) = dom::document().and_then(|document| document.create_element("div").ok())
    else {
        return;
    };
    came.set_inner_html(html);
    let status = dom::first(&came, "[role=status]")
        .and_then(|status| status.text_content())
        .unwrap_or_default();

    if change == Change::Append {
        let (Some(list), Some(more)) = (dom::first(&results, "ol"), dom::first(&came, "ol")) else {
            return;
        };
        let first_new = dom::first(&more, "a");
        let mut count = 0;
        while let Some(item) = more.first_element_child() {
            let _ = list.append_child(&item);
            count += 1;
        }
        let has_newer = dom::first(&results, ".pager a[rel=prev]");
        if let (Some(old), Some(new)) =
            (dom::first(&results, ".pager"), dom::first(&came, ".pager"))
        {
            // The list still begins where it began: its way back is the old one.
            if let Some(newer) = dom::first(&new, "a[rel=prev]") {
                match has_newer {
                    Some(kept) => drop(newer.replace_with_with_node_1(&kept)),
                    None => newer.remove(),
                }
            }
            let _ = old.replace_with_with_node_1(&new);
        }
        if let Some(link) = first_new.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let _ = link.focus();
        }
        say(root, &format!("{count} more shown"));
    } else {
        // The status line stays in the page, so that its change is heard; the rest is replaced.
        if let Some(inner) = dom::first(&came, ".results") {
            results.set_inner_html(&inner.inner_html());
        }
        say(root, &status);
    }
}

/// The address of what the page shows, in the form that [`address::list`] gives it.
fn shown_address() -> String {
    let Some(location) = dom::window().map(|window| window.location()) else {
        return String::new();
    };
    let query = location.search().unwrap_or_default();
    let (typed, cursor) = (
        address::parameter(&query, "q"),
        address::parameter(&query, "cursor"),
    );
    address::list(
        &location.pathname().unwrap_or_default(),
        typed.trim(),
        "cursor",
        &cursor,
    )
}

/// Adds a step to the history, unless the address is there already.
fn push_address(address: &str) {
    if address == shown_address() {
        return;
    }
    if let Some(history) = dom::window().and_then(|window| window.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
}
