//! Invites: making, showing, using and withdrawing them.

use app::context::Registration;
use db::Value;
use domain::lifetimes::MAX_INVITES;
use futures::future::join;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::mail::hidden;
use crate::support::{Answer, World};

const OWN: &str = "/settings/invites";
const REVOKED: &str = "/settings/invites?changed=revoked";
const VOID: &str = "This invite is not right, or it was used or withdrawn, or has expired";
const BOB: [(&str, &str); 4] = [
    ("handle", "bob"),
    ("name", "Bob"),
    ("email", "bob@example.com"),
    ("password", PASSWORD),
];

/// A site for invited people, with Ada, who has this role, and her session.
async fn site(role: &str) -> (World, String) {
    let world = empty().await.with_secret();
    let ada = sign_up(&world, &ADA).await;
    set_role(&world, "ada", role).await;
    (world.with_registration(Registration::Invite), ada)
}

async fn set_role(world: &World, handle: &str, role: &str) {
    let set = format!("UPDATE users SET role = '{role}' WHERE handle = '{handle}' RETURNING 1");
    cell(world, &set).await;
}

/// Makes an invite; returns the answer.
async fn make(world: &World, session: &str, role: &str) -> Answer {
    let fields = [("role", role), ("note", "for Bob")];
    send(world, OWN, session, &fields).await
}

/// The link that the page shows after an invite was made.
fn link(body: &str) -> Option<&str> {
    let rest = body.split("<code>https://site.example").nth(1)?;
    rest.split('<').next()
}

/// Makes an invite; returns its link.
async fn invite(world: &World, session: &str, role: &str) -> String {
    let made = make(world, session, role).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let shown = page(world, made.header("location"), session).await.body;
    link(&shown).unwrap_or_else(|| panic!("{shown}")).to_owned()
}

/// Signs up by an invite.
async fn accept(world: &World, link: &str, fields: &[(&str, &str)]) -> Answer {
    let (path, token) = link.split_once("?token=").unwrap();
    let token = [("token", token)];
    let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
    send(world, path, "", &fields).await
}

async fn text(world: &World, sql: &str) -> String {
    match cell(world, sql).await {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

async fn count(world: &World, table: &str) -> Value {
    cell(world, &format!("SELECT COUNT(*) FROM {table}")).await
}

fn refused(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains(sentence), "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn an_invite_makes_one_account_with_its_role() {
    let (world, ada) = site("author").await;
    let settings = page(&world, "/settings", &ada).await.body;
    assert!(
        settings.contains("href=\"/settings/invites\""),
        "{settings}"
    );
    let link = invite(&world, &ada, "author").await;
    let stored = format!(
        "SELECT COUNT(*) FROM invites WHERE token_hash = '{}'",
        link.split_once('=').unwrap().1
    );
    assert_eq!(cell(&world, &stored).await, Value::Int(0));

    let form = page(&world, &link, "").await;
    assert_eq!(form.header("cache-control"), "private, no-store");
    assert!(
        form.body
            .contains("<bdi>Ada Lovelace</bdi></a> invites you"),
        "{}",
        form.body
    );
    let id = hidden(&form.body, "id");
    let fields: Vec<_> = BOB
        .into_iter()
        .chain([("id", id.as_str()), ("role", "admin")])
        .collect();
    // What is not taken uses nothing up, and comes back.
    let mut weak = fields.clone();
    weak[3].1 = "bob";
    let answer = accept(&world, &link, &weak).await;
    refused(&answer, "id=\"password-error\"");
    assert!(
        answer.body.contains("value=\"bob@example.com\""),
        "{}",
        answer.body
    );
    let mut taken = fields.clone();
    taken[0].1 = "ada";
    refused(
        &accept(&world, &link, &taken).await,
        "Somebody has this handle already.",
    );

    let (one, two) = join(
        accept(&world, &link, &fields),
        accept(&world, &link, &fields),
    )
    .await;
    for answer in [&one, &two] {
        assert_eq!(answer.header("location"), "/settings", "{}", answer.body);
        let settings = page(&world, "/settings", &session(answer)).await;
        assert_eq!(settings.status, StatusCode::OK);
    }
    assert_eq!(count(&world, "users").await, Value::Int(2));
    let role = text(&world, "SELECT role FROM users WHERE handle = 'bob'").await;
    assert_eq!(role, "author");
    let events = "SELECT GROUP_CONCAT(kind || ' ' || detail) FROM \
                  (SELECT * FROM events WHERE kind <> 'signed_in' ORDER BY id LIMIT 1, 9)";
    assert_eq!(
        text(&world, events).await,
        "invite_created author,signed_up by an invite"
    );

    // Once.
    let other: Vec<_> = [("handle", "cyd"), ("email", "cyd@example.com")]
        .into_iter()
        .chain([BOB[1], BOB[3]])
        .collect();
    refused(&accept(&world, &link, &other).await, VOID);
    assert!(page(&world, &link, "").await.body.contains(VOID));
    let list = page(&world, OWN, &ada).await.body;
    assert!(list.contains("used by <a href=\"/users/bob\">"), "{list}");
    assert!(!list.contains("Withdraw"), "{list}");
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let roles = ["reader", "author", "editor", "admin"];
    for (rights, own) in roles.into_iter().enumerate() {
        let (world, ada) = site(own).await;
        let form = page(&world, OWN, &ada).await;
        if own == "reader" {
            assert_eq!(form.status, StatusCode::FORBIDDEN);
            assert_eq!(
                make(&world, &ada, "reader").await.status,
                StatusCode::FORBIDDEN
            );
            let settings = page(&world, "/settings", &ada).await.body;
            assert!(!settings.contains(OWN), "{settings}");
            continue;
        }
        for (level, role) in roles.into_iter().enumerate() {
            let option = format!("<option value=\"{role}\"");
            assert_eq!(form.body.contains(&option), level <= rights, "{own} {role}");
            let made = make(&world, &ada, role).await;
            match level <= rights {
                true => assert_eq!(made.status, StatusCode::SEE_OTHER, "{own} {role}"),
                false => refused(&made, "id=\"role-error\""),
            }
        }
        refused(&make(&world, &ada, "owner").await, "id=\"role-error\"");
        let made = "SELECT COUNT(*) FROM invites";
        assert_eq!(cell(&world, made).await, Value::Int(rights as i64 + 1));
    }
    let signed_out = make(&empty().await, "", "reader").await;
    assert_eq!(signed_out.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_has_lost_rights_gives_no_more_than_are_left() {
    let (world, ada) = site("admin").await;
    let link = invite(&world, &ada, "admin").await;
    set_role(&world, "ada", "author").await;
    let answer = accept(&world, &link, &BOB).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let role = text(&world, "SELECT role FROM users WHERE handle = 'bob'").await;
    assert_eq!(role, "author");

    let link = invite(&world, &ada, "author").await;
    let suspend = "UPDATE users SET suspended_at = 1 WHERE handle = 'ada' RETURNING 1";
    cell(&world, suspend).await;
    assert!(page(&world, &link, "").await.body.contains(VOID));
    let cyd = [
        ("handle", "cyd"),
        ("email", "cyd@example.com"),
        BOB[1],
        BOB[3],
    ];
    refused(&accept(&world, &link, &cyd).await, VOID);
    assert_eq!(count(&world, "users").await, Value::Int(2));
}

#[tokio::test]
async fn the_registration_setting_decides() {
    let (world, ada) = site("author").await;
    for (registration, by_form, by_invite) in [
        (Registration::Closed, 403, 403),
        (Registration::Invite, 403, 303),
        (Registration::Open, 303, 303),
    ] {
        let world = world.with_registration(registration);
        let link = invite(&world, &ada, "reader").await;
        let shown = page(&world, &link, "").await.body;
        let is_closed = registration == Registration::Closed;
        assert_eq!(
            shown.contains("Nobody can sign up here at the moment"),
            is_closed,
            "{shown}"
        );
        assert_eq!(shown.contains("action=\"/invite\""), !is_closed, "{shown}");
        let invited = format!("{registration:?}1").to_lowercase();
        let email = format!("{invited}@example.com");
        let fields = [
            ("handle", invited.as_str()),
            ("email", &email),
            BOB[1],
            BOB[3],
        ];
        let answer = accept(&world, &link, &fields).await;
        assert_eq!(answer.status.as_u16(), by_invite, "{registration:?}");
        let free = format!("{registration:?}2").to_lowercase();
        let email = format!("{free}@example.com");
        let fields = [("handle", free.as_str()), ("email", &email), BOB[1], BOB[3]];
        let answer = send(&world, "/signup", "", &fields).await;
        assert_eq!(answer.status.as_u16(), by_form, "{registration:?}");
        let form = page(&world, "/signup", "").await.body;
        assert_eq!(
            form.contains("action=\"/signup\""),
            by_form == 303,
            "{form}"
        );
    }
}

#[tokio::test]
async fn everybody_has_a_share() {
    let (world, ada) = site("author").await;
    for _ in 0..MAX_INVITES {
        invite(&world, &ada, "reader").await;
    }
    let more = make(&world, &ada, "reader").await;
    refused(&more, "You have made 10 invites within 30 days");
    assert!(more.body.contains("value=\"for Bob\""), "{}", more.body);
    // A withdrawn one counts no more.
    let list = page(&world, OWN, &ada).await.body;
    let fields = [("invite", hidden(&list, "invite"))];
    let fields = fields
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let gone = send(&world, "/settings/invites/revoke", &ada, &fields).await;
    assert_eq!(gone.header("location"), REVOKED);
    invite(&world, &ada, "reader").await;
    refused(
        &make(&world, &ada, "reader").await,
        "You have made 10 invites",
    );
}

#[tokio::test]
async fn a_withdrawn_or_old_invite_is_of_no_use() {
    let (world, ada) = site("author").await;
    let link = invite(&world, &ada, "author").await;
    let random = format!("/invite?token={}", "A".repeat(43));
    for wrong in [&random, "/invite?token=", "/invite?token=x"] {
        assert!(page(&world, wrong, "").await.body.contains(VOID), "{wrong}");
        refused(&accept(&world, wrong, &BOB).await, VOID);
    }
    // It is another's: nothing happens to it.
    let bob = sign_up(&world.open(), &BOB).await;
    set_role(&world, "bob", "author").await;
    let id = hidden(&page(&world, OWN, &ada).await.body, "invite");
    let revoke = "/settings/invites/revoke";
    send(&world, revoke, &bob, &[("invite", &id)]).await;
    assert!(page(&world, &link, "").await.body.contains("invites you"));
    assert!(!page(&world, OWN, &bob).await.body.contains("for Bob"));

    let cyd = [
        ("handle", "cyd"),
        ("email", "cyd@example.com"),
        BOB[1],
        BOB[3],
    ];
    let late = "UPDATE invites SET expires_at = created_at RETURNING 1";
    cell(&world, late).await;
    assert!(page(&world, &link, "").await.body.contains(VOID));
    refused(&accept(&world, &link, &cyd).await, VOID);
    assert!(page(&world, OWN, &ada).await.body.contains("expired <time"));

    let link = invite(&world, &ada, "author").await;
    let id = hidden(&page(&world, OWN, &ada).await.body, "invite");
    for _ in 0..2 {
        let gone = send(&world, revoke, &ada, &[("invite", &id)]).await;
        assert_eq!(gone.header("location"), REVOKED);
    }
    assert!(page(&world, &link, "").await.body.contains(VOID));
    refused(&accept(&world, &link, &cyd).await, VOID);
    assert_eq!(count(&world, "users").await, Value::Int(2));
    let unknown = send(&world, revoke, &ada, &[("invite", "1")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_invite_whose_link_is_shown_for_some_minutes() {
    let (world, ada) = site("author").await;
    let form = page(&world, OWN, &ada).await;
    assert_eq!(form.header("cache-control"), "private, no-store");
    let id = hidden(&form.body, "id");
    let fields = [("id", id.as_str()), ("role", "author"), ("note", "for Bob")];
    let (one, two) = join(
        send(&world, OWN, &ada, &fields),
        send(&world, OWN, &ada, &fields),
    )
    .await;
    let to = format!("{OWN}?made={id}");
    for answer in [one, two] {
        assert_eq!(answer.header("location"), to, "{}", answer.body);
    }
    assert_eq!(count(&world, "invites").await, Value::Int(1));
    assert_eq!(
        count(&world, "events WHERE kind = 'invite_created'").await,
        Value::Int(1)
    );
    let shown = page(&world, &to, &ada).await.body;
    assert!(link(&shown).is_some(), "{shown}");
    // Neither on the page alone, nor to anybody else, nor later.
    assert_eq!(link(&page(&world, OWN, &ada).await.body), None);
    let bob = sign_up(&world.open(), &BOB).await;
    set_role(&world, "bob", "admin").await;
    assert_eq!(link(&page(&world, &to, &bob).await.body), None);
    let older = "UPDATE invites SET created_at = created_at - 600000 RETURNING 1";
    cell(&world, older).await;
    assert_eq!(link(&page(&world, &to, &ada).await.body), None);
    // Whoever sends it with another's id takes nothing from them.
    let stolen = send(&world, OWN, &bob, &fields).await;
    assert_eq!(
        link(&page(&world, stolen.header("location"), &bob).await.body),
        None
    );
    assert_eq!(count(&world, "invites").await, Value::Int(1));
}

#[tokio::test]
async fn a_note_is_one_short_line_and_without_a_secret_there_are_no_invites() {
    let (world, ada) = site("author").await;
    let long = "x".repeat(81);
    for note in ["", " ", "two\nlines", long.as_str()] {
        let fields = [("role", "editor"), ("role", "author"), ("note", note)];
        let answer = send(&world, OWN, &ada, &fields[1..]).await;
        refused(&answer, "id=\"note-error\"");
    }
    let (world, ada) = {
        let world = empty().await;
        let ada = sign_up(&world, &ADA).await;
        set_role(&world, "ada", "author").await;
        (world, ada)
    };
    let answer = make(&world, &ada, "author").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.body.contains("Nobody can be invited at the moment."),
        "{}",
        answer.body
    );
    assert_eq!(count(&world, "invites").await, Value::Int(0));
}
