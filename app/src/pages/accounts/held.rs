//! A form that waits: what was typed is kept in the page, until its sender has signed in, or confirmed who they are, in another one.

use leptos::prelude::*;

use super::PageHead;
use crate::AppError;
use crate::failure::set_status;
use crate::form::{BeforeForm, HeldForm};
use crate::pages::{PageHtml, page_without_data};

/// The words about what has to come first.
struct Before {
    head: PageHead<'static>,
    problem: AppError,
    lead: &'static str,
    label: &'static str,
    /// The page where it is done.
    path: &'static str,
}

const SIGN_IN: Before = Before {
    head: PageHead {
        title: "You are signed out",
        description: "Sign in, and send the form again.",
        path: "/login",
    },
    problem: AppError::Unauthenticated,
    lead: "Nothing is lost: this page keeps what you typed, except passwords. Sign in, come back here, and send it again.",
    label: "Sign in",
    path: "/login",
};

const CONFIRM: Before = Before {
    head: PageHead {
        title: "Confirm first that it is you",
        description: "Confirm who you are, and send the form again.",
        path: "/confirm",
    },
    problem: AppError::Forbidden,
    lead: "Your last proof of who you are is more than ten minutes old. Nothing is lost: this page keeps what you typed, except \
           passwords. Confirm that it is you, come back here, and send it again.",
    label: "Confirm",
    path: "/confirm",
};

pub(crate) fn held_page(form: HeldForm) -> PageHtml {
    let Before {
        head,
        problem,
        lead,
        label,
        path,
    } = match form.first {
        BeforeForm::SignIn => SIGN_IN,
        BeforeForm::Confirm => CONFIRM,
    };
    set_status(&problem.problem());
    let values = form.values.into_iter();
    page_without_data(head.with(view! {
        <p class="lead">{lead}</p>
        <p><a class="button" href=path target="_blank">{label}" (in a new tab)"</a></p>
        <form class="account-form" method="post" action=form.action>
            {values.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()}
            <button class="button">"Send again"</button>
        </form>
    }))
}
