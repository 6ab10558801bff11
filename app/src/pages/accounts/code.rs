//! The parts of pages where a code is asked for and typed.

use db::queries::codes::{self, RequestedCode};
use domain::lifetimes::{CODE_TTL, MAX_CODE_ATTEMPTS, VERIFICATION_TTL};
use domain::{CodeId, CodePurpose, Email, Timestamp};
use leptos::prelude::*;

use crate::components::FieldKind;
use crate::context::{self, token_hash};
use crate::{AppError, site};

pub(super) const EMAIL: FieldKind = FieldKind {
    name: "email",
    label: "E-mail address",
    kind: "email",
    autocomplete: "email",
    hint: "",
    max: Email::MAX,
};

pub(super) const CODE: FieldKind = FieldKind {
    name: "code",
    label: "Code",
    kind: "text",
    autocomplete: "one-time-code",
    hint: "The eight digits in the mail.",
    max: 40,
};

/// True if the site can send mail.
pub(super) fn has_mail() -> bool {
    context::current().is_some_and(|context| context.mailer().is_some())
}

/// The code that this browser has asked for, and not used.
pub(super) async fn requested(purpose: CodePurpose) -> Result<Option<RequestedCode>, AppError> {
    let context = context::request()?;
    let Some(hash) = context.code_token().map(token_hash) else {
        return Ok(None);
    };
    Ok(codes::asked(&context.db()?, purpose, &hash, Timestamp::now()).await?)
}

/// The words in place of a form whose code could not be sent.
#[component]
pub(super) fn NoMail(purpose: &'static str) -> impl IntoView {
    view! {
        <p class="lead">
            {format!("{} cannot send mail at the moment, and so nobody can {purpose}. Please ask the people who run it.", site::NAME)}
        </p>
    }
}

/// The words about a code that is on its way, or void by now.
#[component]
pub(super) fn Sent(code: RequestedCode, purpose: CodePurpose) -> impl IntoView {
    let now = Timestamp::now();
    let lasts = match purpose {
        CodePurpose::VerifyEmail => format!("{} hours", VERIFICATION_TTL.as_secs() / 3_600),
        _ => format!("{} minutes", CODE_TTL.as_secs() / 60),
    };
    let is_usable = code.is_usable(now);
    let (before, after) = if is_usable {
        (
            "A mail is on its way to ",
            format!(". Its code is good for {lasts}, in this browser."),
        )
    } else if code.attempts >= MAX_CODE_ATTEMPTS {
        (
            "The code that was sent to ",
            format!(
                " was tried {MAX_CODE_ATTEMPTS} times, and is void now. Have another one sent."
            ),
        )
    } else {
        (
            "The code that was sent to ",
            " has expired. Have another one sent.".to_owned(),
        )
    };
    view! { <p class="lead">{before}<bdi>{code.email}</bdi>{after}</p> }
}

/// The form that has another code sent.
#[component]
pub(super) fn SendAgain(path: &'static str, code: RequestedCode, next: String) -> impl IntoView {
    let is_usable = code.is_usable(Timestamp::now());
    view! {
        <form class="beside" method="post" action=path>
            <AskId/>
            <input type="hidden" name="email" value=code.email/>
            {(!next.is_empty()).then(|| view! { <input type="hidden" name="next" value=next/> })}
            {is_usable.then(|| view! {
                <p>"No mail after a few minutes? Look among the unwanted ones first."</p>
            })}
            <button class="button">"Send another code"</button>
        </form>
    }
}

/// The id by which a form that is sent twice is known.
#[component]
pub(super) fn AskId() -> impl IntoView {
    view! { <input type="hidden" name="id" value=CodeId::new().to_string()/> }
}
