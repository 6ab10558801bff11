//! `/logout`: signing out. A page of its own, because only a form that was sent signs out.

use leptos::prelude::*;

use super::{BackToAccount, PageHead};
use crate::pages::{PageHtml, page_without_data};

const HEAD: PageHead = PageHead {
    title: "Sign out",
    description: "End the session of this browser.",
    path: "/logout",
};

pub(crate) fn sign_out_page() -> PageHtml {
    page_without_data(HEAD.with(view! {
        <p class="lead">"This ends the session of this browser. Others stay signed in."</p>
        <form class="account-form" method="post" action="/logout">
            <button class="button">"Sign out"</button>
        </form>
        <BackToAccount/>
    }))
}
