//! `/login/code`: signing in by a code, for who has no password at hand.

use domain::{CodePurpose, Timestamp};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::code::{AskId, CODE, EMAIL, NoMail, SendAgain, Sent, has_mail, requested};
use super::{PageHead, form_state, next, with_next};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::pages::{PageHtml, page};
use crate::{address, context};

static ASK_FIELDS: [FieldKind; 1] = [EMAIL];
static CODE_FIELDS: [FieldKind; 1] = [CODE];

const HEAD: PageHead = PageHead {
    title: "Sign in with a code",
    description: "Have a code sent to your address, and sign in with it.",
    path: "/login/code",
};

pub(crate) fn sign_in_by_code_page() -> PageHtml {
    let state = form_state();
    let next = next(&state.value("next"));
    let by_password = with_next("/login", &next);
    // Asked for, or not taken yet.
    let wants_another = !context::query("other").is_empty() || state.error("email").is_some();
    page(async move {
        let code = match wants_another {
            true => None,
            false => requested(CodePurpose::SignIn).await?,
        };
        let view = match code {
            Some(code) => {
                let is_usable = code.is_usable(Timestamp::now());
                let other = address::with_query(HEAD.path, &[("other", "1"), ("next", &next)]);
                EitherOf3::A(view! {
                    <Sent code=code.clone() purpose=CodePurpose::SignIn/>
                    <FormErrors state=state.clone()/>
                    {is_usable.then(|| view! {
                        <form class="account-form" method="post" action="/login/code">
                            <input type="hidden" name="next" value=next.clone()/>
                            <input type="hidden" name="email" value=code.email.clone()/>
                            <Fields kinds=&CODE_FIELDS state/>
                            <button class="button">"Sign in"</button>
                        </form>
                    })}
                    <SendAgain path="/login/code/send" code next/>
                    <p class="beside"><a href=other>"Have a code sent to another address"</a></p>
                })
            }
            None if has_mail() => EitherOf3::B(view! {
                <p class="lead">"Type the address of your account. A code is sent there, with which you sign in."</p>
                <FormErrors state=state.clone()/>
                <form class="account-form" method="post" action="/login/code/send">
                    <AskId/>
                    <input type="hidden" name="next" value=next/>
                    <Fields kinds=&ASK_FIELDS state/>
                    <button class="button">"Send a code"</button>
                </form>
            }),
            None => EitherOf3::C(view! { <NoMail purpose="sign in with a code"/> }),
        };
        Ok(HEAD.with(view! {
            {view}
            <p class="beside">"You have a password? "<a href=by_password>"Sign in with it"</a></p>
        }))
    })
}
