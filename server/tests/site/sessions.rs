//! Sessions: whose they are, and how long they last.

use app::context::SESSION_COOKIE;
use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::support::Answer;

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

#[tokio::test]
async fn a_new_password_ends_other_sessions() {
    const NEW: &str = "copper thistle window";
    let world = empty().await.with_secret();
    let here = sign_up(&world, &ADA).await;
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let elsewhere = session(&send(&world, "/login", "", &fields).await);
    let change = async |cookie: &str, new: &str| {
        let fields = [("id", "form"), ("password", new)];
        send(&world, "/settings/password", cookie, &fields).await
    };

    let nobody = change("", NEW).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let form = page(&world, "/settings/password", "").await;
    assert_eq!(
        form.header("location"),
        "/login?next=%2Fsettings%2Fpassword"
    );
    for (new, why) in [
        ("short", "A password has at least 10 characters."),
        ("ada lovelace", "made of your own names"),
    ] {
        let answer = change(&here, new).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
        assert!(!answer.body.contains(new), "{new}: {}", answer.body);
    }
    assert_eq!(
        page(&world, "/settings", &elsewhere).await.status,
        StatusCode::OK
    );

    let answer = change(&here, NEW).await;
    assert_eq!(answer.header("location"), "/settings?changed=password");
    let rotated = session(&answer);
    assert_ne!(rotated, here);
    // The second of two clicks is still sent with the token of before.
    assert_eq!(session(&change(&here, NEW).await), rotated);
    let settings = page(&world, "/settings?changed=password", &rotated).await;
    assert!(
        settings.body.contains("Your password was changed."),
        "{}",
        settings.body
    );
    for over in [&here, &elsewhere] {
        assert_eq!(
            page(&world, "/settings", over).await.status,
            StatusCode::SEE_OTHER
        );
    }
    for (password, expected) in [
        (PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
        (NEW, StatusCode::SEE_OTHER),
    ] {
        let answer = send(
            &world,
            "/login",
            "",
            &[("login", "ada"), ("password", password)],
        )
        .await;
        assert_eq!(answer.status, expected);
    }
    let events =
        "SELECT COUNT(*) FROM events WHERE kind = 'password_changed' AND session_id IS NOT NULL";
    assert_eq!(cell(&world, events).await, Value::Int(1));
}

#[tokio::test]
async fn scripts_ask_for_the_name_of_who_is_signed_in() {
    let world = empty().await;
    let answer = send(&world, "/signup", "", &ADA).await;
    let hints = |answer: &Answer| -> Vec<String> {
        let set = answer.headers.get_all("set-cookie").iter();
        let set = set.filter_map(|cookie| cookie.to_str().ok());
        set.filter(|cookie| cookie.starts_with("signed-in="))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        hints(&answer),
        ["signed-in=1; Path=/; Secure; SameSite=Lax; Max-Age=15552000"]
    );
    let ada = session(&answer);
    let me = page(&world, "/fn/me", &ada).await;
    assert_eq!(me.body, r#"{"handle":"ada","name":"Ada Lovelace"}"#);
    assert_eq!(me.header("cache-control"), "private, no-store");
    for nobody in ["", &format!("{SESSION_COOKIE}={}", "a".repeat(43))] {
        assert_eq!(page(&world, "/fn/me", nobody).await.body, "null");
    }
    // The page itself is everybody's.
    let posts = page(&world, "/posts", "").await;
    let hers = page(&world, "/posts", &ada).await;
    assert_eq!(hers.body, posts.body);
    assert_eq!(hers.header("etag"), posts.header("etag"));

    let out = send(&world, "/logout", &ada, &[]).await;
    assert_eq!(
        hints(&out),
        ["signed-in=; Path=/; Secure; SameSite=Lax; Max-Age=0"]
    );
}
