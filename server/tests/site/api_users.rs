//! `POST /api/v1/users`: accounts that programs make.

use std::sync::Arc;

use app::context::Registration;
use app::visitor::{RateLimiter, Visitor};
use db::Value;
use db::drivers::sqlite::Sqlite;
use db::migrate;
use http::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::accounts::{ADA, Counting, PASSWORD, cell, empty, send, sign_up};
use crate::support::{Answer, World};

const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: &str = "019a0000-0000-7000-8000-000000000001";

fn ada() -> Json {
    json!({ "handle": "ada", "name": "Ada Lovelace", "email": "Ada@example.com", "password": PASSWORD })
}

/// A copy of a body with another value.
fn with(mut body: Json, member: &str, value: impl Into<Json>) -> Json {
    body[member] = value.into();
    body
}

async fn post(world: &World, headers: &[(&str, &str)], body: &Json) -> Answer {
    let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
    world
        .ask(Method::POST, "/api/v1/users", &headers, &body.to_string())
        .await
}

async fn number_of_users(world: &World) -> Value {
    cell(world, "SELECT COUNT(*) FROM users").await
}

/// The fields that a problem names, after its status and its code.
fn fields(answer: &Answer) -> (u16, String, Vec<String>) {
    let problem = answer.json();
    let fields = problem["fields"].as_object().into_iter().flatten();
    (
        answer.status.as_u16(),
        problem["code"].as_str().unwrap().to_owned(),
        fields.map(|(field, _)| field.clone()).collect(),
    )
}

#[tokio::test]
async fn an_account_is_made_as_the_form_makes_it() {
    let world = empty().await;
    let answer = post(&world, &[], &ada()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.header("location"), "/api/v1/users/ada");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "", "no session begins");
    assert!(!answer.body.contains("example.com") && !answer.body.contains("argon2"));
    let found = world.get("/api/v1/users/ada").await;
    assert_eq!(answer.json(), found.json());
    assert_eq!(found.json()["role"], "reader");
    let kinds = "SELECT GROUP_CONCAT(kind, ' ') FROM events";
    assert_eq!(
        cell(&world, kinds).await,
        Value::Text("signed_up".to_owned())
    );
    let login = [("login", "ada@example.com"), ("password", PASSWORD)];
    let signed_in = send(&world, "/login", "", &login).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_is_not_right_is_named() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    let other = || {
        let other = with(ada(), "handle", "bea");
        with(other, "email", "bea@example.com")
    };
    for (body, status, code, named) in [
        (json!({}), 422, "invalid", "email handle name password"),
        (with(other(), "handle", "Bea"), 422, "invalid", "handle"),
        (with(other(), "handle", "admin"), 422, "invalid", "handle"),
        (with(other(), "name", "\u{200b}"), 422, "invalid", "name"),
        (with(other(), "email", "bea"), 422, "invalid", "email"),
        (
            with(other(), "password", "password123"),
            422,
            "invalid",
            "password",
        ),
        (
            with(other(), "password", "Ada Lovelace"),
            422,
            "invalid",
            "password",
        ),
        (
            with(other(), "password", "x".repeat(5_000)),
            422,
            "invalid",
            "password",
        ),
        (with(other(), "name", 5), 422, "invalid", "name"),
        (with(other(), "name", Json::Null), 422, "invalid", "name"),
        (with(other(), "handle", "ada"), 409, "conflict", "handle"),
        (
            with(other(), "email", "ADA@example.com"),
            409,
            "conflict",
            "email",
        ),
        (json!([]), 422, "invalid", "body"),
        (json!("ada"), 422, "invalid", "body"),
    ] {
        let answer = post(&world, &[], &body).await;
        let named: Vec<_> = named.split(' ').map(str::to_owned).collect();
        assert_eq!(fields(&answer), (status, code.to_owned(), named), "{body}");
        assert!(!answer.body.contains("password123"), "{}", answer.body);
    }
    assert_eq!(number_of_users(&world).await, Value::Int(1));
}

#[tokio::test]
async fn no_other_member_is_taken() {
    let world = empty().await;
    for member in [
        "role",
        "id",
        "email_verified_at",
        "post_count",
        "created_at",
        "password_hash",
        "suspended_at",
        "bio",
        "Handle",
    ] {
        let answer = post(&world, &[], &with(ada(), member, "admin")).await;
        let (status, _, fields) = fields(&answer);
        assert_eq!(
            (status, fields),
            (422, vec![member.to_owned()]),
            "{}",
            answer.body
        );
    }
    assert_eq!(number_of_users(&world).await, Value::Int(0));
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let world = empty().await;
    let whole = ada().to_string();
    let twice = format!("{whole}{whole}");
    let form = "application/x-www-form-urlencoded";
    let large = "x".repeat(1_000_001);
    for (kind, body, status) in [
        ("", whole.as_str(), 415),
        (form, "handle=ada", 415),
        ("text/plain", whole.as_str(), 415),
        ("text/json", whole.as_str(), 415),
        ("application/json, text/plain", whole.as_str(), 415),
        ("application/json", "", 400),
        ("application/json", "{", 400),
        ("application/json", "\u{feff}{}", 400),
        ("application/json", twice.as_str(), 400),
        ("application/json", large.as_str(), 413),
        ("application/json; charset=utf-8", "{}", 422),
        ("application/merge-patch+json", "{}", 422),
    ] {
        let answer = world
            .ask(
                Method::POST,
                "/api/v1/users",
                &[("content-type", kind)],
                body,
            )
            .await;
        let start = &body[..body.len().min(20)];
        assert_eq!(answer.status, status, "{kind} {start}: {}", answer.body);
        assert_eq!(answer.json()["status"], status);
    }
    let foreign = [("origin", "https://evil.example")];
    let answer = post(&world, &foreign, &ada()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(number_of_users(&world).await, Value::Int(0));
}

#[tokio::test]
async fn a_request_with_a_key_that_is_sent_again_is_answered_again() {
    let world = empty().await;
    let key = [("idempotency-key", KEY)];
    let first = post(&world, &key, &ada()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(first.json()["id"], KEY);
    let again = post(&world, &key, &ada()).await;
    assert_eq!(
        (again.status, &again.body),
        (StatusCode::CREATED, &first.body)
    );
    assert_eq!(again.header("location"), first.header("location"));
    // Without a key it is another request.
    assert_eq!(fields(&post(&world, &[], &ada()).await).0, 409);
    for (member, value) in [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", "another long password"),
    ] {
        let answer = post(&world, &key, &with(ada(), member, value)).await;
        let (status, _, named) = fields(&answer);
        assert_eq!(
            (status, named),
            (422, vec!["Idempotency-Key".to_owned()]),
            "{member}"
        );
    }
    for wrong in ["", "1", "not-a-uuid"] {
        let answer = post(&world, &[("idempotency-key", wrong)], &ada()).await;
        let (status, _, named) = fields(&answer);
        assert_eq!(
            (status, named),
            (400, vec!["Idempotency-Key".to_owned()]),
            "{wrong}"
        );
    }
    assert_eq!(number_of_users(&world).await, Value::Int(1));
}

#[tokio::test]
async fn registration_is_honoured() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let world = World::on(sqlite);
    for body in [ada(), json!({}), json!([])] {
        let answer = post(&world, &[], &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let problem = answer.json();
        assert_eq!(problem["code"], "forbidden");
        assert_eq!(problem["detail"], "Nobody can sign up here at the moment.");
    }
    assert_eq!(number_of_users(&world).await, Value::Int(0));
}

#[tokio::test]
async fn an_invite_is_used_once_and_gives_its_role() {
    let world = empty().await;
    let token = accounts::Token::new().unwrap();
    let inviter = with(ada(), "handle", "inviter");
    let inviter = with(inviter, "email", "inviter@example.com");
    post(&world, &[], &inviter).await;
    cell(&world, "UPDATE users SET role = 'author' RETURNING 1").await;
    let insert = format!(
        "INSERT INTO invites (id, token_hash, created_by, role, note, expires_at, created_at) \
         SELECT '{KEY}', '{}', id, 'author', '', 9000000000000, 1 FROM users RETURNING 1",
        token.hash()
    );
    cell(&world, &insert).await;
    let world = world.with_registration(Registration::Invite);
    for wrong in ["", "nonsense", &"a".repeat(43)] {
        let answer = post(&world, &[], &with(ada(), "invite", wrong)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}");
    }
    let key = [("idempotency-key", "019a0000-0000-7000-8000-000000000002")];
    let body = with(ada(), "invite", token.as_str());
    for _ in 0..2 {
        let made = post(&world, &key, &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.json()["role"], "author");
    }
    let other = with(body, "handle", "bea");
    let other = with(other, "email", "bea@example.com");
    assert_eq!(
        post(&world, &[], &other).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(number_of_users(&world).await, Value::Int(2));
}

#[tokio::test]
async fn accounts_are_limited_by_network() {
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(2));
    let world = empty().await.with_visitor(Visitor {
        address: Some("192.0.2.1".to_owned()),
        user_agent: String::new(),
        limiter,
    });
    post(&world, &[], &ada()).await;
    // Neither address nor handle can be asked for more often than that.
    for expected in [409, 429, 429] {
        let answer = post(&world, &[], &ada()).await;
        assert_eq!(answer.status, expected);
        if expected == 429 {
            assert_eq!(answer.header("retry-after"), "60");
        }
    }
}
