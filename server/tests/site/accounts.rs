//! Accounts by plain forms: signing up, in and out, and what is refused.

use std::sync::{Arc, Mutex};

use app::visitor::{Limit, RateLimiter};
use db::drivers::sqlite::Sqlite;
use db::{BoxFuture, Statement, Value, migrate};
use http::{Method, StatusCode};

use crate::support::{Answer, World};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const PASSWORD: &str = "plum lantern gravel";

pub(crate) async fn empty() -> World {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    World::on(sqlite).open()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

pub(crate) async fn send(
    world: &World,
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let headers = [FORM, ("cookie", cookie)];
    world
        .ask(Method::POST, path, &headers, &encoded(fields))
        .await
}

pub(crate) async fn page(world: &World, path: &str, cookie: &str) -> Answer {
    world
        .ask(Method::GET, path, &[("cookie", cookie)], "")
        .await
}

pub(crate) const ADA: [(&str, &str); 4] = [
    ("handle", "ada"),
    ("name", "Ada Lovelace"),
    ("email", "Ada@example.com"),
    ("password", PASSWORD),
];

/// The session that an answer begins, as a `Cookie` header.
pub(crate) fn session(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    let (cookie, attributes) = set.split_once("; ").unwrap_or_default();
    assert_eq!(
        attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000",
        "{answer:?}"
    );
    cookie.to_owned()
}

/// The cookies that an answer sets, as a `Cookie` header; without the one that only scripts read.
pub(crate) fn cookies(answer: &Answer) -> String {
    let all = answer.headers.get_all("set-cookie").iter();
    let all = all.map(|value| value.to_str().unwrap().split(';').next().unwrap());
    all.filter(|cookie| !cookie.starts_with("signed-in="))
        .collect::<Vec<_>>()
        .join("; ")
}

pub(crate) async fn sign_up(world: &World, fields: &[(&str, &str)]) -> String {
    let answer = send(world, "/signup", "", fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    session(&answer)
}

pub(crate) async fn cell(world: &World, sql: &str) -> Value {
    let db = world.db();
    let statement = Statement::plain(sql.to_owned());
    let rows = db.write(&[statement]).await.unwrap();
    rows[0].cells[0].clone()
}

#[tokio::test]
async fn from_sign_up_to_sign_out_and_in_again() {
    let world = empty().await;
    let answer = send(&world, "/signup", "", &ADA).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/settings");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let first = session(&answer);
    let settings = page(&world, "/settings", &first).await;
    assert_eq!(settings.status, StatusCode::OK);
    assert!(settings.body.contains("Ada Lovelace"), "{}", settings.body);
    assert_eq!(settings.header("cache-control"), "private, no-store");

    let out = send(&world, "/logout", &first, &[]).await;
    assert_eq!(
        (out.status, out.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(out.header("set-cookie").contains("=; Path=/;"));
    assert!(out.header("set-cookie").ends_with("Max-Age=0"));
    let settings = page(&world, "/settings", &first).await;
    assert_eq!(settings.status, StatusCode::SEE_OTHER);
    assert_eq!(settings.header("location"), "/login?next=%2Fsettings");

    for login in ["ada", "ADA", " ada@EXAMPLE.com "] {
        let fields = [
            ("login", login),
            ("password", PASSWORD),
            ("next", "/posts?q=a"),
        ];
        let answer = send(&world, "/login", &first, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{login}: {}",
            answer.body
        );
        assert_eq!(answer.header("location"), "/posts?q=a");
        let second = session(&answer);
        assert_ne!(second, first, "a session has a token of its own");
        assert_eq!(
            page(&world, "/settings", &second).await.status,
            StatusCode::OK
        );
    }
    let kinds = "SELECT GROUP_CONCAT(kind, ' ') FROM (SELECT kind FROM events ORDER BY id)";
    assert_eq!(
        cell(&world, kinds).await,
        Value::Text("signed_up signed_in signed_out signed_in signed_in signed_in".to_owned())
    );
    // Nobody can read the table and be signed in.
    let hashes = cell(&world, "SELECT GROUP_CONCAT(id) FROM sessions").await;
    let Value::Text(hashes) = hashes else {
        panic!("{hashes:?}")
    };
    assert!(!hashes.contains(first.split_once('=').unwrap().1));
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_have_one_answer() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    let mut answers = Vec::new();
    for login in [
        "ada",
        "ada@example.com",
        "eve",
        "eve@example.com",
        "",
        "../x",
        "a\u{0}b",
    ] {
        let fields = [("login", login), ("password", "plum lantern grave")];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(
            !answer.body.contains("plum lantern"),
            "a password is never shown again"
        );
        let typed = format!("value=\"{login}\"");
        answers.push(answer.body.replace(&typed, "value=\"\""));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(answers[0].contains("role=\"alert\""));
    let long = "x".repeat(5_000);
    let fields = [("login", "ada"), ("password", long.as_str())];
    let answer = send(&world, "/login", "", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_form_that_is_not_taken_comes_back_with_what_was_typed() {
    let world = empty().await;
    let fields = [
        ("handle", "Admin"),
        ("name", "\u{200B}"),
        ("email", "nobody"),
        ("password", "password123"),
        ("next", "/posts"),
    ];
    let answer = send(&world, "/signup", "", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "value=\"Admin\"",
        "value=\"nobody\"",
        "value=\"/posts\"",
        "href=\"#handle\"",
        "id=\"handle-error\"",
        "aria-describedby=\"handle-hint handle-error\"",
        "aria-invalid=\"true\"",
        "among those that are tried first",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    // The summary has the order of the form.
    let at = |field: &str| answer.body.find(&format!("href=\"#{field}\"")).unwrap();
    assert!(at("handle") < at("name") && at("name") < at("email") && at("email") < at("password"));
    assert!(!answer.body.contains("password123"));
    assert_eq!(
        cell(&world, "SELECT COUNT(*) FROM users").await,
        Value::Int(0)
    );

    sign_up(&world, &ADA).await;
    for (field, value, why) in [
        ("handle", "ada", "Somebody has this handle already."),
        (
            "email",
            "ADA@example.com",
            "There is an account with this address already",
        ),
        ("password", "ada lovelace", "made of your own names"),
    ] {
        let other = [
            ("handle", "bea"),
            ("name", "Ada Lovelace"),
            ("email", "bea@example.com"),
            ("password", PASSWORD),
        ];
        let fields = other.map(|(name, typed)| (name, if name == field { value } else { typed }));
        let answer = send(&world, "/signup", "", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_account() {
    let world = empty().await;
    let form = page(&world, "/signup", "").await.body;
    let id = form.split("name=\"id\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    let fields: Vec<_> = ADA.into_iter().chain([("id", id)]).collect();
    sign_up(&world, &fields).await;
    let again = sign_up(&world, &fields).await;
    assert_eq!(
        page(&world, "/settings", &again).await.status,
        StatusCode::OK
    );
    assert_eq!(
        cell(&world, "SELECT COUNT(*) FROM users").await,
        Value::Int(1)
    );
    // The id alone is nobody's key.
    let mut other = fields.clone();
    other[3].1 = "another long password";
    let answer = send(&world, "/signup", "", &other).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("set-cookie"), "");
    // Nor is it, with all the rest, a way of signing in, which is counted by the account.
    let old = "UPDATE users SET created_at = created_at - 600000 RETURNING 1";
    cell(&world, old).await;
    let answer = send(&world, "/signup", "", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn only_the_fields_of_a_form_are_read() {
    let world = empty().await;
    let more = [
        ("role", "admin"),
        ("email_verified_at", "1"),
        ("post_count", "9"),
        ("handle", "eve"),
    ];
    let fields: Vec<_> = ADA.into_iter().chain(more).collect();
    sign_up(&world, &fields).await;
    let row = "SELECT handle || role || post_count || COALESCE(email_verified_at, '') FROM users";
    assert_eq!(
        cell(&world, row).await,
        Value::Text("adareader0".to_owned())
    );
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    for next in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "",
    ] {
        let fields = [("login", "ada"), ("password", PASSWORD), ("next", next)];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.header("location"), "/settings", "{next:?}");
        let query = encoded(&[("next", next)]);
        let form = page(&world, &format!("/login?{query}"), "").await.body;
        assert!(form.contains("name=\"next\" value=\"/settings\""), "{form}");
    }
}

/// Allows a number of attempts by each key, and none after it.
pub(crate) struct Counting {
    counts: Mutex<std::collections::HashMap<(Limit, String), u32>>,
    attempts: u32,
    writes: u32,
}

impl Counting {
    /// Allows this many attempts of each kind, and as many writes as the site.
    pub(crate) fn new(attempts: u32) -> Self {
        Self {
            counts: Mutex::default(),
            attempts,
            writes: Limit::Write.per_minute(),
        }
    }

    /// Allows this many writes, and any attempt.
    pub(crate) fn of_writes(writes: u32) -> Self {
        Self {
            writes,
            ..Self::new(u32::MAX)
        }
    }
}

impl RateLimiter for Counting {
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> BoxFuture<'a, Result<bool, String>> {
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry((limit, key.to_owned())).or_default();
        *count += 1;
        let allowed = match limit {
            Limit::Write => self.writes,
            Limit::SignIn | Limit::SignUp | Limit::Code | Limit::Token => self.attempts,
        };
        let is_allowed = *count <= allowed;
        Box::pin(async move { Ok(is_allowed) })
    }
}

#[tokio::test]
async fn nobody_signs_up_where_registration_is_closed() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let world = World::on(sqlite);
    let form = page(&world, "/signup", "").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(!form.body.contains("name=\"handle\""), "{}", form.body);
    let answer = send(&world, "/signup", "", &ADA).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        cell(&world, "SELECT COUNT(*) FROM users").await,
        Value::Int(0)
    );
}
