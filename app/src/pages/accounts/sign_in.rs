//! `/login`: signing in with handle or address, and password.

use domain::{Email, Password};
use leptos::prelude::*;

use super::code::has_mail;
use super::passkey::{PasskeyForm, has_passkeys};
use super::{PageHead, form_state, next, with_next};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::context;
use crate::pages::{PageHtml, page_without_data};
use crate::passkeys::Purpose;

static FIELDS: [FieldKind; 2] = [
    FieldKind {
        name: "login",
        label: "Handle or e-mail address",
        kind: "text",
        autocomplete: "username webauthn",
        hint: "",
        max: Email::MAX,
    },
    FieldKind {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: "current-password",
        hint: "",
        max: Password::MAX_BYTES,
    },
];

const HEAD: PageHead = PageHead {
    title: "Sign in",
    description: "Sign in to write, to comment and to change your settings.",
    path: "/login",
};

pub(crate) fn sign_in_page() -> PageHtml {
    let state = form_state();
    let next = next(&state.value("next"));
    let [by_code, sign_up] = ["/login/code", "/signup"].map(|page| with_next(page, &next));
    let is_kept = !context::query("kept").is_empty();
    page_without_data(HEAD.with(view! {
        {is_kept.then(|| view! {
            <p class="done" role="status">"Your account is kept, and everything is as it was. Sign in to go on."</p>
        })}
        <FormErrors state=state.clone()/>
        <form class="account-form" method="post" action="/login">
            <input type="hidden" name="next" value=next.clone()/>
            <Fields kinds=&FIELDS state/>
            <button class="button">"Sign in"</button>
        </form>
        {has_passkeys().then(|| view! {
            <PasskeyForm action="/login/passkey" purpose=Purpose::SignIn label="Sign in with a passkey">
                <input type="hidden" name="next" value=next/>
            </PasskeyForm>
        })}
        {has_mail().then(|| view! {
            <p class="beside">
                "No password at hand? "<a href=by_code>"Sign in with a code"</a>", or "<a href="/reset">"set a new password"</a>"."
            </p>
        })}
        <p class="beside">"No account yet? "<a href=sign_up>"Sign up"</a></p>
    }))
}
