//! `/settings/profile`: name, short text and links, with a preview of them as readers see them.
//!
//! A form that is shown again has what was typed, also where the database does not answer. If the profile was changed since the form
//! was opened, what is stored stands beside it.

use accounts::policy::Action;
use db::queries::accounts::{self as stored, Account};
use db::queries::profile_links::{LinkRow, MAX_LINKS};
use domain::{Bio, DisplayName};
use leptos::prelude::*;

use super::{BackToAccount, PageHead, allowed, form_state};
use crate::assets::PREVIEW_JS;
use crate::components::{FieldKind, Fields, FormErrors, ProfileText, TextArea, TextInput};
use crate::failure::inert;
use crate::form::FormState;
use crate::pages::{PageHtml, page};
use crate::{AppError, context};

static NAME: [FieldKind; 1] = [FieldKind {
    name: "name",
    label: "Name",
    kind: "text",
    autocomplete: "name",
    hint: "Your name as it is shown, in any script.",
    max: DisplayName::MAX,
}];

const BIO: FieldKind = FieldKind {
    name: "bio",
    label: "About you",
    kind: "text",
    autocomplete: "off",
    hint: "Plain text in one paragraph, at most 500 characters. It may be empty.",
    max: Bio::MAX,
};

/// The most characters of a link's address.
const MAX_URL: usize = 500;
/// The empty rows for more links.
const SPARE_ROWS: usize = 2;

const HEAD: PageHead = PageHead {
    title: "Your profile",
    description: "Change what readers see of you.",
    path: "/settings/profile",
};

pub(crate) fn profile_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let loaded = async {
            let session = match allowed(Action::EditProfile, HEAD.path).await? {
                Ok(session) => session,
                Err(elsewhere) => return Ok(Err(inert(elsewhere))),
            };
            let found = stored::with_links(&context::db()?, session.user_id).await?;
            found.map(Ok).ok_or(AppError::Unauthenticated)
        };
        let stored = match loaded.await {
            Ok(Ok(stored)) => Some(stored),
            // What was typed is shown again, whatever is the matter.
            Ok(Err(_)) | Err(_) if state.is_sent() => None,
            Ok(Err(elsewhere)) => return Ok(elsewhere),
            Err(error) => return Err(error.into()),
        };
        Ok(HEAD.with(view! { <Profile stored state/> }))
    })
}

/// The form, with a preview if one is wanted, and what is stored if that is not what the form was opened with.
#[component]
fn Profile(stored: Option<(Account, Vec<LinkRow>)>, state: FormState) -> impl IntoView {
    let version = stored
        .as_ref()
        .map(|(account, _)| account.updated_at.as_millis().to_string());
    let opened = state.value("opened");
    let is_changed = state.is_sent() && version.as_ref().is_some_and(|version| *version != opened);
    let is_preview = !state.value("preview").is_empty() && state.problem().is_none();
    let (state, theirs) = match (state.is_sent(), stored) {
        (true, Some((account, links))) => (
            state,
            is_changed.then_some((account.name, account.bio, links)),
        ),
        (true, None) => (state, None),
        (false, stored) => (stored.map(as_state).unwrap_or_default(), None),
    };
    let errors = state.clone();
    let mine = is_preview.then(|| (state.value("name"), state.value("bio"), links(&state)));
    view! {
        <p class="lead">"This is what everybody sees of you, beside what you write."</p>
        <FormErrors state=errors/>
        {theirs.map(|profile| view! { <Shown id="stored" title="What is stored now" profile/> })}
        {mine.map(|profile| view! { <Shown id="preview" title="Preview" profile/> })}
        <form class="account-form wide" method="post" action=HEAD.path data-preview="">
            // The button that Enter presses.
            <button class="hidden" tabindex="-1" aria-hidden="true">"Save"</button>
            <input type="hidden" name="opened" value=version.unwrap_or(opened)/>
            <Fields kinds=&NAME state=state.clone()/>
            <TextArea kind=BIO state=state.clone()/>
            <Links state/>
            <p class="buttons">
                <button class="button">"Save"</button>
                <button class="button" name="preview" value="1">"Preview"</button>
            </p>
        </form>
        // Filled by the script, which asks for the preview that the button asks for.
        <div id="live-preview"><p class="hint" role="status"></p></div>
        <script type="module" src=PREVIEW_JS></script>
        <BackToAccount/>
    }
}

/// The form of a profile as it is stored.
fn as_state((account, links): (Account, Vec<LinkRow>)) -> FormState {
    let mut state = FormState::default();
    state.set("name", &account.name);
    state.set("bio", &account.bio);
    for (link, row) in links.iter().zip(1..) {
        let [label, url] = link_fields(row);
        state.set(&label, &link.label);
        state.set(&url, &link.url);
    }
    state
}

/// The names of the fields of a link, the first one being 1.
fn link_fields(row: usize) -> [String; 2] {
    ["label", "url"].map(|field| format!("{field}-{row}"))
}

/// The links in a form, without empty rows.
fn links(state: &FormState) -> Vec<LinkRow> {
    let all = (1..=MAX_LINKS).map(|row| {
        let [label, url] = link_fields(row).map(|field| state.value(&field));
        LinkRow { label, url }
    });
    all.filter(|link| !link.url.is_empty()).collect()
}

/// A profile as readers see it.
#[component]
fn Shown(
    id: &'static str,
    title: &'static str,
    /// Name, text and links.
    profile: (String, String, Vec<LinkRow>),
) -> impl IntoView {
    let (name, bio, links) = profile;
    view! {
        <section class="shown" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <div class="profile">
                <p class="name"><bdi>{name}</bdi></p>
                <ProfileText bio links own=None/>
            </div>
        </section>
    }
}

/// The rows of links: those that there are, and some for more.
#[component]
fn Links(state: FormState) -> impl IntoView {
    let is_empty = |row: &usize| {
        link_fields(*row)
            .iter()
            .all(|field| state.value(field).is_empty())
    };
    let filled = (1..=MAX_LINKS)
        .rev()
        .find(|row| !is_empty(row))
        .unwrap_or_default();
    let rows = (1..=MAX_LINKS.min(filled + SPARE_ROWS)).map(|row| {
        let [label, url] = link_fields(row);
        let (of_label, of_url) = (format!("Text of link {row}"), format!("Address of link {row}"));
        let up = (2..=filled).contains(&row).then(|| {
            view! {
                <button class="button" name="up" value=row.to_string() aria-label=format!("Move link {row} up") formnovalidate>"↑"</button>
            }
        });
        view! {
            <li>
                <TextInput name=label label=of_label kind="text" max=DisplayName::MAX state=state.clone()/>
                <TextInput name=url label=of_url kind="url" max=MAX_URL state=state.clone()/>
                {up}
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <fieldset class="field links-fields" aria-describedby="links-hint">
            <legend>"Links"</legend>
            <p class="hint" id="links-hint">
                {format!("Your pages elsewhere, up to {MAX_LINKS}, each with an address that begins with https://. A row that is emptied goes.")}
            </p>
            <ol>{rows}</ol>
        </fieldset>
    }
}
