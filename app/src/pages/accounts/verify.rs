//! `/verify`: proving the address of one's account by the code that was mailed there.

use db::queries::accounts;
use domain::{CodePurpose, Timestamp};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::code::{AskId, CODE, NoMail, SendAgain, Sent, has_mail, requested};
use super::{BackToAccount, PageHead, form_state, signed_in};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::failure::inert;
use crate::pages::{PageHtml, page};
use crate::{AppError, context};

static FIELDS: [FieldKind; 1] = [CODE];

const HEAD: PageHead = PageHead {
    title: "Confirm your address",
    description: "Type the code that was sent to the address of your account.",
    path: "/verify",
};

pub(crate) fn verify_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match signed_in(HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let account = accounts::find(&context::db()?, session.user_id).await?;
        let account = account.ok_or(AppError::Unauthenticated)?;
        let code = requested(CodePurpose::VerifyEmail).await?;
        // This browser may have asked for another account before.
        let code = code.filter(|code| code.user_id == Some(session.user_id));
        let errors = state.clone();
        let view = match code {
            _ if account.email_verified_at.is_some() => EitherOf3::A(view! {
                <p class="lead"><bdi>{account.email}</bdi>" is confirmed."</p>
            }),
            Some(code) => EitherOf3::B(view! {
                <Sent code=code.clone() purpose=CodePurpose::VerifyEmail/>
                <FormErrors state=errors/>
                {code.is_usable(Timestamp::now()).then(|| view! {
                    <form class="account-form" method="post" action="/verify">
                        <Fields kinds=&FIELDS state/>
                        <button class="button">"Confirm"</button>
                    </form>
                })}
                <SendAgain path="/verify/send" code next=String::new()/>
            }),
            None => EitherOf3::C(if has_mail() {
                Either::Left(view! {
                    <p class="lead">"A code that is typed here shows that "<bdi>{account.email}</bdi>" is yours."</p>
                    <FormErrors state=errors/>
                    <form class="account-form" method="post" action="/verify/send">
                        <AskId/>
                        <button class="button">"Send a code"</button>
                    </form>
                })
            } else {
                Either::Right(view! { <NoMail purpose="confirm an address"/> })
            }),
        };
        Ok(HEAD.with(view! {
            {view}
            <BackToAccount/>
        }))
    })
}
