//! `/reset`: asking for a new password; `/reset/code`: setting it by the code that was mailed.

use domain::{CodePurpose, Timestamp};
use leptos::either::Either;
use leptos::prelude::*;

use super::code::{AskId, CODE, EMAIL, NoMail, SendAgain, Sent, has_mail, requested};
use super::{NEW_PASSWORD, PageHead, form_state};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::pages::{PageHtml, page, page_without_data};

static ASK_FIELDS: [FieldKind; 1] = [EMAIL];

static SET_FIELDS: [FieldKind; 2] = [CODE, NEW_PASSWORD];

const ASK: PageHead = PageHead {
    title: "A new password",
    description: "Have a code sent with which you set a new password.",
    path: "/reset",
};

const SET: PageHead = PageHead {
    title: "Set a new password",
    description: "Type the code from the mail, and a new password.",
    path: "/reset/code",
};

pub(crate) fn reset_page() -> PageHtml {
    let state = form_state();
    let view = if has_mail() {
        Either::Left(view! {
            <p class="lead">"Type the address of your account. A code is sent there, with which you set a new password."</p>
            <FormErrors state=state.clone()/>
            <form class="account-form" method="post" action="/reset">
                <AskId/>
                <Fields kinds=&ASK_FIELDS state/>
                <button class="button">"Send a code"</button>
            </form>
        })
    } else {
        Either::Right(view! { <NoMail purpose="set a new password"/> })
    };
    page_without_data(ASK.with(view! {
        {view}
        <SignIn/>
    }))
}

pub(crate) fn reset_code_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let code = requested(CodePurpose::ResetPassword).await?;
        let errors = state.clone();
        let view = match code {
            Some(code) => {
                let (email, is_usable) = (code.email.clone(), code.is_usable(Timestamp::now()));
                Either::Left(view! {
                    <Sent code=code.clone() purpose=CodePurpose::ResetPassword/>
                    <FormErrors state=errors/>
                    {is_usable.then(|| view! {
                        <form class="account-form" method="post" action="/reset/code">
                            // The name of the account, for password managers, and for a form that is sent twice.
                            <input type="hidden" name="email" value=email autocomplete="username"/>
                            <Fields kinds=&SET_FIELDS state/>
                            <button class="button">"Set the password"</button>
                        </form>
                    })}
                    <SendAgain path="/reset" code next=String::new()/>
                })
            }
            None => Either::Right(view! {
                <FormErrors state=errors/>
                <p class="lead">"No code that can be typed here was sent from this browser."</p>
            }),
        };
        Ok(SET.with(view! {
            {view}
            <p class="beside"><a href="/reset">"Have a code sent to another address"</a></p>
            <SignIn/>
        }))
    })
}

/// The way back for who needs no new password.
#[component]
fn SignIn() -> impl IntoView {
    view! { <p class="beside">"You know it after all? "<a href="/login">"Sign in"</a></p> }
}
