//! Sessions: whose they are, and how long they last.

use app::context::SESSION_COOKIE;
use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};

#[tokio::test]
async fn a_session_is_its_users_alone() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let bea = [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", PASSWORD),
    ];
    let bea = sign_up(&world, &bea).await;
    // A token that somebody else put into the browser is not taken over.
    let planted = format!("{SESSION_COOKIE}={}", "a".repeat(43));
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let answer = send(&world, "/login", &planted, &fields).await;
    let other = session(&answer);
    assert_ne!(other, planted);
    assert_eq!(
        page(&world, "/settings", &planted).await.status,
        StatusCode::SEE_OTHER
    );

    let ids = cell(&world, "SELECT GROUP_CONCAT(public_id) FROM sessions").await;
    let Value::Text(ids) = ids else {
        panic!("{ids:?}")
    };
    for id in ids.split(',') {
        // Her own is among them, after which she is nobody.
        send(&world, "/settings/sessions/end", &bea, &[("session", id)]).await;
        let nobody = send(&world, "/settings/sessions/end", "", &[("session", id)]).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        page(&world, "/settings", &bea).await.status,
        StatusCode::SEE_OTHER
    );
    for cookie in [&ada, &other] {
        assert_eq!(
            page(&world, "/settings", cookie).await.status,
            StatusCode::OK
        );
    }
    // The other browser's is in the list, with a form that ends it.
    let list = page(&world, "/settings", &ada).await.body;
    let id = list.split("name=\"session\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    send(&world, "/settings/sessions/end", &ada, &[("session", id)]).await;
    assert_eq!(
        page(&world, "/settings", &other).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(page(&world, "/settings", &ada).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_is_used_is_kept() {
    const MINUTE: i64 = 60_000;
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let seen = "SELECT last_seen_at FROM sessions";
    let Value::Int(at) = cell(&world, seen).await else {
        panic!("no time")
    };
    for (ago, is_noted, is_valid) in [
        (9 * MINUTE, false, true),
        (11 * MINUTE, true, true),
        (29 * 24 * 60 * MINUTE, true, true),
        (31 * 24 * 60 * MINUTE, false, false),
    ] {
        let before = at - ago;
        let set = format!("UPDATE sessions SET last_seen_at = {before} RETURNING last_seen_at");
        cell(&world, &set).await;
        let status = page(&world, "/settings", &ada).await.status;
        assert_eq!(status == StatusCode::OK, is_valid, "{ago}");
        assert_eq!(
            cell(&world, seen).await != Value::Int(before),
            is_noted,
            "{ago}"
        );
    }
}
