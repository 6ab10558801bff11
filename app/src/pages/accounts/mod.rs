//! Pages of accounts: signing up, in and out, and the settings. Each is its reader's alone: never stored, never indexed.
//!
//! The forms are plain HTML; `server/src/accounts` takes them. One that is not taken is rendered again by the same page.

mod browser;
mod code;
mod reset;
mod settings;
mod sign_in;
mod sign_in_by_code;
mod sign_out;
mod sign_up;
mod verify;

use http::HeaderValue;
use http::header::CACHE_CONTROL;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use serde_json::json;

pub(crate) use reset::{ResetCodePage, ResetPage};
pub(crate) use settings::SettingsPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use sign_in_by_code::SignInByCodePage;
pub(crate) use sign_out::SignOutPage;
pub(crate) use sign_up::SignUpPage;
pub(crate) use verify::VerifyPage;

use crate::components::Head;
use crate::failure::{html, set_status};
use crate::form::FormState;
use crate::redirects::of_this_site;
use crate::{context, site};

/// The words around such a page: its heading, its description, and its path.
struct PageHead {
    title: &'static str,
    description: &'static str,
    path: &'static str,
}

impl PageHead {
    /// The page. It is no component: children of one would be compiled for each way in which Leptos renders them.
    fn with(self, content: impl IntoView) -> InertElement {
        let Self {
            title,
            description,
            path,
        } = self;
        if let Some(response) = context::response() {
            response.insert_header(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        let json_ld = json!({ "@context": "https://schema.org", "@type": "WebPage", "inLanguage": site::LANGUAGE, "name": title });
        html(view! {
            <Head title description path json_ld is_indexed=false/>
            <h1>{title}</h1>
            {content}
        })
    }
}

/// The state of the form that is being rendered; the response gets its status.
fn form_state() -> FormState {
    let state = context::given::<FormState>().unwrap_or_default();
    if let Some(problem) = state.problem() {
        set_status(problem);
    }
    state
}

/// The address to go on to, from a form that was sent or from the query; the settings, if it is not one of this site.
fn next(typed: &str) -> String {
    let next = match typed {
        "" => context::query("next"),
        typed => typed.to_owned(),
    };
    of_this_site(&next).unwrap_or("/settings").to_owned()
}
