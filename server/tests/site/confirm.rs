//! Proving again who one is, before what only the owner of an account may do; and forms that wait for it.

use std::sync::Arc;

use app::context::SESSION_COOKIE;
use app::visitor::{RateLimiter, Visitor};
use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, Counting, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::mail::{browser, cookies, hidden, mailing};
use crate::support::World;

const NEW: &str = "copper thistle window";

/// Makes the last proof of every session older than ten minutes.
pub(crate) async fn age(world: &World) {
    let older = "UPDATE sessions SET confirmed_at = confirmed_at - 600000 RETURNING 1";
    cell(world, older).await;
}

#[tokio::test]
async fn an_old_proof_is_given_again_by_the_password() {
    let world = empty().await.with_secret();
    let old = sign_up(&world, &ADA).await;
    age(&world).await;
    let form = page(&world, "/settings/password", &old).await;
    let to = "/confirm?next=%2Fsettings%2Fpassword";
    assert_eq!(form.header("location"), to);
    // A form that was open meanwhile is kept, but for its password.
    let fields = [("password", NEW), ("id", "one \"form\"")];
    let held = send(&world, "/settings/password", &old, &fields).await;
    assert_eq!(held.status, StatusCode::FORBIDDEN);
    assert!(
        held.body.contains("action=\"/settings/password\""),
        "{}",
        held.body
    );
    assert_eq!(hidden(&held.body, "id"), "one &quot;form&quot;");
    assert!(!held.body.contains(NEW), "{}", held.body);
    assert_eq!(held.header("cache-control"), "private, no-store");

    let form = page(&world, to, &old).await.body;
    assert_eq!(hidden(&form, "next"), "/settings/password");
    let id = hidden(&form, "id");
    let fields = |password| [("password", password), ("next", "/settings"), ("id", &id)];
    let wrong = send(&world, "/confirm", &old, &fields("not the password")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("This is not your password."),
        "{}",
        wrong.body
    );
    assert_eq!(wrong.header("set-cookie"), "");
    // Two clicks at once have one answer too.
    let both = fields(PASSWORD);
    let sent = || send(&world, "/confirm", &old, &both);
    let (answer, other) = futures::future::join(sent(), sent()).await;
    assert_eq!(answer.header("location"), "/settings", "{}", answer.body);
    let new = session(&answer);
    assert_eq!(session(&other), new);
    assert_ne!(new, old);
    // The second of two clicks is still sent with the token of before, and has one answer with the first.
    let twice = send(&world, "/confirm", &old, &fields(PASSWORD)).await;
    assert_eq!(session(&twice), new);
    assert_eq!(
        page(&world, "/settings", &old).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        page(&world, "/settings/password", &new).await.status,
        StatusCode::OK
    );
    let proven = page(&world, to, &new).await;
    assert_eq!(proven.header("location"), "/settings/password");
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'confirmed' AND session_id IS NOT NULL";
    assert_eq!(cell(&world, events).await, Value::Int(1));
}

#[tokio::test]
async fn a_form_of_who_is_signed_out_is_kept() {
    let world = empty().await.with_secret();
    let old = sign_up(&world, &ADA).await;
    let elsewhere = page(&world, "/confirm", "").await;
    assert_eq!(elsewhere.header("location"), "/login?next=%2Fconfirm");
    for cookie in ["", &format!("{SESSION_COOKIE}={}", "a".repeat(43))] {
        let fields = [("next", "/settings"), ("password", PASSWORD), ("id", "x")];
        let held = send(&world, "/confirm", cookie, &fields).await;
        assert_eq!(held.status, StatusCode::UNAUTHORIZED);
        assert_eq!(hidden(&held.body, "next"), "/settings");
        assert!(held.body.contains("href=\"/login\""), "{}", held.body);
        assert!(!held.body.contains(PASSWORD), "{}", held.body);
    }
    assert_eq!(page(&world, "/settings", &old).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_confirms_its_user_in_the_browser_that_asked() {
    let (world, sent) = mailing().await;
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let signed_in = cookies(&send(&world, "/login", "", &fields).await);
    age(&world).await;
    let known = browser(&world, "/login/code").await;
    let both = format!("{signed_in}; {known}");
    let asked = send(&world, "/confirm/send", &both, &[("next", "/settings")]).await;
    assert_eq!(asked.header("location"), "/confirm?next=%2Fsettings");
    let (mail, code) = sent.code();
    assert_eq!(mail.to.as_str(), "ada@example.com");
    let form = page(&world, "/confirm?next=%2Fsettings", &both).await.body;
    assert!(form.contains("name=\"code\""), "{form}");
    // Another browser of hers has no use of it, and it signs nobody in.
    for (path, cookie) in [("/confirm", &signed_in), ("/login/code", &known)] {
        let answer = send(&world, path, cookie, &[("code", &code)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let answer = send(&world, "/confirm", &both, &[("code", &code)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let new = format!("{}; {known}", session(&answer));
    assert_eq!(
        page(&world, "/settings/password", &new).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_attempt_that_is_limited_leaves_no_event() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    age(&world).await;
    let limited = world.with_visitor(Visitor {
        address: Some("192.0.2.1".to_owned()),
        user_agent: "Browser/1".to_owned(),
        limiter: Arc::new(Counting::new(3)),
    });
    for (n, expected) in [422, 422, 422, 429, 429].into_iter().enumerate() {
        let answer = send(&limited, "/confirm", &ada, &[("code", "no digits")]).await;
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'sign_in_failed'";
    assert_eq!(cell(&world, events).await, Value::Int(3));
}

#[tokio::test]
async fn too_many_wrong_passwords_leave_the_code() {
    let (world, sent) = mailing().await;
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    };
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let signed_in = cookies(&send(&world, "/login", "", &fields).await);
    age(&world).await;
    let known = browser(&world, "/login/code").await;
    let both = format!("{signed_in}; {known}");
    for n in 0..5 {
        let wrong = [("password", "not the password")];
        let answer = send(&from(&format!("192.0.2.{n}")), "/confirm", &both, &wrong).await;
        let expected = if n < 3 { 422 } else { 429 };
        assert_eq!(answer.status.as_u16(), expected, "{n}");
    }
    let asked = send(&from("192.0.2.8"), "/confirm/send", &both, &[]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let (_, code) = sent.code();
    let answer = send(&from("192.0.2.9"), "/confirm", &both, &[("code", &code)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}
