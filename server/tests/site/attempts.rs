//! Attempts: how many are allowed, and to whom.

use std::sync::Arc;

use app::visitor::{RateLimiter, Visitor};
use http::StatusCode;

use crate::accounts::{ADA, Counting, PASSWORD, cookies, empty, send, sign_up};

#[tokio::test]
async fn attempts_are_limited_by_account_and_by_address() {
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let world = empty().await;
    sign_up(&world, &ADA).await;
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    };
    let wrong = [("login", "ada"), ("password", "a wrong password")];
    for n in 0..3 {
        let answer = send(&from(&format!("192.0.2.{n}")), "/login", "", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = send(&from("192.0.2.9"), "/login", "", &wrong).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "60");
    assert!(answer.body.contains("value=\"ada\""), "{}", answer.body);
    for n in 0..5 {
        let other = [
            ("login", format!("user{n}")),
            ("password", "a wrong password".to_owned()),
        ];
        let other = other
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = send(&from("192.0.2.50"), "/login", "", &other).await;
        let expected = if n < 3 { 422 } else { 429 };
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
}

#[tokio::test]
async fn strangers_who_try_too_often_do_not_keep_the_owner_out() {
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let world = empty().await.with_secret();
    let known = cookies(&send(&world, "/signup", "", &ADA).await);
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    };
    let wrong = [("login", "ada"), ("password", "a wrong password")];
    for (n, expected) in [422, 422, 422, 429, 429].into_iter().enumerate() {
        let answer = send(&from(&format!("192.0.2.{n}")), "/login", "", &wrong).await;
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
    // Where she has signed in before, she still does; and so she is not one of whom it is guessed without end.
    let right = [("login", "ada"), ("password", PASSWORD)];
    let answer = send(&from("192.0.2.20"), "/login", &known, &right).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    for (n, expected) in [422, 422, 429].into_iter().enumerate() {
        let answer = send(&from(&format!("192.0.2.3{n}")), "/login", &known, &wrong).await;
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
    // Somebody else's browser is a stranger's.
    let bea = [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", PASSWORD),
    ];
    let bea = cookies(&send(&world, "/signup", "", &bea).await);
    let answer = send(&from("192.0.2.40"), "/login", &bea, &right).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}
