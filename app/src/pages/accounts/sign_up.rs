//! `/signup`: making an account. Says the rules before anything is typed.

use domain::{DisplayName, Email, Handle, UserId};
use leptos::either::Either;
use leptos::prelude::*;

use super::{NEW_PASSWORD, PageHead, form_state, next};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::context::{self, Registration};
use crate::pages::{PageHtml, page_without_data};

static FIELDS: [FieldKind; 4] = [
    FieldKind {
        name: "handle",
        label: "Handle",
        kind: "text",
        autocomplete: "username",
        hint: "Your name in addresses: 2 to 30 small letters and digits, with single hyphens between them.",
        max: Handle::MAX,
    },
    FieldKind {
        name: "name",
        label: "Name",
        kind: "text",
        autocomplete: "name",
        hint: "Your name as it is shown, in any script.",
        max: DisplayName::MAX,
    },
    FieldKind {
        name: "email",
        label: "E-mail address",
        kind: "email",
        autocomplete: "email",
        hint: "Nobody but you and the administrators sees it.",
        max: Email::MAX,
    },
    FieldKind {
        label: "Password",
        ..NEW_PASSWORD
    },
];

const HEAD: PageHead = PageHead {
    title: "Sign up",
    description: "Make an account to write and to comment.",
    path: "/signup",
};

pub(crate) fn sign_up_page() -> PageHtml {
    let registration = context::current().map(|context| context.site().registration);
    let view = match registration {
        Some(Registration::Open) => Either::Left(view! { <SignUpForm/> }),
        _ => Either::Right(view! {
            <p class="lead">"Nobody can sign up here at the moment."</p>
        }),
    };
    page_without_data(HEAD.with(view! {
        {view}
        <p class="beside">"You have an account? "<a href="/login">"Sign in"</a></p>
    }))
}

#[component]
fn SignUpForm() -> impl IntoView {
    let state = form_state();
    let next = next(&state.value("next"));
    // The account that this form makes, however often it is sent.
    let id = match state.value("id") {
        id if id.is_empty() => UserId::new().to_string(),
        id => id,
    };
    view! {
        <FormErrors state=state.clone()/>
        <form class="account-form" method="post" action="/signup">
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="id" value=id/>
            <Fields kinds=&FIELDS state/>
            <button class="button">"Sign up"</button>
        </form>
    }
}
