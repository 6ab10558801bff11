//! Attempts: how many are allowed, and to whom.

use std::sync::Arc;

use app::visitor::{Limit, RateLimiter, Visitor};
use http::{Method, StatusCode};

use crate::accounts::{
    ADA, Counting, PASSWORD, cell, cookies, empty, page, send, session, sign_up,
};
use crate::mail::mailing;
use crate::support::World;
use crate::tokens::{ask, get_me, token, with_ada};

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

/// A visitor at each address, all of whose attempts are counted together.
fn visitors(world: &World, allowed: u32) -> impl Fn(usize) -> World {
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(allowed));
    move |n| {
        world.with_visitor(Visitor {
            address: Some(format!("192.0.2.{n}")),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    }
}

#[tokio::test]
async fn an_account_has_one_counter_by_whichever_name_it_is_tried() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    let visitor = visitors(&world, 3);
    for (n, expected) in [422, 422, 422, 429].into_iter().enumerate() {
        let login = if n % 2 == 0 { "ada" } else { "ada@example.com" };
        let wrong = [("login", login), ("password", "a wrong password")];
        let answer = send(&visitor(n), "/login", "", &wrong).await;
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
}

#[tokio::test]
async fn asking_for_an_account_again_is_counted_as_signing_in() {
    let world = empty().await;
    let id = "019a0000-0000-7000-8000-000000000001";
    let with = |password| {
        let fields =
            ADA.map(|(name, typed)| (name, if name == "password" { password } else { typed }));
        fields.into_iter().chain([("id", id)]).collect::<Vec<_>>()
    };
    sign_up(&world, &with(PASSWORD)).await;
    let visitor = visitors(&world, 3);
    for (n, expected) in [422, 422, 422, 429].into_iter().enumerate() {
        let guess = send(&visitor(n), "/signup", "", &with("a wrong password")).await;
        assert_eq!(guess.status.as_u16(), expected, "{n}");
    }
    let right = send(&visitor(9), "/signup", "", &with(PASSWORD)).await;
    assert_eq!(
        (right.status.as_u16(), right.header("set-cookie")),
        (429, "")
    );
}

#[tokio::test]
async fn the_mailbox_of_a_stranger_is_not_filled() {
    let (world, sent) = mailing().await;
    let visitor = visitors(&world, 3);
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let mut cookie = cookies(&send(&world, "/login", "", &fields).await);
    for n in 0..6 {
        let before = sent.mails().len();
        if n == 5 {
            cell(&world, "UPDATE users SET email_verified_at = 1 RETURNING 1").await;
        }
        let password = format!("quiet copper thistle {n}");
        let answer = send(
            &visitor(n),
            "/settings/password",
            &cookie,
            &[("password", &password)],
        )
        .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        cookie = session(&answer);
        let is_told = n < 3 || n == 5;
        assert_eq!(sent.mails().len() - before, usize::from(is_told), "{n}");
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

#[tokio::test]
async fn changes_are_limited_by_account_wherever_they_come_from() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "write").await;
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::of_writes(3));
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    };
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let there = session(&send(&world, "/login", "", &fields).await);
    let typed = [("name", ""), ("bio", "Typed with care.")];
    let patch = async |world: World| ask(&world, Method::PATCH, "/api/v1/me", &token, "").await;
    // Two browsers and a program.
    for (n, cookie) in [&ada, &there].into_iter().enumerate() {
        let world = from(&format!("192.0.2.{n}"));
        let answer = send(&world, "/settings/profile", cookie, &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = patch(from("192.0.2.3")).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_REQUIRED);

    let answer = send(&from("192.0.2.4"), "/settings/profile", &ada, &typed).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "60");
    assert!(answer.body.contains("Typed with care."), "{}", answer.body);
    for path in [
        "/settings/sessions/end",
        "/settings/handle",
        "/settings/data",
    ] {
        let answer = send(&from("192.0.2.5"), path, &there, &[]).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    let answer = patch(from("192.0.2.6")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(answer.json()["code"], "too_many");

    // What changes nothing is not counted with it: reading, a preview, and who somebody else is.
    let read = get_me(&from("192.0.2.7"), &token).await;
    assert_eq!(read.status, StatusCode::OK);
    let settings = page(&from("192.0.2.7"), "/settings", &ada).await;
    assert_eq!(settings.status, StatusCode::OK);
    let preview = [("name", "Ada"), ("bio", "Typed."), ("preview", "1")];
    for expected in [200, 200, 200, 429] {
        let answer = send(&from("192.0.2.7"), "/settings/profile", &ada, &preview).await;
        assert_eq!(answer.status.as_u16(), expected);
    }
    let bea = ADA.map(|(name, typed)| match name {
        "handle" => (name, "bea"),
        "email" => (name, "bea@example.com"),
        _ => (name, typed),
    });
    let bea = sign_up(&world.open(), &bea).await;
    let answer = send(&from("192.0.2.4"), "/settings/profile", &bea, &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Signing out is never too much.
    let answer = send(&from("192.0.2.4"), "/logout", &ada, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// The Worker's bindings, in each environment, allow what the native server allows.
#[test]
fn every_environment_has_the_limits() {
    let configuration = include_str!("../../../wrangler.jsonc");
    for (limit, binding) in Limit::ALL.into_iter().zip([
        "SIGN_IN_LIMIT",
        "SIGN_UP_LIMIT",
        "CODE_LIMIT",
        "TOKEN_LIMIT",
        "WRITE_LIMIT",
    ]) {
        let simple = format!("\"limit\": {}, \"period\": 60", limit.per_minute());
        let bound = configuration
            .lines()
            .filter(|line| line.contains(&format!("\"{binding}\"")) && line.contains(&simple));
        assert_eq!(bound.count(), 3, "{binding}");
    }
}
