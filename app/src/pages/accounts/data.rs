//! `/settings/data`: everything that the site has stored about the person who is signed in, as one download.

use accounts::policy::Action;
use db::queries::personal_data::MAX_LENGTH;
use leptos::prelude::*;

use super::{BackToAccount, PageHead, allowed, form_state};
use crate::components::FormErrors;
use crate::failure::inert;
use crate::pages::{PageHtml, page};

const HEAD: PageHead = PageHead {
    title: "Your data",
    description: "Download everything that the site has stored about you.",
    path: "/settings/data",
};

pub(crate) fn data_page() -> PageHtml {
    page(async {
        if let Err(elsewhere) = allowed(Action::ExportData, HEAD.path).await? {
            return Ok(inert(elsewhere));
        }
        let content = format!(
            "It is a zip file: every row about you as JSON, and your posts as Markdown, drafts included. Passwords, and whatever else \
             somebody could sign in with, are not in it. It holds up to {} million characters of what you wrote.",
            MAX_LENGTH / 1_000_000
        );
        Ok(HEAD.with(view! {
            <p class="lead">"Everything that the site has stored about you, in one file."</p>
            <p>{content}</p>
            <FormErrors state=form_state()/>
            <form class="account-form" method="post" action=HEAD.path>
                <button class="button">"Download"</button>
            </form>
            <BackToAccount/>
        }))
    })
}
