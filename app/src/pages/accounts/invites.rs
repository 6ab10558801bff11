//! `/settings/invites`: the invites that the person who is signed in has made, and the form that makes one.

use accounts::policy::{self, Action};
use db::queries::invites::{self, ListedInvite};
use db::queries::sessions::SessionRow;
use domain::lifetimes::{INVITE_SHOWN, INVITE_TTL, INVITES_WINDOW, MAX_INVITES};
use domain::{Cursor, InviteId, Page, Role, Timestamp};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::{BackToAccount, Done, PageHead, allowed, form_state};
use crate::components::{Day, FieldKind, Fields, FormErrors, Pager, Select, role_name};
use crate::failure::inert;
use crate::form::FormState;
use crate::invite::{self, MAX_NOTE};
use crate::pages::{PageHtml, page};
use crate::paging::{ROWS, page_at};
use crate::{AppError, address, context};

static FIELDS: [FieldKind; 1] = [FieldKind {
    name: "note",
    label: "For whom",
    kind: "text",
    autocomplete: "off",
    hint: "A note by which you know the invite later. Nobody else but the administrators sees it.",
    max: MAX_NOTE,
}];

/// The roles with what each may do.
const ROLES: [(Role, &str); 4] = [
    (Role::Reader, "Reader: comments"),
    (Role::Author, "Author: writes posts"),
    (Role::Editor, "Editor: edits everybody’s posts"),
    (Role::Admin, "Administrator: manages everything"),
];

const HEAD: PageHead = PageHead {
    title: "Your invites",
    description: "Invite somebody, and see your invites.",
    path: "/settings/invites",
};

const DAY: u64 = 24 * 60 * 60;

pub(crate) fn invites_page() -> PageHtml {
    let state = form_state();
    page(async move {
        let session = match allowed(Action::Invite, HEAD.path).await? {
            Ok(session) => session,
            Err(elsewhere) => return Ok(inert(elsewhere)),
        };
        let request = page_at("cursor", &context::query("cursor"), ROWS)?;
        let own = Some(session.user_id);
        let list = invites::list(&context::db_async().await?, own, &request).await?;
        let made = link(&session, &list)?;
        let is_revoked = context::query("changed") == "revoked" && !state.is_sent();
        let done =
            is_revoked.then_some("The invite was withdrawn: its link is of no use any more.");
        let address = |cursor: Cursor| address::list(HEAD.path, "", "cursor", &cursor.to_string());
        let (newer, older) = (list.newer.map(address), list.older.map(address));
        let (many, window) = (MAX_INVITES, INVITES_WINDOW.as_secs() / DAY);
        Ok(HEAD.with(view! {
            <p class="lead">
                {format!("Each invite is a link for one person, and good for {} days. You can make {many} within {window} days.", INVITE_TTL.as_secs() / DAY)}
            </p>
            <Done sentence=done/>
            {made.map(|link| view! { <NewLink link/> })}
            <FormErrors state=state.clone()/>
            <form class="account-form" method="post" action="/settings/invites">
                <input type="hidden" name="id" value=InviteId::new().to_string()/>
                <RoleField own=session.role state=state.clone()/>
                <Fields kinds=&FIELDS state/>
                <button class="button">"Make an invite"</button>
            </form>
            <h2 class="section">"Made so far"</h2>
            {list.rows.is_empty().then(|| view! { <p>"None yet."</p> })}
            <ul class="sessions">
                {list.rows.into_iter().map(|invite| view! { <InviteItem invite/> }).collect_view()}
            </ul>
            <Pager newer older/>
            <BackToAccount/>
        }))
    })
}

/// The link of the invite that was made just now.
fn link(session: &SessionRow, list: &Page<ListedInvite>) -> Result<Option<String>, AppError> {
    let (context, made) = (context::request()?, context::query("made"));
    let now = Timestamp::now();
    let mut rows = list.rows.iter();
    let new = rows.find(|invite| {
        invite.id.to_string() == made
            && invite.used_at.is_none()
            && now < invite.created_at + INVITE_SHOWN
    });
    let token = new.and_then(|new| invite::token(context.site(), session.user_id, new.id));
    Ok(token.map(|token| invite::address(context.site(), &token)))
}

/// A link that is shown for the first and last time.
#[component]
fn NewLink(link: String) -> impl IntoView {
    let minutes = INVITE_SHOWN.as_secs() / 60;
    view! {
        <div class="done" role="status">
            <p>{format!("Send this link to the one person whom you invite. It is shown here for {minutes} minutes, and nowhere later.")}</p>
            <p><code>{link}</code></p>
        </div>
    }
}

/// The roles that the person may give.
#[component]
fn RoleField(own: Role, state: FormState) -> impl IntoView {
    let chosen = state.value("role").parse().unwrap_or(Role::Author);
    let given = ROLES
        .iter()
        .filter(|(role, _)| policy::may_give(own, *role));
    let choices = given.map(|(role, label)| (role.to_string(), (*label).to_owned()));
    view! { <Select name="role" label="Role" choices=choices.collect() chosen=chosen.to_string() state/> }
}

/// An invite, what became of it, and the form that withdraws it.
#[component]
fn InviteItem(invite: ListedInvite) -> impl IntoView {
    let is_used = invite.used_at.is_some();
    let label = format!("Withdraw the invite for {}", invite.note);
    let state = match (invite.used_at, invite.guest_handle) {
        (Some(at), Some(guest)) => {
            let profile = format!("/users/{guest}");
            EitherOf3::A(
                view! { <span>"used by "<a href=profile><bdi>{guest}</bdi></a>" "<Day at/></span> },
            )
        }
        (Some(at), None) => {
            EitherOf3::B(view! { <span>"used by somebody who has left, "<Day at/></span> })
        }
        (None, _) => {
            let is_open = Timestamp::now() < invite.expires_at;
            let word = if is_open { "open until " } else { "expired " };
            EitherOf3::C(view! { <span>{word}<Day at=invite.expires_at/></span> })
        }
    };
    view! {
        <li>
            <p><bdi>{invite.note}</bdi></p>
            <p class="meta"><span>{role_name(invite.role)}</span>{state}</p>
            {(!is_used).then(|| view! {
                <form method="post" action="/settings/invites/revoke">
                    <input type="hidden" name="invite" value=invite.id.to_string()/>
                    <button class="button" aria-label=label>"Withdraw"</button>
                </form>
            })}
        </li>
    }
}
