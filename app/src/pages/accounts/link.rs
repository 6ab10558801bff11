//! `/link` and `/setup`: one-time links that an operator had printed, to a new password, to an account, or to that of the first
//! administrator.

use accounts::Token;
use db::queries::accounts as stored;
use db::queries::admin;
use db::queries::codes::{self, RequestedCode};
use domain::{CodePurpose, Timestamp};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::sign_up::{AccountForm, FIELDS, HANDLE, NAME, PASSWORD};
use super::{NEW_PASSWORD, PageHead, form_state, token};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::form::FormState;
use crate::pages::{PageHtml, page};
use crate::{AppError, context, site};

static PASSWORD_FIELDS: [FieldKind; 1] = [NEW_PASSWORD];
/// The address is that of the link.
static ACCOUNT_FIELDS: [FieldKind; 3] = [HANDLE, NAME, PASSWORD];

const LINK: PageHead = PageHead {
    title: "This link does not work",
    description: "Get into your account by a link, or make one.",
    path: "/link",
};

const SET_UP: PageHead = PageHead {
    title: "The first administrator",
    description: "Make the account of the first administrator.",
    path: "/setup",
};

pub(crate) fn link_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let link = find(CodePurpose::Link, &state).await?;
        let user = match link.as_ref().and_then(|link| link.user_id) {
            Some(id) => stored::find(&context::db_async().await?, id).await?,
            None => None,
        };
        let token = token(&state);
        let title = match (&link, &user) {
            (None, _) => LINK.title,
            (_, Some(_)) => "Set your new password",
            (_, None) => "Make your account",
        };
        Ok(PageHead { title, ..LINK }.with(match (link, user) {
            (None, _) => EitherOf3::A(view! { <Void state/> }),
            (Some(link), Some(user)) => EitherOf3::B(view! {
                <p class="lead">
                    "Set a new password for your account, "<bdi>{user.handle}</bdi>
                    ". You are signed in then, and every other browser is signed out."
                </p>
                <FormErrors state=state.clone()/>
                <form class="account-form" method="post" action="/link">
                    <input type="hidden" name="token" value=token/>
                    // The name of the account, for password managers, and for a form that is sent twice.
                    <input type="hidden" name="email" value=link.email autocomplete="username"/>
                    <Fields kinds=&PASSWORD_FIELDS state/>
                    <button class="button">"Set the password"</button>
                </form>
            }),
            (Some(link), None) => EitherOf3::C(view! {
                <p class="lead">"Make your account. Its address is "<bdi>{link.email}</bdi>", and it is an administrator’s."</p>
                <AccountForm path="/link" fields=&ACCOUNT_FIELDS state token button="Make the account"/>
            }),
        }))
    })
}

pub(crate) fn set_up_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let link = find(CodePurpose::SetUp, &state).await?;
        let has_admin = admin::has_admin(&context::db_async().await?).await?;
        let token = token(&state);
        Ok(SET_UP.with(match link {
            _ if has_admin => EitherOf3::A(view! {
                <FormErrors state/>
                <p class="lead">{format!("{} has an administrator already: this link is of no use any more.", site::NAME)}</p>
                <p class="beside"><a href="/login">"Sign in"</a></p>
            }),
            None => EitherOf3::B(view! { <Void state/> }),
            Some(_) => EitherOf3::C(view! {
                <p class="lead">{format!("Make your account. It is the administrator’s of {}.", site::NAME)}</p>
                <AccountForm path="/setup" fields=&FIELDS state token button="Make the account"/>
            }),
        }))
    })
}

/// The link whose token the address or the form has, if it can be used.
async fn find(purpose: CodePurpose, state: &FormState) -> Result<Option<RequestedCode>, AppError> {
    let Some(token) = Token::parse(&token(state)) else {
        return Ok(None);
    };
    let now = Timestamp::now();
    let link = codes::asked(&context::db_async().await?, purpose, &token.hash(), now).await?;
    Ok(link.filter(|link| link.is_usable(now)))
}

/// The words about a link that cannot be used.
#[component]
fn Void(state: FormState) -> impl IntoView {
    view! {
        <FormErrors state/>
        <p class="lead">"This link is not right, or it was used, or has expired."</p>
        <p class="beside">
            "Was it you who used it? "<a href="/login">"Sign in"</a>". Else ask the people who run the site for another one."
        </p>
    }
}
