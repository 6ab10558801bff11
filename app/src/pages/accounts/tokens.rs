//! `/settings/tokens`: the tokens by which programs use the API for the person who is signed in, and the form that makes one.

use accounts::policy::{self, Action};
use db::queries::api_tokens::{self, ListedToken};
use domain::{DisplayName, Role, Scope, Timestamp, TokenId};
use leptos::either::Either;
use leptos::prelude::*;

use super::{BackToAccount, Done, PageHead, allowed, form_state};
use crate::components::{Day, FieldKind, Fields, FormErrors, Select};
use crate::context;
use crate::failure::inert;
use crate::form::FormState;
use crate::pages::{PageHtml, page};

static NAME: [FieldKind; 1] = [FieldKind {
    name: "name",
    label: "Name",
    kind: "text",
    autocomplete: "off",
    hint: "By which you will know it: where it is used, for example.",
    max: DisplayName::MAX,
}];

/// The days that are offered, and the number that is chosen at first.
const DAYS: [u32; 4] = [7, 30, 90, 365];
const DEFAULT_DAYS: u32 = 30;

const HEAD: PageHead = PageHead {
    title: "API tokens",
    description: "Tokens with which programs use the API for you.",
    path: "/settings/tokens",
};

pub(crate) fn tokens_page() -> PageHtml {
    page(async {
        let session = match allowed(Action::ManageTokens, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let state = form_state();
        let is_revoked = context::query("changed") == "revoked" && !state.is_sent();
        let done = is_revoked.then_some("The token was revoked: no program can use it any more.");
        let tokens = api_tokens::list(&context::db()?, session.user_id).await?;
        Ok(HEAD.with(view! {
            <p class="lead">"With a token, a program uses the site for you. Give each program one of its own, and revoke it when it is not needed any more."</p>
            <Done sentence=done/>
            {state.made().map(|token| view! { <NewToken token/> })}
            <FormErrors state=state.clone()/>
            <h2 class="section">"Make a token"</h2>
            <TokenForm state role=session.role/>
            <h2 class="section">"Your tokens"</h2>
            {match tokens.is_empty() {
                true => Either::Left(view! { <p>"You have none."</p> }),
                false => Either::Right(view! {
                    <ul class="sessions">{tokens.into_iter().map(|one| view! { <TokenItem one/> }).collect_view()}</ul>
                }),
            }}
            <BackToAccount/>
        }))
    })
}

/// A token that was just made.
#[component]
fn NewToken(token: String) -> impl IntoView {
    view! {
        <div class="done" role="status">
            <p>"This is your new token. Copy it now: it is not shown again. A click selects all of it."</p>
            <p><code class="secret" translate="no">{token}</code></p>
            <p>"A program sends it in the header "<code>"Authorization: Bearer …"</code>". Keep it as you keep a password."</p>
        </div>
    }
}

#[component]
fn TokenForm(state: FormState, role: Role) -> impl IntoView {
    // The token that this form makes, however often it is sent.
    let id = match state.value("id") {
        id if id.is_empty() => TokenId::new().to_string(),
        id => id,
    };
    let chosen_scope = state.value("scope").parse().unwrap_or(Scope::Read);
    let scopes = [Scope::Read, Scope::Write, Scope::Admin];
    let scopes = scopes
        .into_iter()
        .filter(|scope| policy::is_of_use(*scope, role))
        .map(|scope| view! { <ScopeChoice scope is_chosen={scope == chosen_scope}/> })
        .collect_view();
    let chosen_days = state.value("days").parse().unwrap_or(DEFAULT_DAYS);
    let days = DAYS.map(|days| (days.to_string(), format!("{days} days")));
    let until = state.value("until");
    let error = |field| {
        let why = state.error(field);
        why.map(|why| view! { <p class="field-error" id=format!("{field}-error")>{why}</p> })
    };
    let (scope_error, until_error) = (error("scope"), error("until"));
    let is_until_wrong = state.error("until").is_some();
    view! {
        <form class="account-form" method="post" action="/settings/tokens">
            <input type="hidden" name="id" value=id/>
            <Fields kinds=&NAME state=state.clone()/>
            <fieldset class="choices" id="scope">
                <legend>"What it may do"</legend>
                {scopes}
                {scope_error}
            </fieldset>
            <Select name="days" label="It is good for" choices=days.to_vec() chosen=chosen_days.to_string() state=state.clone()/>
            <div class="field">
                <label for="until">"Or until a day"</label>
                <p class="hint" id="until-hint">"May stay empty. The last day on which it is good, less than a year from now."</p>
                <input
                    id="until"
                    name="until"
                    type="date"
                    autocomplete="off"
                    value=until
                    aria-describedby=if is_until_wrong { "until-hint until-error" } else { "until-hint" }
                    aria-invalid=is_until_wrong.then_some("true")
                />
                {until_error}
            </div>
            <button class="button">"Make a token"</button>
        </form>
    }
}

#[component]
fn ScopeChoice(scope: Scope, is_chosen: bool) -> impl IntoView {
    let means = match scope {
        Scope::Read => "Read what you may read: your drafts and your e-mail address, too.",
        Scope::Write => "Also write, comment and change what you may change.",
        Scope::Admin => {
            "Also take all your data, close your account, and do what only administrators do, if you are one."
        }
    };
    view! {
        <label class="choice">
            <input type="radio" name="scope" value=scope.as_str() checked=is_chosen required/>
            <span><b>{scope.as_str()}</b>" "<span class="hint">{means}</span></span>
        </label>
    }
}

/// One token, and the form that revokes it.
#[component]
fn TokenItem(one: ListedToken) -> impl IntoView {
    let is_over = one.expires_at.is_some_and(|at| at <= Timestamp::now());
    let expires = one.expires_at.map(|at| {
        let word = if is_over { "expired " } else { "expires " };
        view! { <span>{word}<Day at/></span> }
    });
    let used = match one.last_used_at {
        Some(at) => Either::Left(view! { <span>"last used "<Day at/></span> }),
        None => Either::Right(view! { <span>"never used"</span> }),
    };
    let scope = format!("Scope {}", one.scopes);
    let label = format!("Revoke {}", one.name);
    view! {
        <li>
            <p><bdi>{one.name}</bdi></p>
            <p class="meta">
                <span>{scope}</span>
                <span>"made "<Day at=one.created_at/></span>
                {used}
                {expires}
            </p>
            <form method="post" action="/settings/tokens/revoke">
                <input type="hidden" name="token" value=one.id.to_string()/>
                <button class="button" aria-label=label>"Revoke"</button>
            </form>
        </li>
    }
}
