//! `/confirm`: proving again who one is, before what only the owner of an account may do.

use db::queries::{accounts, passkeys};
use domain::{CodePurpose, Password, SessionId, Timestamp};
use leptos::either::Either;
use leptos::prelude::*;

use super::code::{AskId, CODE, SendAgain, Sent, has_mail, requested};
use super::passkey::{PasskeyForm, has_passkeys};
use super::{BackToAccount, PageHead, form_state, next, signed_in};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::failure::{inert, see_other};
use crate::pages::{PageHtml, page};
use crate::passkeys::Purpose;
use crate::{AppError, context};

static PASSWORD_FIELDS: [FieldKind; 1] = [FieldKind {
    name: "password",
    label: "Password",
    kind: "password",
    autocomplete: "current-password",
    hint: "",
    max: Password::MAX_BYTES,
}];
static CODE_FIELDS: [FieldKind; 1] = [CODE];

const HEAD: PageHead = PageHead {
    title: "Confirm that it is you",
    description: "Prove again who you are, before you change what protects your account.",
    path: "/confirm",
};

pub(crate) fn confirm_page() -> PageHtml {
    let state = form_state();
    let next = next(&state.value("next"));
    page(async move {
        let session = match signed_in(HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        if session.is_confirmed(Timestamp::now()) {
            return Ok(inert(see_other(&next)));
        }
        let db = context::db()?;
        let account = accounts::find(&db, session.user_id).await?;
        let account = account.ok_or(AppError::Unauthenticated)?;
        let code = match has_mail() {
            true => requested(CodePurpose::Confirm).await?,
            false => None,
        };
        // This browser may have asked for another account before.
        let code = code.filter(|code| code.user_id == Some(session.user_id));
        let has_passkey = has_passkeys() && !passkeys::list(&db, session.user_id).await?.is_empty();
        Ok(HEAD.with(view! {
            <p class="lead">"What you are about to do needs a proof of who you are that is not older than ten minutes."</p>
            <FormErrors state=state.clone()/>
            {has_passkey.then({
                let next = next.clone();
                || view! {
                    <h2 class="section">"With a passkey"</h2>
                    <PasskeyForm action="/confirm/passkey" purpose=Purpose::Confirm label="Confirm with a passkey">
                        <FormId next/>
                    </PasskeyForm>
                }
            })}
            <h2 class="section">"With your password"</h2>
            <form class="account-form" method="post" action="/confirm">
                // The name of the account, for password managers.
                <input type="text" name="username" autocomplete="username" value=session.handle readonly hidden/>
                <FormId next=next.clone()/>
                <Fields kinds=&PASSWORD_FIELDS state=state.clone()/>
                <button class="button">"Confirm"</button>
            </form>
            {has_mail().then(|| view! {
                <h2 class="section">"With a code"</h2>
                {match code {
                    Some(code) => Either::Left(view! {
                        <Sent code=code.clone() purpose=CodePurpose::Confirm/>
                        {code.is_usable(Timestamp::now()).then(|| view! {
                            <form class="account-form" method="post" action="/confirm">
                                <FormId next=next.clone()/>
                                <Fields kinds=&CODE_FIELDS state/>
                                <button class="button">"Confirm"</button>
                            </form>
                        })}
                        <SendAgain path="/confirm/send" code next/>
                    }),
                    None => Either::Right(view! {
                        <form class="account-form" method="post" action="/confirm/send">
                            <AskId/>
                            <input type="hidden" name="next" value=next/>
                            <p>"No password at hand? A code can be sent to "<bdi>{account.email}</bdi>"."</p>
                            <button class="button">"Send a code"</button>
                        </form>
                    }),
                }}
            })}
            <BackToAccount/>
        }))
    })
}

/// The hidden parts of the forms: where to go on, and the id by which one that is sent twice is known.
#[component]
fn FormId(next: String) -> impl IntoView {
    view! {
        <input type="hidden" name="next" value=next/>
        <input type="hidden" name="id" value=SessionId::new().to_string()/>
    }
}
