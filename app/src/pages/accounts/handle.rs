//! `/settings/handle`: another handle.

use accounts::policy::Action;
use domain::Handle;
use domain::lifetimes::HANDLE_KEPT;
use leptos::prelude::*;

use super::{BackToAccount, PageHead, allowed, form_state};
use crate::components::{FieldKind, Fields, FormErrors};
use crate::failure::inert;
use crate::pages::{PageHtml, page};

static FIELDS: [FieldKind; 1] = [FieldKind {
    name: "handle",
    label: "New handle",
    kind: "text",
    autocomplete: "username",
    hint: "",
    max: Handle::MAX,
}];

const HEAD: PageHead = PageHead {
    title: "Change your handle",
    description: "Take another name in addresses.",
    path: "/settings/handle",
};

pub(crate) fn handle_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match allowed(Action::ChangeHandle, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let days = HANDLE_KEPT.as_secs() / (24 * 60 * 60);
        let kept = format!(
            "For {days} days the old address leads to the new one, and nobody else can take your old handle. Then it is free."
        );
        Ok(HEAD.with(view! {
            <p class="lead">"Your handle is "<bdi>{session.handle}</bdi>". It stands in the address of your page, and you can sign in with it."</p>
            <p class="beside">{kept}</p>
            <FormErrors state=state.clone()/>
            <form class="account-form" method="post" action=HEAD.path>
                <Fields kinds=&FIELDS state/>
                <button class="button">"Change handle"</button>
            </form>
            <BackToAccount/>
        }))
    })
}
