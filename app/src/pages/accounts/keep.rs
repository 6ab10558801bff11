//! `/settings/keep`: an account that waits to be erased, for its owner, who finds nothing else as long as it does.

use db::queries::accounts;
use domain::Timestamp;
use leptos::prelude::*;

use super::{PageHead, form_state};
use crate::components::{Day, FormErrors};
use crate::context;
use crate::failure::{inert, see_other};
use crate::pages::{PageHtml, page};

const HEAD: PageHead = PageHead {
    title: "Your account is closed",
    description: "Keep your account, or let it be erased.",
    path: "/settings/keep",
};

const SIGN_IN: &str = "/login?next=%2Fsettings%2Fkeep";

pub(crate) fn keep_page() -> PageHtml {
    page(async {
        let request = context::request()?;
        let Some(owner) = request.proven_owner(Timestamp::now()) else {
            let is_signed_in = request.session().await?.is_some();
            let elsewhere = if is_signed_in { "/settings" } else { SIGN_IN };
            return Ok(inert(see_other(elsewhere)));
        };
        let account = accounts::find(&context::db()?, owner).await?;
        let waiting = account.and_then(|account| Some((account.erase_at?, account.keeps_posts)));
        let Some((at, keeps_posts)) = waiting else {
            return Ok(inert(see_other("/settings")));
        };
        let what = match keeps_posts {
            true => "Your posts and comments stay, under the name of a former member.",
            false => "Everything that you wrote is hidden, and is erased with it.",
        };
        Ok(HEAD.with(view! {
            <p class="lead">"It is to be erased on "<Day at/>". Until then you can keep it, and everything will be as it was."</p>
            <p>{what}" There is nothing to do for it: you are signed out everywhere."</p>
            <FormErrors state=form_state()/>
            <form class="account-form" method="post" action=HEAD.path>
                <button class="button">"Keep my account"</button>
            </form>
        }))
    })
}
