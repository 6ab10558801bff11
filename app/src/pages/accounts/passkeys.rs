//! `/settings/passkeys`: the passkeys of the person who is signed in, each with its name.

use accounts::policy::Action;
use db::queries::passkeys::{self, ListedPasskey};
use domain::DisplayName;
use leptos::either::Either;
use leptos::prelude::*;

use super::passkey::{PasskeyForm, has_passkeys};
use super::{BackToAccount, Done, PageHead, allowed, form_state};
use crate::components::{Day, FieldError, FieldKind, Fields, FormErrors, max_units};
use crate::context;
use crate::failure::inert;
use crate::form::FormState;
use crate::pages::{PageHtml, page};
use crate::passkeys::Purpose;

static FIELDS: [FieldKind; 1] = [FieldKind {
    name: "name",
    label: "Name of the passkey",
    kind: "text",
    autocomplete: "off",
    hint: "By which you know it again, such as “My phone”.",
    max: DisplayName::MAX,
}];

/// The field of another name for a passkey that there is: not that of a new one, which is on the same page.
const NEW_NAME: &str = "passkey-name";

/// The log's sentence about a site without passkeys.
const OFF: &str =
    "passkeys are off: they take SESSION_SECRET, and an address that is a name, such as localhost";

const HEAD: PageHead = PageHead {
    title: "Passkeys",
    description: "The passkeys with which you sign in.",
    path: "/settings/passkeys",
};

pub(crate) fn passkeys_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match allowed(Action::ManagePasskeys, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let all = passkeys::list(&context::db()?, session.user_id).await?;
        let is_empty = all.is_empty();
        Ok(HEAD.with(view! {
            <p class="lead">
                "A passkey is kept by your phone, your computer or a security key. You sign in with what unlocks it: a fingerprint, your \
                 face, or a PIN. There is nothing to remember, and nothing that another site could ask you for."
            </p>
            <Done sentence=done(&context::query("changed")).filter(|_| !state.is_sent())/>
            <FormErrors state=state.clone()/>
            {(!is_empty).then(|| view! {
                <h2 class="section">"Your passkeys"</h2>
                <ul class="sessions">
                    {all.into_iter().map(|one| view! { <PasskeyItem one state=state.clone()/> }).collect_view()}
                </ul>
            })}
            <h2 class="section">"Add a passkey"</h2>
            {if has_passkeys() {
                Either::Left(view! {
                    <PasskeyForm action=HEAD.path purpose=Purpose::Add label="Add a passkey">
                        <Fields kinds=&FIELDS state/>
                    </PasskeyForm>
                })
            } else {
                log::warn!("{OFF}");
                Either::Right(view! {
                    <p>"No passkey can be added at the moment. Please ask the people who run the site."</p>
                })
            }}
            <BackToAccount/>
        }))
    })
}

/// A sentence about what was done before this page was shown.
fn done(changed: &str) -> Option<&'static str> {
    Some(match changed {
        "added" => "The passkey was added. You can sign in with it from now on.",
        "removed" => {
            "The passkey was removed: nobody can sign in with it here. Your device may still list it, until you remove it there, too."
        }
        "renamed" => "The passkey has its new name.",
        _ => return None,
    })
}

/// One passkey, and the forms that rename and remove it. A name that was typed and not taken is shown again here, if it was for this one.
#[component]
fn PasskeyItem(one: ListedPasskey, state: FormState) -> impl IntoView {
    let is_sent = state.value("passkey") == one.id && state.has(NEW_NAME);
    let error = state.error(NEW_NAME).filter(|_| is_sent);
    let typed = is_sent.then(|| state.value(NEW_NAME));
    // The summary of what is wrong leads to the row that was sent.
    let field = match is_sent {
        true => NEW_NAME.to_owned(),
        false => format!("{NEW_NAME}-{}", &one.id[..8.min(one.id.len())]),
    };
    let [name_of, rename, remove] =
        ["Name of", "Rename", "Remove"].map(|verb| format!("{verb} {}", one.name));
    let (id, name) = (one.id, typed.unwrap_or(one.name));
    let is_wrong = error.is_some();
    view! {
        <li>
            <form class="rename" method="post" action="/settings/passkeys/rename">
                <input type="hidden" name="passkey" value=id.clone()/>
                <label for=field.clone()>"Name"</label>
                <input
                    type="text"
                    id=field
                    name=NEW_NAME
                    value=name
                    maxlength=max_units(DisplayName::MAX).to_string()
                    autocomplete="off"
                    dir="auto"
                    required
                    aria-label=name_of
                    aria-describedby=is_wrong.then(|| format!("{NEW_NAME}-error"))
                    aria-invalid=is_wrong.then_some("true")
                />
                <button class="button" aria-label=rename>"Rename"</button>
                <FieldError name=NEW_NAME error/>
            </form>
            <p class="meta">
                <span>"Added "<Day at=one.created_at/></span>
                {one.last_used_at.map(|at| view! { <span>"last used "<Day at/></span> })}
                {one.backed_up.then(|| view! { <span>"kept on several devices"</span> })}
            </p>
            <form method="post" action="/settings/passkeys/remove">
                <input type="hidden" name="passkey" value=id/>
                <button class="button" aria-label=remove>"Remove"</button>
            </form>
        </li>
    }
}
