//! `/invite`: who invites, and the form by which the invited person makes an account.

use accounts::Token;
use db::queries::invites::{self, OpenInvite};
use domain::Timestamp;
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::sign_up::{AccountForm, FIELDS};
use super::{PageHead, form_state, next, token, with_next};
use crate::components::{FormErrors, role_name};
use crate::context::{self, Registration};
use crate::pages::{PageHtml, page};
use crate::{AppError, site};

const HEAD: PageHead = PageHead {
    title: "You are invited",
    description: "Make an account by an invite.",
    path: "/invite",
};

pub(crate) fn invite_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let token = token(&state);
        let sign_in = with_next("/login", &next(&state.value("next")));
        let is_closed = context::request()?.site().registration == Registration::Closed;
        let invite = find(&token).await?;
        let title = match invite {
            _ if is_closed => "Nobody can sign up now",
            Some(_) => HEAD.title,
            None => "This invite does not work",
        };
        let view = match invite {
            _ if is_closed => EitherOf3::A(view! {
                <p class="lead">"Nobody can sign up here at the moment, with an invite or without. It may be open again later."</p>
            }),
            Some(invite) => EitherOf3::B(view! {
                <Inviter invite/>
                <AccountForm path="/invite" fields=&FIELDS state token button="Sign up"/>
            }),
            None => EitherOf3::C(view! {
                <FormErrors state/>
                <p class="lead">
                    "This invite is not right, or it was used or withdrawn, or has expired. Ask who sent it for another one."
                </p>
            }),
        };
        Ok(PageHead { title, ..HEAD }.with(view! {
            {view}
            <p class="beside">"You have an account? "<a href=sign_in>"Sign in"</a></p>
        }))
    })
}

async fn find(token: &str) -> Result<Option<OpenInvite>, AppError> {
    match Token::parse(token) {
        Some(token) => {
            Ok(invites::find(&context::db_async().await?, &token.hash(), Timestamp::now()).await?)
        }
        None => Ok(None),
    }
}

/// The words about who invites.
#[component]
fn Inviter(invite: OpenInvite) -> impl IntoView {
    let profile = format!("/users/{}", invite.inviter_handle);
    let role = role_name(invite.role);
    view! {
        <p class="lead">
            <a href=profile><bdi>{invite.inviter_name}</bdi></a>
            {format!(" invites you to {}, as {} {}.", site::NAME, article(role), role)}
        </p>
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e']) {
        "an"
    } else {
        "a"
    }
}
