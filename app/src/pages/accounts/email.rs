//! `/settings/email`: asking for another address; `/settings/email/code`: proving it by the code that was mailed there.

use accounts::policy::Action;
use db::queries::accounts as stored;
use domain::{CodePurpose, Timestamp};
use leptos::either::Either;
use leptos::prelude::*;

use super::code::{AskId, CODE, EMAIL, NoMail, SendAgain, Sent, has_mail, requested};
use super::{BackToAccount, PageHead, allowed, form_state};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::context;
use crate::failure::inert;
use crate::pages::{PageHtml, page};

static ASK_FIELDS: [FieldKind; 1] = [FieldKind {
    label: "New e-mail address",
    hint: "Nobody but you and the administrators sees it.",
    ..EMAIL
}];
static CODE_FIELDS: [FieldKind; 1] = [CODE];

const ASK: PageHead = PageHead {
    title: "Change your address",
    description: "Have a code sent to another address, which becomes that of your account.",
    path: "/settings/email",
};

const SET: PageHead = PageHead {
    title: "Confirm your new address",
    description: "Type the code that was sent to your new address.",
    path: "/settings/email/code",
};

pub(crate) fn email_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match allowed(Action::ChangeEmail, ASK.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let account = stored::find(&context::db()?, session.user_id).await?;
        let present =
            account.map(|account| view! { "Your address is "<bdi>{account.email}</bdi>". " });
        let view = if has_mail() {
            Either::Left(view! {
                <p class="lead">
                    {present}"A code is sent to the new one. It is yours when you have typed the code; until then nothing changes."
                </p>
                <FormErrors state=state.clone()/>
                <form class="account-form" method="post" action=ASK.path>
                    <AskId/>
                    <Fields kinds=&ASK_FIELDS state/>
                    <button class="button">"Send a code"</button>
                </form>
            })
        } else {
            Either::Right(view! {
                <p class="lead">{present}</p>
                <NoMail purpose="take another address"/>
            })
        };
        Ok(ASK.with(view! {
            {view}
            <BackToAccount/>
        }))
    })
}

pub(crate) fn email_code_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match allowed(Action::ChangeEmail, SET.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let code = requested(CodePurpose::ChangeEmail).await?;
        // This browser may have asked for another account before.
        let code = code.filter(|code| code.user_id == Some(session.user_id));
        let errors = state.clone();
        let view = match code {
            Some(code) => {
                let (email, is_usable) = (code.email.clone(), code.is_usable(Timestamp::now()));
                Either::Left(view! {
                    <Sent code=code.clone() purpose=CodePurpose::ChangeEmail/>
                    <FormErrors state=errors/>
                    {is_usable.then(|| view! {
                        <form class="account-form" method="post" action=SET.path>
                            // Tells a form that is sent twice.
                            <input type="hidden" name="email" value=email/>
                            <Fields kinds=&CODE_FIELDS state/>
                            <button class="button">"Change the address"</button>
                        </form>
                    })}
                    <SendAgain path=ASK.path code next=String::new()/>
                })
            }
            None => Either::Right(view! {
                <FormErrors state=errors/>
                <p class="lead">"No code that can be typed here was sent from this browser."</p>
            }),
        };
        Ok(SET.with(view! {
            {view}
            <p class="beside"><a href=ASK.path>"Have a code sent to another address"</a></p>
            <BackToAccount/>
        }))
    })
}
