//! `/settings/passkeys`: the passkeys of the person who is signed in, each with its name.

use accounts::policy::Action;
use db::queries::passkeys::{self, ListedPasskey};
use domain::DisplayName;
use leptos::either::Either;
use leptos::prelude::*;

use super::passkey::{PasskeyForm, has_passkeys};
use super::{PageHead, allowed, form_state};
use crate::components::{Day, FieldKind, Fields, FormErrors};
use crate::context;
use crate::failure::inert;
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

const HEAD: PageHead = PageHead {
    title: "Passkeys",
    description: "The passkeys by which you sign in.",
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
                "A passkey is kept by your phone, your computer or a security key. You sign in by what unlocks it: a fingerprint, your \
                 face, or a PIN. There is nothing to remember, and nothing that another site could ask you for."
            </p>
            {done(&context::query("changed"))}
            <FormErrors state=state.clone()/>
            {(!is_empty).then(|| view! {
                <h2 class="section">"Your passkeys"</h2>
                <ul class="sessions">
                    {all.into_iter().map(|one| view! { <PasskeyItem one/> }).collect_view()}
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
                Either::Right(view! {
                    <p>"Browsers make passkeys only for a site whose address is a name, and whose operators have set its secret. On your own machine, open it at localhost."</p>
                })
            }}
            <p class="beside"><a href="/settings">"To your account"</a></p>
        }))
    })
}

/// A sentence about what was done before this page was shown.
fn done(changed: &str) -> Option<impl IntoView + use<>> {
    let sentence = match changed {
        "added" => "The passkey was added. You can sign in by it from now on.",
        "removed" => {
            "The passkey was removed: nobody can sign in by it here. Your device may still list it, until you remove it there, too."
        }
        "renamed" => "The passkey has its new name.",
        _ => return None,
    };
    Some(view! { <p class="done" role="status">{sentence}</p> })
}

/// One passkey, and the forms that rename and remove it.
#[component]
fn PasskeyItem(one: ListedPasskey) -> impl IntoView {
    let field = format!("name-{}", &one.id[..8.min(one.id.len())]);
    let id = one.id;
    let remove = format!("Remove {}", one.name);
    view! {
        <li>
            <form class="rename" method="post" action="/settings/passkeys/rename">
                <input type="hidden" name="passkey" value=id.clone()/>
                <label for=field.clone()>"Name"</label>
                <input id=field name="name" value=one.name maxlength=DisplayName::MAX.to_string() dir="auto" required/>
                <button class="button">"Rename"</button>
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
