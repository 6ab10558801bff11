//! Another handle: where the old one leads, for whom it is kept, and what is refused.

use std::sync::Arc;

use app::visitor::{RateLimiter, Visitor};
use db::Value;
use domain::{Email, FieldRule, Handle, NewPassword};
use http::StatusCode;
use serde_json::json;

use crate::accounts::{ADA, Counting, PASSWORD, cell, empty, page, send, sign_up};
use crate::mail::hidden;
use crate::support::{Answer, World};

const PATH: &str = "/settings/handle";
const DONE: &str = "/settings?changed=handle";

async fn change(world: &World, session: &str, handle: &str) -> Answer {
    send(world, PATH, session, &[("handle", handle)]).await
}

fn bea(handle: &str) -> [(&str, &str); 4] {
    let mut bea = ADA;
    bea[0].1 = handle;
    bea[2].1 = "bea@example.com";
    bea
}

#[tokio::test]
async fn the_old_handle_leads_to_the_new_one() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let form = page(&world, PATH, &ada).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("<bdi>ada</bdi>"), "{}", form.body);
    let answer = change(&world, &ada, " ada-king ").await;
    assert_eq!(answer.header("location"), DONE, "{}", answer.body);
    let settings = page(&world, DONE, &ada).await.body;
    assert!(
        settings.contains("Your handle was changed.") && settings.contains("/users/ada-king"),
        "{settings}"
    );

    // From handle to handle, each leads to the last.
    assert_eq!(
        change(&world, &ada, "countess").await.header("location"),
        DONE
    );
    for old in ["ada", "ada-king"] {
        for (address, to) in [
            (format!("/users/{old}"), "/users/countess"),
            (format!("/users/{old}?cursor="), "/users/countess"),
            (format!("/users/{old}/feed.xml"), "/users/countess/feed.xml"),
            (format!("/api/v1/users/{old}"), "/api/v1/users/countess"),
        ] {
            let answer = world.get(&address).await;
            assert_eq!(
                answer.status,
                StatusCode::MOVED_PERMANENTLY,
                "{address}: {}",
                answer.body
            );
            assert_eq!(answer.header("location"), to, "{address}");
            // Once it is somebody else's, no browser remembers where it led.
            assert_eq!(answer.header("cache-control"), "no-store", "{address}");
            assert_eq!(world.get(to).await.status, StatusCode::OK);
        }
    }
    let found = world.get("/users?q=countess").await.body;
    assert!(found.contains("href=\"/users/countess\""), "{found}");
    for (login, status) in [("countess", 303), ("ada", 422)] {
        let fields = [("login", login), ("password", PASSWORD)];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{login}");
    }
    let events =
        "SELECT COUNT(*) FROM events WHERE kind = 'handle_changed' AND session_id IS NOT NULL";
    assert_eq!(cell(&world, events).await, Value::Int(2));
}

#[tokio::test]
async fn the_old_handle_is_kept_from_others_for_90_days() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    assert_eq!(
        change(&world, &ada, "ada-king").await.header("location"),
        DONE
    );
    let first = sign_up(&world, &bea("bea")).await;
    let refused = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains("id=\"handle-error\""),
            "{}",
            answer.body
        );
    };
    let kept = change(&world, &first, "ada").await;
    refused(&kept);
    assert!(
        kept.body.contains("within the last 90 days"),
        "{}",
        kept.body
    );
    assert!(kept.body.contains("value=\"ada\""), "{}", kept.body);
    let taken = change(&world, &first, "ada-king").await;
    refused(&taken);
    // Kept or present, the answer is one.
    assert_eq!(
        kept.body.replace("ada-king", "ada"),
        taken.body.replace("ada-king", "ada")
    );
    let mut other = bea("ada");
    other[2].1 = "cyd@example.com";
    refused(&send(&world, "/signup", "", &other).await);
    // Its user may have it back, and then the other one leads there.
    assert_eq!(change(&world, &ada, "ada").await.header("location"), DONE);
    assert_eq!(
        world.get("/users/ada-king").await.header("location"),
        "/users/ada"
    );
    assert_eq!(
        change(&world, &ada, "ada-king").await.header("location"),
        DONE
    );

    let day: i64 = 24 * 60 * 60 * 1000;
    let age = format!(
        "UPDATE user_handles SET released_at = released_at - {} RETURNING 1",
        89 * day
    );
    cell(&world, &age).await;
    assert_eq!(
        world.get("/users/ada").await.status,
        StatusCode::MOVED_PERMANENTLY
    );
    refused(&change(&world, &first, "ada").await);
    let age = format!("UPDATE user_handles SET released_at = released_at - {day} RETURNING 1");
    cell(&world, &age).await;
    for address in ["/users/ada", "/users/ada/feed.xml", "/api/v1/users/ada"] {
        assert_eq!(
            world.get(address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
    assert_eq!(change(&world, &first, "ada").await.header("location"), DONE);
    assert_eq!(world.get("/users/ada").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_could_be_taken_for_another_handle_is_refused() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let (long, site) = ("a".repeat(31), app::site::NAME.to_lowercase());
    for wrong in [
        "",
        "a",
        &long,
        "Ada-King",
        "a_b",
        "-a-",
        "a--b",
        "аda",
        "ada\u{200b}",
        "ａda",
        "admin",
        "adm1n",
        "settings",
        &site,
    ] {
        let answer = change(&world, &ada, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(
            answer.body.contains("id=\"handle-error\""),
            "{wrong}: {}",
            answer.body
        );
    }
    let handle = cell(&world, "SELECT handle FROM users").await;
    assert_eq!(handle, Value::Text("ada".to_owned()));
    assert_eq!(
        cell(&world, "SELECT COUNT(*) FROM user_handles").await,
        Value::Int(0)
    );
}

#[tokio::test]
async fn two_clicks_change_it_once() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let both = futures::future::join(
        change(&world, &ada, "ada-king"),
        change(&world, &ada, "ada-king"),
    )
    .await;
    for answer in [both.0, both.1, change(&world, &ada, "ada-king").await] {
        assert_eq!(answer.header("location"), DONE, "{}", answer.body);
    }
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'handle_changed'";
    assert_eq!(cell(&world, events).await, Value::Int(1));
}

#[tokio::test]
async fn a_handle_is_its_users_alone() {
    let world = empty().await;
    sign_up(&world, &ADA).await;
    let other = sign_up(&world, &bea("bea")).await;
    let fields = [
        ("handle", "new-name"),
        ("id", "ada"),
        ("user_id", "ada"),
        ("current", "ada"),
        ("role", "admin"),
        ("name", "Mallory"),
    ];
    let held = send(&world, PATH, "", &fields).await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hidden(&held.body, "handle"), "new-name");
    assert_eq!(
        send(&world, PATH, &other, &fields).await.header("location"),
        DONE
    );
    let all = "SELECT GROUP_CONCAT(handle || ' ' || name || ' ' || role, ', ') FROM (SELECT * FROM users ORDER BY id)";
    let all = cell(&world, all).await;
    let expected = "ada Ada Lovelace reader, new-name Ada Lovelace reader";
    assert_eq!(all, Value::Text(expected.to_owned()));
}

#[tokio::test]
async fn handles_are_not_hoarded() {
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let world = world.with_visitor(Visitor {
        address: None,
        user_agent: String::new(),
        limiter,
    });
    for n in 0..5 {
        let answer = change(&world, &ada, &format!("ada-{n}")).await;
        let expected = if n < 3 { 303 } else { 429 };
        assert_eq!(answer.status.as_u16(), expected, "{n}");
        // What is not taken counts for nothing.
        assert_eq!(
            change(&world, &ada, "admin").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
}

/// True if a browser sends a field with this value.
fn sends(rule: FieldRule, value: &str) -> bool {
    let is_long = value.encode_utf16().count() >= rule.min;
    let is_match = rule.pattern.is_none_or(|pattern| {
        let schema = json!({ "pattern": format!("^(?:{pattern})$") });
        jsonschema::is_valid(&schema, &json!(value))
    });
    is_long && is_match
}

#[test]
fn a_browser_is_never_stricter_than_the_server() {
    let is_handle = |text: &str| Handle::claim(text, "Example").is_ok();
    let is_email = |text: &str| Email::parse(text).is_ok();
    let is_password = |text: &str| NewPassword::parse(text, &[]).is_ok();
    let texts = [
        "",
        "a",
        "jo",
        " ada-king\n",
        "a1-b2-c3",
        "ada@example.com",
        " Ada@Example.COM ",
        "o'hara+a.b@xn--bcher-kva.example",
        "a@b.io",
        "plum lantern gravel",
        "🦊🪵🧂🫖🛶🪁🧦🥝🪐🎻",
        "夜明けの列車と古い駅の猫",
        "short",
        "-a",
        "a_b",
        "ada@",
        "a b@x.org",
    ];
    for text in texts {
        assert!(!is_handle(text) || sends(Handle::RULE, text), "{text}");
        assert!(!is_email(text) || sends(Email::RULE, text), "{text}");
        assert!(
            !is_password(text) || sends(NewPassword::RULE, text),
            "{text}"
        );
    }
    // It catches what people mistype most.
    for (rule, wrong) in [
        (Handle::RULE, "Ada"),
        (Handle::RULE, "ada king"),
        (Handle::RULE, "a"),
        (Email::RULE, "ada"),
        (Email::RULE, "ada@example"),
        (NewPassword::RULE, "short"),
    ] {
        assert!(!sends(rule, wrong), "{wrong}");
    }
}

#[tokio::test]
async fn rules_are_in_the_form_before_anything_is_typed() {
    let world = empty().await;
    let form = world.get("/signup").await.body;
    for text in [
        "<span class=\"rule\">A handle is lower-case letters and digits joined by hyphens, 2 to 30 characters.</span>",
        "minlength=\"2\" maxlength=\"30\" pattern=\"\\s*[a-z0-9]+(-[a-z0-9]+)*\\s*\"",
        "<span class=\"rule\">A password has at least 10 characters.</span>",
        "minlength=\"10\" maxlength=\"1024\"",
        "<span class=\"rule\">An e-mail address looks like name@example.com.</span>",
    ] {
        assert!(form.contains(text), "{text}: {form}");
    }
    // Who signs in is not told how a new password has to be.
    let login = world.get("/login").await.body;
    assert!(
        !login.contains("class=\"rule\"") && !login.contains("minlength"),
        "{login}"
    );
}
