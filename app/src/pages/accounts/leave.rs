//! `/settings/delete`: closing the account of the person who is signed in, to be erased after some days.

use accounts::policy::Action;
use domain::Handle;
use domain::lifetimes::ERASURE_DELAY;
use leptos::prelude::*;

use super::{BackToAccount, PageHead, allowed, form_state};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::failure::inert;
use crate::form::FormState;
use crate::pages::{PageHtml, page};

static FIELDS: [FieldKind; 1] = [FieldKind {
    name: "handle",
    label: "Your handle",
    kind: "text",
    autocomplete: "off",
    hint: "Type it, so that nobody deletes an account by mistake.",
    max: Handle::MAX,
}];

const CHOICES: [(&str, &str); 2] = [
    (
        "account",
        "Erase my account, and keep my posts and comments under the name of a former member",
    ),
    (
        "everything",
        "Erase everything: my account, my posts with their comments, and my comments",
    ),
];

const HEAD: PageHead = PageHead {
    title: "Delete your account",
    description: "Have your account erased.",
    path: "/settings/delete",
};

pub(crate) fn leave_page() -> PageHtml {
    page(async {
        let session = match allowed(Action::CloseAccount, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let state = form_state();
        let later = format!(
            ", is closed at once, and you are signed out everywhere. It is erased after {} days. Until then you can sign in and keep it.",
            ERASURE_DELAY.as_secs() / 86_400
        );
        Ok(HEAD.with(view! {
            <p class="lead">"Your account, "<bdi>"@"{session.handle}</bdi>{later}</p>
            <p>"You may want to "<a href="/settings/data">"download your data"</a>" first."</p>
            <FormErrors state=state.clone()/>
            <form class="account-form" method="post" action=HEAD.path>
                <Choices state=state.clone()/>
                <Fields kinds=&FIELDS state/>
                <button class="button">"Delete my account"</button>
            </form>
            <BackToAccount/>
        }))
    })
}

/// The choice of what is to be erased. Nothing is chosen for anybody.
#[component]
fn Choices(state: FormState) -> impl IntoView {
    let chosen = state.value("what");
    let error = state.error("what");
    let describes = error.is_some().then_some("what-error");
    let choices = CHOICES.map(|(value, label)| {
        // The summary of what is wrong leads to the first.
        let id = (value == CHOICES[0].0).then_some("what");
        let is_chosen = chosen == value;
        view! {
            <label><input type="radio" name="what" id=id value=value checked=is_chosen required/>{label}</label>
        }
    });
    view! {
        <fieldset class="choices" aria-describedby=describes>
            <legend>"What is to be erased?"</legend>
            {choices.into_iter().collect_view()}
            {error.map(|why| view! { <p class="field-error" id="what-error">{why}</p> })}
        </fieldset>
    }
}
