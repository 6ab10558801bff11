//! The policy, cell by cell: who asks a page, a form or the API for something is answered as the table of `accounts::policy` says.
//!
//! A new address is a row of [`ROWS`]. A cell that allows something to somebody and has no row is named in [`NOT_YET`].

use std::collections::BTreeSet;
use std::path::Path;

use ::accounts::policy::{Action, Actor, Relation, may, needs_confirmation};
use domain::{Role, Timestamp};
use http::StatusCode;

use crate::accounts::{page, send};
use crate::cast::{Member, site_of, state};
use crate::support::{Answer, World};

/// A way to do something. `{handle}`, `{session}` and `{invite}` are those of whom it is done to.
#[derive(Clone, Copy, Debug)]
enum Ask {
    /// The page where it is done or seen.
    Page(&'static str),
    /// The form by which it is done.
    Form(&'static str, &'static [(&'static str, &'static str)]),
    /// A form by which it is done, sent without a field: whoever may do it is told so, and nobody else.
    Empty(&'static str),
}

use Action::*;
use Ask::{Empty, Form, Page};
use Relation::{Other, Own};

/// Each address, with the cell of the policy that decides about it.
const ROWS: &[(Action, Relation, Ask)] = &[
    (ChangePassword, Own, Page("/settings/password")),
    (
        ChangePassword,
        Own,
        Form(
            "/settings/password",
            &[("password", "copper thistle window")],
        ),
    ),
    (EditProfile, Own, Page("/settings/profile")),
    (EditProfile, Own, Empty("/settings/profile")),
    (ChangeHandle, Own, Page("/settings/handle")),
    (ChangeHandle, Own, Empty("/settings/handle")),
    (ChangeEmail, Own, Page("/settings/email")),
    (ChangeEmail, Own, Empty("/settings/email")),
    (ManagePasskeys, Own, Page("/settings/passkeys")),
    (ManagePasskeys, Own, Empty("/settings/passkeys")),
    (ManageTokens, Own, Page("/settings/tokens")),
    (ManageTokens, Own, Empty("/settings/tokens")),
    (ExportData, Own, Page("/settings/data")),
    (ExportData, Own, Empty("/settings/data")),
    (CloseAccount, Own, Page("/settings/delete")),
    (CloseAccount, Own, Empty("/settings/delete")),
    (Invite, Own, Page("/settings/invites")),
    (Invite, Own, Empty("/settings/invites")),
    (ChangeEmail, Own, Empty("/settings/email/code")),
    (ManagePasskeys, Own, Empty("/settings/passkeys/rename")),
    (ManagePasskeys, Own, Empty("/settings/passkeys/remove")),
    (ManageTokens, Own, Empty("/settings/tokens/revoke")),
    (
        ChangeHandle,
        Own,
        Form("/settings/handle", &[("handle", "another-one")]),
    ),
    (
        RevokeInvite,
        Own,
        Form("/settings/invites/revoke", &[("invite", "{invite}")]),
    ),
    (SeeEmail, Own, Page("/settings")),
    (SeeSessions, Own, Page("/settings")),
    (
        EndSessions,
        Own,
        Form("/settings/sessions/end", &[("session", "{session}")]),
    ),
    (
        EndSessions,
        Other,
        Form("/admin/people/{handle}/sign-out", &[]),
    ),
    (SeeEvents, Own, Page("/settings/events")),
    (SeeEvents, Other, Page("/admin/events")),
    (SeeEvents, Other, Page("/admin/people/{handle}")),
    (SeeEmail, Other, Page("/admin?q={handle}")),
    (SeePeople, Other, Page("/admin")),
    (SeePeople, Own, Page("/admin/people/{handle}")),
    (SeePeople, Other, Page("/admin/people/{handle}")),
    (SeePeople, Other, Page("/admin/invites")),
    (
        RevokeInvite,
        Other,
        Form("/admin/invites/revoke", &[("invite", "{invite}")]),
    ),
    (
        Suspend,
        Own,
        Form("/admin/people/{handle}/suspend", &[("reason", "Spam")]),
    ),
    (
        Suspend,
        Other,
        Form("/admin/people/{handle}/suspend", &[("reason", "Spam")]),
    ),
    (Suspend, Own, Form("/admin/people/{handle}/restore", &[])),
    (Suspend, Other, Form("/admin/people/{handle}/restore", &[])),
    (
        ChangeRole,
        Own,
        Form("/admin/people/{handle}/role", &[("role", "reader")]),
    ),
    (
        ChangeRole,
        Other,
        Form("/admin/people/{handle}/role", &[("role", "reader")]),
    ),
];

/// Cells that have no address yet.
const NOT_YET: &[(Action, Relation)] = &[
    (ReadDraft, Own),
    (ReadDraft, Other),
    (WritePost, Own),
    (EditPost, Own),
    (EditPost, Other),
    (PublishPost, Own),
    (PublishPost, Other),
    (ShareDraft, Own),
    (ShareDraft, Other),
    (DeletePost, Own),
    (DeletePost, Other),
    (ErasePost, Own),
    (ErasePost, Other),
    (PinPost, Own),
    (PinPost, Other),
    (ManageTags, Own),
    (ManageTags, Other),
    (UploadImage, Own),
    (DeleteImage, Own),
    (DeleteImage, Other),
    (WriteComment, Own),
    (EditComment, Own),
    (DeleteComment, Own),
    (DeleteComment, Other),
    (ModerateComment, Own),
    (ModerateComment, Other),
    (ReportComment, Other),
    (SeeReports, Own),
    (SeeReports, Other),
];

/// The person who asks, the one who owns what is another's, and an administrator beside them.
struct Scene {
    world: World,
    actor: Member,
    other: Member,
    is_signed_in: bool,
}

impl Scene {
    async fn new(actor: Actor, is_confirmed: bool) -> Self {
        let (role, is_suspended) = match actor {
            Actor::Nobody => (Role::Reader, false),
            Actor::Suspended => (Role::Admin, true),
            Actor::Member(role) => (role, false),
        };
        let mut me = Member::new("me", role);
        me.user.suspended_at = is_suspended.then(Timestamp::now);
        if !is_confirmed {
            me.session.confirmed_at = None;
        }
        let other = Member::new("other", Role::Author);
        let world = site_of(&[&me, &other, &Member::new("root", Role::Admin)]).await;
        Self {
            world,
            actor: me,
            other,
            is_signed_in: actor != Actor::Nobody,
        }
    }

    async fn ask(&self, ask: Ask, relation: Relation) -> Answer {
        let of = match relation {
            Own => &self.actor,
            Relation::Below | Other => &self.other,
        };
        let session = of.session.public_id.unwrap().to_string();
        let fill = |text: &str| {
            text.replace("{handle}", &of.user.handle)
                .replace("{session}", &session)
                .replace("{invite}", &of.invite.id.to_string())
        };
        let cookie = match self.is_signed_in {
            true => self.actor.cookie(),
            false => String::new(),
        };
        match ask {
            Page(path) => page(&self.world, &fill(path), &cookie).await,
            Empty(path) => send(&self.world, path, &cookie, &[]).await,
            Form(path, fields) => {
                let values: Vec<String> = fields.iter().map(|(_, value)| fill(value)).collect();
                let fields = fields.iter().zip(&values);
                let fields: Vec<(&str, &str)> = fields
                    .map(|((name, _), value)| (*name, value.as_str()))
                    .collect();
                send(&self.world, &fill(path), &cookie, &fields).await
            }
        }
    }
}

/// The answer that the policy wants, as its status and the beginning of where it leads.
fn expected(
    actor: Actor,
    action: Action,
    relation: Relation,
    ask: Ask,
) -> (StatusCode, &'static str) {
    let is_page = matches!(ask, Page(_));
    match (may(actor, action, relation), actor) {
        (true, _) if is_page => (StatusCode::OK, ""),
        (true, _) => (StatusCode::SEE_OTHER, "/"),
        (false, Actor::Nobody | Actor::Suspended) if is_page => {
            (StatusCode::SEE_OTHER, "/login?next=")
        }
        (false, Actor::Nobody | Actor::Suspended) => (StatusCode::UNAUTHORIZED, ""),
        (false, Actor::Member(_)) => (StatusCode::FORBIDDEN, ""),
    }
}

/// Compares an answer with what is wanted.
fn check(answer: &Answer, ask: Ask, (status, leads): (StatusCode, &str), of: &str) {
    if let (Empty(_), StatusCode::SEE_OTHER) = (ask, status) {
        // It was taken as far as the policy goes, if not as far as its fields do.
        let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        let location = answer.header("location");
        let is_led_away = ["/login", "/confirm"]
            .iter()
            .any(|page| location.starts_with(page));
        assert!(
            !is_refused && !is_led_away,
            "{of}: {} {location}",
            answer.status
        );
        return;
    }
    let location = answer.header("location");
    assert_eq!(answer.status, status, "{of}: {location} {}", answer.body);
    assert!(
        location.starts_with(leads) && location.is_empty() == leads.is_empty(),
        "{of}: {location}"
    );
    let is_led_to_sign_in = location.starts_with("/login");
    assert_eq!(
        is_led_to_sign_in,
        leads.starts_with("/login"),
        "{of}: {location}"
    );
}

#[tokio::test]
async fn every_address_answers_as_the_policy_says() {
    for (action, relation, ask) in ROWS {
        for actor in Actor::ALL {
            let of = format!("{actor:?} {action:?} {relation:?} {ask:?}");
            let scene = Scene::new(actor, true).await;
            let before = state(&scene.world).await;
            let answer = scene.ask(*ask, *relation).await;
            check(
                &answer,
                *ask,
                expected(actor, *action, *relation, *ask),
                &of,
            );
            if !may(actor, *action, *relation) {
                assert_eq!(state(&scene.world).await, before, "{of}");
            }
        }
    }
}

#[tokio::test]
async fn a_late_proof_is_asked_for_where_the_policy_wants_it() {
    for (action, relation, ask) in ROWS {
        let actor = Actor::Member(Role::Admin);
        if !may(actor, *action, *relation) {
            continue;
        }
        let of = format!("{action:?} {relation:?} {ask:?}");
        let scene = Scene::new(actor, false).await;
        let before = state(&scene.world).await;
        let wanted = match (needs_confirmation(*action), ask) {
            (false, _) => expected(actor, *action, *relation, *ask),
            (true, Page(_)) => (StatusCode::SEE_OTHER, "/confirm?next="),
            (true, Form(..) | Empty(_)) => (StatusCode::FORBIDDEN, ""),
        };
        let answer = scene.ask(*ask, *relation).await;
        check(&answer, *ask, wanted, &of);
        if needs_confirmation(*action) {
            assert_eq!(state(&scene.world).await, before, "{of}");
        }
    }
}

/// Every cell that allows something to somebody.
fn cells() -> Vec<(Action, Relation)> {
    let cells = Action::ALL
        .iter()
        .flat_map(|action| [(*action, Own), (*action, Other)]);
    let is_open = |(action, relation): &(Action, Relation)| {
        Actor::ALL
            .iter()
            .any(|actor| may(*actor, *action, *relation))
    };
    cells.filter(is_open).collect()
}

#[test]
fn every_cell_has_an_address_or_is_known_to_have_none() {
    for cell in cells() {
        let has_row = ROWS
            .iter()
            .any(|(action, relation, _)| (*action, *relation) == cell);
        assert_ne!(
            has_row,
            NOT_YET.contains(&cell),
            "{cell:?}: a row, or a place among those that have none"
        );
    }
    for cell in NOT_YET {
        assert!(cells().contains(cell), "{cell:?} allows nothing to anybody");
    }
}

#[test]
fn no_action_without_an_address_is_asked_for_anywhere() {
    let mut named = BTreeSet::new();
    for folder in ["../app/src", "src"] {
        collect(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut named,
        );
    }
    let rows: Vec<Action> = ROWS.iter().map(|(action, _, _)| *action).collect();
    assert!(named.contains("ChangeRole"), "{named:?}");
    for action in Action::ALL {
        let is_named = named.contains(&format!("{action:?}"));
        assert!(
            !is_named || rows.contains(action),
            "{action:?} has an address, and no row"
        );
    }
}

/// The actions that the sources in `folder` name.
fn collect(folder: &Path, named: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, named);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let after = text.split("Action::").skip(1);
            named.extend(after.map(|rest| {
                rest.chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect::<String>()
            }));
        }
    }
}
