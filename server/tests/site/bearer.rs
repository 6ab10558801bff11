//! `Authorization: Bearer`: good tokens and others, and what is answered to them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use accounts::ApiToken;
use app::visitor::{RateLimiter, Visitor};
use db::Value;
use http::{Method, StatusCode};

use crate::accounts::{Counting, cell};
use crate::support::Answer;
use crate::tokens::{ask, get_me, token, with_ada};

/// Asserts the answer to a token that is not good.
fn is_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert_eq!(answer.json()["code"], "invalid_token", "{what}");
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer realm=\""),
        "{what}: {challenge}"
    );
    assert!(
        challenge.ends_with("\", error=\"invalid_token\""),
        "{what}: {challenge}"
    );
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_statement() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "read").await;
    let opened = world.doors.opened.load(Ordering::SeqCst);
    let slip = format!("{}x", &token[..token.len() - 1]);
    for credentials in [
        format!("Bearer {slip}"),
        format!("Bearer {}", &token[4..]),
        format!("Bearer {token} {token}"),
        format!("Basic {token}"),
        format!("Token {token}"),
        token.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        String::new(),
    ] {
        for path in ["/api/v1/me", "/api/v1/posts", "/api/v1/users/ada"] {
            let headers = [("authorization", credentials.as_str())];
            let answer = world.ask(Method::GET, path, &headers, "").await;
            is_refused(&answer, &credentials);
        }
    }
    assert_eq!(world.doors.opened.load(Ordering::SeqCst), opened);
    for credentials in [format!("bearer {token}"), format!("BEARER  {token} ")] {
        let headers = [("authorization", credentials.as_str())];
        let answer = world.ask(Method::GET, "/api/v1/me", &headers, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{credentials}");
    }
}

#[tokio::test]
async fn tokens_that_are_over_open_nothing() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "admin").await;
    let unknown = ApiToken::new().unwrap();
    is_refused(&get_me(&world, unknown.as_str()).await, "unknown");
    for (over, again) in [
        (
            "UPDATE api_tokens SET expires_at = 1 RETURNING 1",
            "UPDATE api_tokens SET expires_at = NULL RETURNING 1",
        ),
        (
            "UPDATE users SET suspended_at = 1 RETURNING 1",
            "UPDATE users SET suspended_at = NULL RETURNING 1",
        ),
        (
            "UPDATE users SET deleted_at = 1 RETURNING 1",
            "UPDATE users SET deleted_at = NULL RETURNING 1",
        ),
        (
            "UPDATE users SET erase_at = 9000000000000 RETURNING 1",
            "UPDATE users SET erase_at = NULL RETURNING 1",
        ),
    ] {
        cell(&world, over).await;
        is_refused(&get_me(&world, &token).await, over);
        cell(&world, again).await;
        assert_eq!(
            get_me(&world, &token).await.status,
            StatusCode::OK,
            "{again}"
        );
    }
}

#[tokio::test]
async fn wrong_tokens_are_limited_by_network_and_good_ones_are_not() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "read").await;
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: String::new(),
            limiter: Arc::clone(&limiter),
        })
    };
    for n in 0..5 {
        let answer = get_me(&from("192.0.2.1"), "wpt_wrong").await;
        assert_eq!(answer.status.as_u16(), if n < 3 { 401 } else { 429 }, "{n}");
        if n == 3 {
            assert_eq!(answer.header("retry-after"), "60");
            assert_eq!(answer.json()["code"], "too_many");
        }
    }
    for _ in 0..5 {
        assert_eq!(
            get_me(&from("192.0.2.1"), &token).await.status,
            StatusCode::OK
        );
    }
    let other = get_me(&from("192.0.2.2"), "wpt_wrong").await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_opens_nothing_of_the_api() {
    let (world, ada) = with_ada().await;
    for (method, body) in [
        (Method::GET, ""),
        (Method::PATCH, "{\"name\":\"Eve\"}"),
        (Method::DELETE, "{\"keep_posts\":false}"),
    ] {
        let headers = [
            ("cookie", ada.as_str()),
            ("origin", "https://site.example"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
            ("if-match", "*"),
        ];
        let answer = world
            .ask(method.clone(), "/api/v1/me", &headers, body)
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(answer.json()["code"], "unauthenticated");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"") && !challenge.contains("error"));
    }
    let name = cell(&world, "SELECT name FROM users").await;
    assert_eq!(name, Value::Text("Ada Lovelace".to_owned()));
}

#[tokio::test]
async fn what_is_answered_to_a_token_is_stored_by_nobody() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "read").await;
    for path in ["/api/v1/users", "/api/v1/users/ada", "/api/v1/posts"] {
        let open = world.get(path).await;
        assert_eq!(
            open.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        let private = ask(&world, Method::GET, path, &token, "").await;
        assert_eq!(private.header("cache-control"), "private, no-store");
        assert_eq!(private.body, open.body, "{path}");
        let nothing = world.get(&format!("{path}?cursor=x")).await;
        for answer in [open, private, nothing] {
            assert_eq!(answer.header("vary"), "Authorization", "{path}");
        }
    }
    let me = get_me(&world, &token).await;
    assert_eq!(me.header("cache-control"), "private, no-store");
    assert_eq!(me.header("vary"), "Authorization");
}
