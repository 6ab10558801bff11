//! Links that an operator had printed: to a new password, to an account, and to that of the first administrator.

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, Value, migrate};
use db_cli::admin::{first_admin, make_admin};
use domain::lifetimes::MAX_CODE_ATTEMPTS;
use futures::future::join;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::mail::{cookies, hidden};
use crate::support::{Answer, World};

const NEW: &str = "quiet copper thistle";
const VOID: &str = "This link is not right, or it was used, or has expired";
const HAS_ADMIN: &str = "has an administrator already";

/// The link that `cargo x db admin EMAIL --link` prints.
async fn link(world: &World, email: &str) -> String {
    let done = make_admin(&world.db(), email, true).await.unwrap();
    done.link.unwrap()
}

/// The link that is printed while there is no administrator.
async fn set_up(world: &World) -> String {
    let done = first_admin(&world.db()).await.unwrap();
    done.link.unwrap()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// Sends the form of a link to its page.
async fn follow(world: &World, link: &str, fields: &[(&str, &str)]) -> Answer {
    let (path, _) = link.split_once('?').unwrap();
    let token = [("token", token(link))];
    let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
    send(world, path, "", &fields).await
}

async fn number(world: &World, sql: &str) -> i64 {
    match cell(world, sql).await {
        Value::Int(number) => number,
        other => panic!("{other:?}"),
    }
}

/// The handles of the administrators.
async fn admins(world: &World) -> Value {
    let sql = "SELECT GROUP_CONCAT(handle) FROM users WHERE role = 'admin'";
    cell(world, sql).await
}

fn refused(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains(sentence), "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
}

/// Codes and links are used longer ago than a form that is sent twice.
async fn wait(world: &World) {
    let older = "UPDATE codes SET used_at = used_at - 31000 RETURNING 1";
    cell(world, older).await;
}

#[tokio::test]
async fn a_link_sets_one_password_and_signs_in() {
    let world = empty().await;
    let other = sign_up(&world, &ADA).await;
    let done = make_admin(&world.db(), " ADA@example.com", true).await;
    let done = done.unwrap();
    assert_eq!(
        done.sentence,
        "ada (Ada Lovelace, ada@example.com) was reader and is an administrator now; nobody has confirmed this address: make sure \
         that the account is theirs"
    );
    let link = done.link.unwrap();
    let stored = "SELECT COUNT(*) FROM codes WHERE purpose = 'link' AND LENGTH(code_hash) = 64";
    assert_eq!(number(&world, stored).await, 1);
    let leaks = format!(
        "SELECT COUNT(*) FROM codes WHERE code_hash = '{}'",
        token(&link)
    );
    assert_eq!(number(&world, &leaks).await, 0);

    // Looking at it does not use it up.
    for _ in 0..2 {
        let form = page(&world, &link, "").await;
        assert_eq!(form.status, StatusCode::OK);
        assert_eq!(form.header("cache-control"), "private, no-store");
        assert!(form.body.contains("<bdi>ada</bdi>"), "{}", form.body);
        assert_eq!(hidden(&form.body, "token"), token(&link));
    }
    let email = ("email", "ada@example.com");
    // More often than a code may be tried.
    for weak in [
        "short",
        "ada lovelace ada",
        "ada@example.com",
        "",
        "ada",
        "password12",
    ] {
        let answer = follow(&world, &link, &[email, ("password", weak)]).await;
        refused(&answer, "id=\"password-error\"");
        assert_eq!(hidden(&answer.body, "token"), token(&link));
    }
    let answer = follow(&world, &link, &[email, ("password", NEW)]).await;
    let to = answer.header("location");
    assert_eq!(to, "/settings?changed=reset", "{}", answer.body);
    let settings = page(&world, "/settings", &cookies(&answer)).await;
    assert_eq!(settings.status, StatusCode::OK);
    let settings = page(&world, "/settings", &other).await;
    assert_eq!(settings.status, StatusCode::SEE_OTHER);
    for (password, status) in [(PASSWORD, 422), (NEW, 303)] {
        let fields = [("login", "ada"), ("password", password)];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.status.as_u16(), status);
    }
    let kinds = "SELECT GROUP_CONCAT(kind || ' ' || detail, ', ') FROM (SELECT kind, detail FROM events ORDER BY id LIMIT 2, 3)";
    assert_eq!(
        cell(&world, kinds).await,
        Value::Text("role_changed admin, password_reset , email_verified ".to_owned())
    );

    // Once. The same form is one that is sent twice.
    assert!(page(&world, &link, "").await.body.contains(VOID));
    let again = follow(&world, &link, &[email, ("password", NEW)]).await;
    let to = again.header("location");
    assert_eq!(to, "/settings?changed=reset", "{}", again.body);
    let replay = [email, ("password", "another long password")];
    refused(&follow(&world, &link, &replay).await, VOID);
}

#[tokio::test]
async fn a_link_for_an_unknown_address_makes_one_administrator() {
    let world = empty()
        .await
        .with_registration(app::context::Registration::Closed);
    let missing = make_admin(&world.db(), "eve@example.com", false).await;
    assert_eq!(
        missing.unwrap_err().to_string(),
        "nobody has an account with eve@example.com; with --link, a link is printed by which one is made"
    );
    let link = link(&world, "Eve@example.com").await;
    let form = page(&world, &link, "").await.body;
    assert!(form.contains("<bdi>eve@example.com</bdi>"), "{form}");
    assert!(!form.contains("name=\"email\""), "{form}");
    let id = hidden(&form, "id");
    let fields = |handle, password| {
        [
            ("id", id.as_str()),
            ("handle", handle),
            ("name", "Eve"),
            // Nobody is asked for it.
            ("email", "other@example.com"),
            ("password", password),
        ]
    };
    sign_up(&world.open(), &ADA).await;
    for _ in 0..=MAX_CODE_ATTEMPTS {
        let answer = follow(&world, &link, &fields("ada", NEW)).await;
        refused(&answer, "Somebody has this handle already.");
    }
    refused(
        &follow(&world, &link, &fields("eve", "eve@example.com")).await,
        "id=\"password-error\"",
    );
    let right = fields("eve", NEW);
    let (one, two) = join(follow(&world, &link, &right), follow(&world, &link, &right)).await;
    for answer in [&one, &two] {
        assert_eq!(answer.header("location"), "/settings", "{}", answer.body);
        let settings = page(&world, "/settings", &session(answer)).await;
        assert_eq!(settings.status, StatusCode::OK);
    }
    let eve = "SELECT COUNT(*) FROM users WHERE handle = 'eve' AND email = 'eve@example.com' AND role = 'admin' \
               AND email_verified_at IS NOT NULL";
    assert_eq!(number(&world, eve).await, 1);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM users").await, 2);
    // At once, or later: nobody else comes by it, and nobody's password is another.
    let replay = fields("mallory", "another long password");
    for _ in 0..2 {
        let answer = follow(&world, &link, &replay).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.header("set-cookie"), "");
        wait(&world).await;
    }
    assert_eq!(number(&world, "SELECT COUNT(*) FROM users").await, 2);
    assert!(page(&world, &link, "").await.body.contains(VOID));
}

#[tokio::test]
async fn a_wrong_or_old_token_is_of_no_use() {
    let world = empty().await;
    let (link, set_up) = (link(&world, "eve@example.com").await, set_up(&world).await);
    let other = |page: &str, link: &str| format!("{page}?token={}", token(link));
    let random = "A".repeat(43);
    let fields = [
        ("handle", "eve"),
        ("name", "Eve"),
        ("email", "eve@example.com"),
        ("password", NEW),
    ];
    for wrong in [
        other("/link", &set_up),
        other("/setup", &link),
        format!("/link?token={random}"),
        format!("/setup?token={random}"),
        "/link?token=short".to_owned(),
        "/setup?token=".to_owned(),
    ] {
        let shown = page(&world, &wrong, "").await;
        assert!(shown.body.contains(VOID), "{wrong}: {}", shown.body);
        assert!(
            !shown.body.contains("<form class=\"account-form\""),
            "{wrong}"
        );
        refused(&follow(&world, &wrong, &fields).await, VOID);
    }
    cell(
        &world,
        "UPDATE codes SET expires_at = created_at RETURNING 1",
    )
    .await;
    for late in [&link, &set_up] {
        assert!(page(&world, late, "").await.body.contains(VOID));
        refused(&follow(&world, late, &fields).await, VOID);
    }
    assert_eq!(number(&world, "SELECT COUNT(*) FROM users").await, 0);
}

#[tokio::test]
async fn who_is_suspended_or_gone_becomes_no_administrator() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    for (column, word) in [
        ("suspended_at", "is suspended"),
        ("erase_at", "is closed"),
        ("deleted_at", "is closed"),
    ] {
        let set = |value| format!("UPDATE users SET {column} = {value} RETURNING 1");
        cell(&world, &set("1")).await;
        let refused = make_admin(&world.db(), "ada@example.com", true).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains(word), "{why}");
        cell(&world, &set("NULL")).await;
    }
    assert_eq!(admins(&world).await, Value::Null);
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'role_changed'";
    assert_eq!(number(&world, events).await, 0);
}

/// The example site, whose people are made up.
async fn example() -> World {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    World::on(sqlite)
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let world = example().await;
    // Of the people of the example site, one is called administrator, and nobody can sign in.
    let able =
        "SELECT COUNT(*) FROM users WHERE password_hash <> '!' OR email_verified_at IS NOT NULL";
    assert_eq!(number(&world, able).await, 0);
    assert_eq!(
        admins(&world).await,
        Value::Text("ines-carvalho".to_owned())
    );
    let (link, spare) = (set_up(&world).await, set_up(&world).await);
    assert_ne!(link, spare);

    let form = page(&world, &link, "").await;
    assert_eq!(form.status, StatusCode::OK);
    let id = hidden(&form.body, "id");
    let fields = |handle, email, password| {
        [
            ("id", id.as_str()),
            ("handle", handle),
            ("name", "Eve"),
            ("email", email),
            ("password", password),
        ]
    };
    let weak = follow(&world, &link, &fields("eve", "eve@example.org", "eve")).await;
    refused(&weak, "id=\"password-error\"");
    assert!(
        weak.body.contains("value=\"eve@example.org\""),
        "{}",
        weak.body
    );
    let taken = fields("eve", "ines-carvalho@example.com", NEW);
    refused(
        &follow(&world, &link, &taken).await,
        "There is an account with this address",
    );
    let right = fields("eve", "eve@example.org", NEW);
    let (one, two) = join(follow(&world, &link, &right), follow(&world, &link, &right)).await;
    for answer in [&one, &two] {
        assert_eq!(answer.header("location"), "/settings", "{}", answer.body);
        session(answer);
    }
    let first = "SELECT COUNT(*) FROM users WHERE handle = 'eve' AND role = 'admin'";
    assert_eq!(number(&world, first).await, 1);
    let events = "SELECT GROUP_CONCAT(kind || ' ' || detail) FROM events WHERE kind <> 'signed_in'";
    assert_eq!(
        cell(&world, events).await,
        Value::Text("signed_up link,role_changed admin".to_owned())
    );

    let done = first_admin(&world.db()).await.unwrap();
    assert_eq!(
        (done.link, done.sentence.as_str()),
        (None, "there is an administrator; nothing was changed")
    );
    // Neither the link that was used, nor one that was not.
    let other = [
        ("handle", "mallory"),
        ("name", "Mallory"),
        ("email", "mallory@example.org"),
        ("password", NEW),
    ];
    for late in [&link, &spare] {
        assert!(page(&world, late, "").await.body.contains(HAS_ADMIN));
        let answer = follow(&world, late, &other).await;
        refused(&answer, "Somebody is the administrator already");
    }
    wait(&world).await;
    refused(&follow(&world, &link, &other).await, VOID);
    let mallory = "SELECT COUNT(*) FROM users WHERE handle = 'mallory'";
    assert_eq!(number(&world, mallory).await, 0);
}

#[tokio::test]
async fn of_two_who_set_up_at_once_one_is_the_administrator() {
    let world = empty().await;
    let (link, spare) = (set_up(&world).await, set_up(&world).await);
    let person = |handle, email| {
        [
            ("handle", handle),
            ("name", "Somebody"),
            ("email", email),
            ("password", NEW),
        ]
    };
    let (ada, bob) = (
        person("ada", "ada@example.com"),
        person("bob", "bob@example.com"),
    );
    let answers = join(follow(&world, &link, &ada), follow(&world, &spare, &bob)).await;
    let statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
    assert!(
        statuses == [303, 422] || statuses == [422, 303],
        "{statuses:?}"
    );
    let first = if statuses[0] == 303 { "ada" } else { "bob" };
    assert_eq!(admins(&world).await, Value::Text(first.to_owned()));
}
