//! Events as sentences, and lists of them.

use db::queries::events::{EventRow, ListedEvent};
use domain::{EventKind, SessionId};
use leptos::either::Either;
use leptos::prelude::*;

use super::format::{Moment, role_name};

/// An event as a list shows it.
pub(crate) struct EventItem {
    event: EventRow,
    /// The handle of whom it is about, where a list is about several people.
    about: Option<String>,
    /// The person who did it, where it was not the one whom it is about.
    by: Option<By>,
}

/// Somebody who did something to the account of another.
enum By {
    /// An administrator, to the person themselves.
    Administrator,
    /// A person who has this handle.
    Handle(String),
    /// A person who has no account any more.
    Former,
}

impl EventItem {
    /// An event in the list of whose account it is about: who the administrators are is not told.
    pub(crate) fn own(event: EventRow) -> Self {
        let by = is_by_another(&event).then_some(By::Administrator);
        Self {
            event,
            about: None,
            by,
        }
    }

    /// An event in the list of one person, for administrators.
    pub(crate) fn of_person(listed: ListedEvent) -> Self {
        let by = is_by_another(&listed.event);
        let by = by.then(|| listed.actor_handle.map_or(By::Former, By::Handle));
        Self {
            event: listed.event,
            about: None,
            by,
        }
    }

    /// An event in the list of all.
    pub(crate) fn of_site(listed: ListedEvent) -> Self {
        let about = match (listed.event.user_id, &listed.user_handle) {
            (_, Some(handle)) => Some(handle.clone()),
            (Some(_), None) => Some(String::new()),
            (None, None) => None,
        };
        Self {
            about,
            ..Self::of_person(listed)
        }
    }
}

fn is_by_another(event: &EventRow) -> bool {
    event.actor_id.is_some() && event.actor_id != event.user_id
}

/// The beginning of the sentence about an event, and the detail that ends it.
pub(crate) fn event_words(kind: &str, detail: &str) -> (String, String) {
    let Ok(kind) = kind.parse::<EventKind>() else {
        return (kind.replace('_', " "), detail.to_owned());
    };
    let words = match kind {
        EventKind::SignedUp => "The account was made",
        EventKind::SignedIn if detail.is_empty() => "Signed in",
        EventKind::SignedIn => "Signed in from",
        EventKind::SignInFailed => "A sign-in failed",
        EventKind::SignedOut => "Signed out",
        EventKind::SessionRevoked => "A browser was signed out from elsewhere",
        EventKind::SessionsRevoked => "Browsers were signed out from elsewhere",
        EventKind::Confirmed => "Proved again who they are",
        EventKind::PasswordChanged => "The password was changed",
        EventKind::PasswordReset => "A new password was set with a code",
        EventKind::EmailVerified => "The e-mail address was confirmed",
        EventKind::EmailChanged => "The e-mail address was changed",
        EventKind::HandleChanged => "The handle was changed",
        EventKind::PasskeyAdded => "A passkey was added",
        EventKind::PasskeyRemoved => "A passkey was removed",
        EventKind::TokenCreated => "An API token was made",
        EventKind::TokenRevoked => "An API token was revoked",
        EventKind::InviteCreated => "An invite was made",
        EventKind::InviteRevoked => "An invite was withdrawn",
        EventKind::RoleChanged if detail.is_empty() => "The role was changed",
        EventKind::RoleChanged => "The role was changed to",
        EventKind::Suspended => "The account was suspended",
        EventKind::Restored => "The suspension was lifted",
        EventKind::DataExported => "The data were taken as an archive",
        EventKind::ErasureScheduled => "The erasure of the account was asked for",
        EventKind::ErasureUndone => "The account was kept after all",
        EventKind::Erased => "The account was erased",
    };
    let goes_on = matches!(kind, EventKind::SignedIn | EventKind::RoleChanged);
    let colon = if goes_on || detail.is_empty() {
        ""
    } else {
        ":"
    };
    let role = match kind {
        EventKind::RoleChanged | EventKind::InviteCreated => detail.parse().ok(),
        _ => None,
    };
    let detail = match role {
        Some(role) => role_name(role),
        None => detail,
    };
    (format!("{words}{colon}"), detail.to_owned())
}

/// Events, the newest first.
#[component]
pub(crate) fn EventList(
    events: Vec<EventItem>,
    /// The session of the reader, whose events are marked.
    current: SessionId,
) -> impl IntoView {
    if events.is_empty() {
        return Either::Left(view! { <p class="empty">"Nothing has happened yet."</p> });
    }
    let items = events
        .into_iter()
        .map(|item| view! { <Event item current/> })
        .collect_view();
    Either::Right(view! { <ul class="events">{items}</ul> })
}

#[component]
fn Event(item: EventItem, current: SessionId) -> impl IntoView {
    let EventItem { event, about, by } = item;
    let (words, detail) = event_words(&event.kind, &event.detail);
    let about = about.map(|handle| match handle.as_str() {
        "" => Either::Left("A former member"),
        _ => Either::Right(view! { <PersonLink handle/> }),
    });
    let by = by.map(|by| match by {
        By::Administrator => view! { <span><bdi>"by an administrator"</bdi></span> }.into_any(),
        By::Former => view! { <span><bdi>"by a former member"</bdi></span> }.into_any(),
        By::Handle(handle) => view! { <span>"by "<PersonLink handle/></span> }.into_any(),
    });
    view! {
        <li>
            <p>
                {about.map(|about| view! { <b>{about}</b>" " })}
                {words}
                {(!detail.is_empty()).then(|| view! { " "<bdi>{detail}</bdi> })}
            </p>
            <p class="meta">
                <Moment at=event.created_at/>
                {event.address.map(|address| view! { <span>"from "<bdi>{address}</bdi></span> })}
                {by}
                {(event.session_id == Some(current)).then(|| view! { <span><bdi>"in this browser"</bdi></span> })}
            </p>
        </li>
    }
}

/// A link to the page on which administrators see a person.
#[component]
fn PersonLink(handle: String) -> impl IntoView {
    view! { <a href=format!("/admin/people/{handle}")>{format!("@{handle}")}</a> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_sentence_with_or_without_a_detail() {
        for kind in EventKind::WORDS {
            let (words, none) = event_words(kind, "");
            assert!(words.starts_with(char::is_uppercase), "{kind}: {words}");
            assert!(!words.ends_with([':', '.']), "{kind}: {words}");
            assert_eq!(none, "");
        }
        for (kind, detail, sentence) in [
            (
                "signed_in",
                "Firefox on Linux",
                "Signed in from Firefox on Linux",
            ),
            ("role_changed", "editor", "The role was changed to editor"),
            (
                "invite_created",
                "admin",
                "An invite was made: administrator",
            ),
            ("suspended", "Spam.", "The account was suspended: Spam."),
            ("of_later", "a detail", "of later a detail"),
        ] {
            let (words, detail) = event_words(kind, detail);
            assert_eq!(format!("{words} {detail}"), sentence);
        }
    }
}
