//! `/settings/password`: another password.

use accounts::policy::Action;
use domain::SessionId;
use leptos::prelude::*;

use super::{BackToAccount, NEW_PASSWORD, PageHead, allowed, form_state};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::failure::inert;
use crate::pages::{PageHtml, page};

static FIELDS: [FieldKind; 1] = [NEW_PASSWORD];

const HEAD: PageHead = PageHead {
    title: "Change your password",
    description: "Take another password.",
    path: "/settings/password",
};

pub(crate) fn password_page() -> PageHtml {
    page(async {
        let session = match allowed(Action::ChangePassword, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let state = form_state();
        Ok(HEAD.with(view! {
            <p class="lead">"You stay signed in here. Every other browser is signed out."</p>
            <FormErrors state=state.clone()/>
            <form class="account-form" method="post" action="/settings/password">
                // Password managers keep it with the new password.
                <input type="text" name="username" autocomplete="username" value=session.handle readonly hidden/>
                <input type="hidden" name="id" value=SessionId::new().to_string()/>
                <Fields kinds=&FIELDS state/>
                <button class="button">"Change password"</button>
            </form>
            <BackToAccount/>
        }))
    })
}
