//! `/signup`: making an account. Says the rules before anything is typed.

use domain::{DisplayName, Email, Handle, UserId};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::{NEW_PASSWORD, PageHead, form_state, next, with_next};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::context::{self, Registration};
use crate::form::FormState;
use crate::pages::{PageHtml, page_without_data};

pub(super) const HANDLE: FieldKind = FieldKind {
    name: "handle",
    label: "Handle",
    kind: "text",
    autocomplete: "username",
    hint: "It is your name in addresses.",
    max: Handle::MAX,
};

pub(super) const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    kind: "text",
    autocomplete: "name",
    hint: "Your name as it is shown, in any script.",
    max: DisplayName::MAX,
};

pub(super) const PASSWORD: FieldKind = FieldKind {
    label: "Password",
    ..NEW_PASSWORD
};

/// The fields of an account.
pub(super) static FIELDS: [FieldKind; 4] = [
    HANDLE,
    NAME,
    FieldKind {
        name: "email",
        label: "E-mail address",
        kind: "email",
        autocomplete: "email",
        hint: "Nobody but you and the administrators sees it.",
        max: Email::MAX,
    },
    PASSWORD,
];

const HEAD: PageHead = PageHead {
    title: "Sign up",
    description: "Make an account to write and to comment.",
    path: "/signup",
};

pub(crate) fn sign_up_page() -> PageHtml {
    let state = form_state();
    let sign_in = with_next("/login", &next(&state.value("next")));
    let registration = context::current().map(|context| context.site().registration);
    let view = match registration {
        Some(Registration::Open) => EitherOf3::A(view! {
            <AccountForm path="/signup" fields=&FIELDS state token=String::new() button="Sign up"/>
        }),
        Some(Registration::Invite) => EitherOf3::B(view! {
            <p class="lead">"Who was invited can sign up here: open the link that you were sent. Everybody who writes here can invite."</p>
        }),
        Some(Registration::Closed) | None => EitherOf3::C(view! {
            <p class="lead">"Nobody can sign up here at the moment."</p>
        }),
    };
    page_without_data(HEAD.with(view! {
        {view}
        <p class="beside">"You have an account? "<a href=sign_in>"Sign in"</a></p>
    }))
}

/// The form that makes an account; by a token, if it has one.
#[component]
pub(super) fn AccountForm(
    path: &'static str,
    fields: &'static [FieldKind],
    state: FormState,
    token: String,
    button: &'static str,
) -> impl IntoView {
    let next = next(&state.value("next"));
    // The account that this form makes, however often it is sent.
    let id = match state.value("id") {
        id if id.is_empty() => UserId::new().to_string(),
        id => id,
    };
    view! {
        <FormErrors state=state.clone()/>
        <form class="account-form" method="post" action=path>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="id" value=id/>
            {(!token.is_empty()).then(|| view! { <input type="hidden" name="token" value=token/> })}
            <Fields kinds=fields state/>
            <button class="button">{button}</button>
        </form>
    }
}
