//! Tokens for the API: made and revoked in the settings. The doors that they open are in `bearer`.

use accounts::ApiToken;
use db::Value;
use http::{Method, StatusCode};

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, sign_up};
use crate::mail::mailing;
use crate::support::{Answer, World};

pub(crate) const BEA: [(&str, &str); 4] = [
    ("handle", "bea"),
    ("name", "Bea"),
    ("email", "bea@example.com"),
    ("password", PASSWORD),
];

const FORM: [(&str, &str); 4] = [
    ("name", "My laptop"),
    ("scope", "write"),
    ("days", "30"),
    ("until", ""),
];

/// The token that a page shows.
fn shown(answer: &Answer) -> Option<String> {
    let rest = answer.body.split("class=\"secret\"").nth(1)?;
    let text = rest.split_once('>')?.1.split('<').next()?;
    Some(text.to_owned())
}

/// Makes a token of this scope for the person who is signed in.
pub(crate) async fn token(world: &World, cookie: &str, scope: &str) -> String {
    let fields = FORM.map(|(name, value)| (name, if name == "scope" { scope } else { value }));
    let answer = send(world, "/settings/tokens", cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    shown(&answer).expect("a token")
}

/// Asks the API with a token and a body of JSON.
pub(crate) async fn ask(
    world: &World,
    method: Method,
    path: &str,
    token: &str,
    body: &str,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    world.ask(method, path, &headers, body).await
}

pub(crate) async fn get_me(world: &World, token: &str) -> Answer {
    ask(world, Method::GET, "/api/v1/me", token, "").await
}

/// An empty site with Ada in it, and her session.
pub(crate) async fn with_ada() -> (World, String) {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    (world, ada)
}

#[tokio::test]
async fn a_token_is_shown_once_and_stored_as_a_hash() {
    let (world, recorder) = mailing().await;
    let login = [("login", "ada"), ("password", PASSWORD)];
    let ada = crate::mail::cookies(&send(&world, "/login", "", &login).await);
    let answer = send(&world, "/settings/tokens", &ada, &FORM).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let token = shown(&answer).expect("a token");
    assert!(ApiToken::parse(&token).is_some(), "{token}");
    let list = page(&world, "/settings/tokens", &ada).await;
    assert_eq!(list.status, StatusCode::OK);
    for part in ["My laptop", "Scope write", "never used", "expires "] {
        assert!(list.body.contains(part), "{part}: {}", list.body);
    }
    assert!(!list.body.contains(&token[4..]), "{}", list.body);
    assert_eq!(shown(&list), None);

    let stored = "SELECT name || ' ' || scopes || ' ' || token_hash FROM api_tokens";
    let hash = ApiToken::parse(&token).unwrap().hash();
    let expected = format!("My laptop write {hash}");
    assert_eq!(cell(&world, stored).await, Value::Text(expected));
    let days = "SELECT (expires_at - created_at) / 86400000 FROM api_tokens";
    assert_eq!(cell(&world, days).await, Value::Int(30));
    let event = "SELECT detail FROM events WHERE kind = 'token_created' AND session_id IS NOT NULL";
    assert_eq!(
        cell(&world, event).await,
        Value::Text("My laptop".to_owned())
    );
    let mail = recorder.mails().pop().expect("a mail");
    assert_eq!(mail.to.as_str(), "ada@example.com");
    assert!(mail.text.contains("https://site.example/settings/tokens"));
    assert!(!mail.text.contains("wpt_") && !mail.html.contains("wpt_"));

    assert_eq!(get_me(&world, &token).await.status, StatusCode::OK);
    let used = "SELECT last_used_at FROM api_tokens";
    let Value::Int(first) = cell(&world, used).await else {
        panic!("no use is noted")
    };
    get_me(&world, &token).await;
    assert_eq!(cell(&world, used).await, Value::Int(first));
    let list = page(&world, "/settings/tokens", &ada).await.body;
    assert!(list.contains("last used "), "{list}");
}

#[tokio::test]
async fn a_form_of_a_token_that_is_not_right_comes_back() {
    let (world, ada) = with_ada().await;
    for (field, value, why) in [
        ("name", " ", "Please give a name that people can read."),
        ("scope", "", "Choose what the token may do."),
        ("scope", "root", "Choose what the token may do."),
        ("days", "0", "Choose how long the token is good."),
        ("days", "366", "Choose how long the token is good."),
        (
            "days",
            "18446744073709551615",
            "Choose how long the token is good.",
        ),
        ("days", "soon", "Choose how long the token is good."),
        ("until", "2020-01-01", "Choose a day from today on"),
        ("until", "9998-01-01", "Choose a day from today on"),
        ("until", "tomorrow", "Choose a day from today on"),
    ] {
        let fields = FORM.map(|(name, typed)| (name, if name == field { value } else { typed }));
        let answer = send(&world, "/settings/tokens", &ada, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field} {value}"
        );
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("href=\"#{field}\"")),
            "{field}"
        );
        assert!(
            answer.body.contains(&format!("id=\"{field}-error\"")),
            "{field}"
        );
        if field != "name" {
            assert!(
                answer.body.contains("value=\"My laptop\""),
                "{}",
                answer.body
            );
        }
        assert_eq!(shown(&answer), None);
    }
    let number = "SELECT COUNT(*) FROM api_tokens";
    assert_eq!(cell(&world, number).await, Value::Int(0));
    // A day wins over a number of days.
    let tomorrow = domain::Timestamp::now() + std::time::Duration::from_secs(86_400);
    let tomorrow = tomorrow.rfc3339()[..10].to_owned();
    let fields = FORM.map(|(name, typed)| {
        (
            name,
            if name == "until" {
                tomorrow.as_str()
            } else {
                typed
            },
        )
    });
    assert_eq!(
        send(&world, "/settings/tokens", &ada, &fields).await.status,
        StatusCode::OK
    );
    let end = domain::Timestamp::end_of_day(&tomorrow)
        .unwrap()
        .as_millis();
    let stored = cell(&world, "SELECT expires_at FROM api_tokens").await;
    assert_eq!(stored, Value::Int(end));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_token() {
    let (world, ada) = with_ada().await;
    let form = page(&world, "/settings/tokens", &ada).await.body;
    let form = form.split("action=\"/settings/tokens\"").nth(1).unwrap();
    let id = form.split("name=\"id\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    let fields: Vec<_> = FORM.into_iter().chain([("id", id)]).collect();
    let first = send(&world, "/settings/tokens", &ada, &fields).await;
    assert!(shown(&first).is_some());
    // Nobody else's form takes it over either.
    let bea = sign_up(&world, &BEA).await;
    for cookie in [&ada, &bea] {
        let again = send(&world, "/settings/tokens", cookie, &fields).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            again.body.contains("has made a token already"),
            "{}",
            again.body
        );
        assert_eq!(shown(&again), None);
    }
    let number = "SELECT COUNT(*) FROM api_tokens";
    assert_eq!(cell(&world, number).await, Value::Int(1));
}

#[tokio::test]
async fn nobody_has_more_tokens_than_the_list_shows() {
    let (world, ada) = with_ada().await;
    for _ in 0..50 {
        token(&world, &ada, "read").await;
    }
    let answer = send(&world, "/settings/tokens", &ada, &FORM).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("as many tokens as one person"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn tokens_are_made_and_revoked_only_after_a_late_proof() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "read").await;
    let id = cell(&world, "SELECT id FROM api_tokens").await;
    let Value::Text(id) = id else {
        panic!("{id:?}")
    };
    let old = "UPDATE sessions SET confirmed_at = 0 RETURNING 1";
    cell(&world, old).await;
    let form = page(&world, "/settings/tokens", &ada).await;
    assert_eq!(
        form.header("location"),
        "/confirm?next=%2Fsettings%2Ftokens"
    );
    for cookie in [ada.as_str(), ""] {
        let made = send(&world, "/settings/tokens", cookie, &FORM).await;
        assert_eq!(shown(&made), None);
        send(&world, "/settings/tokens/revoke", cookie, &[("token", &id)]).await;
    }
    let number = "SELECT COUNT(*) FROM api_tokens";
    assert_eq!(cell(&world, number).await, Value::Int(1));
    assert_eq!(get_me(&world, &token).await.status, StatusCode::OK);
    let nobody = page(&world, "/settings/tokens", "").await;
    assert_eq!(
        nobody.header("location"),
        "/login?next=%2Fsettings%2Ftokens"
    );
}

#[tokio::test]
async fn a_token_is_revoked_by_its_owner_alone() {
    let (world, ada) = with_ada().await;
    let bea = sign_up(&world, &BEA).await;
    let token = token(&world, &ada, "read").await;
    let list = page(&world, "/settings/tokens", &ada).await.body;
    let id = list.split("name=\"token\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    for (cookie, id) in [(&bea, id), (&ada, "nonsense"), (&ada, "")] {
        let answer = send(&world, "/settings/tokens/revoke", cookie, &[("token", id)]).await;
        assert_eq!(
            answer.header("location"),
            "/settings/tokens?changed=revoked"
        );
        assert_eq!(get_me(&world, &token).await.status, StatusCode::OK);
    }
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'token_revoked'";
    assert_eq!(cell(&world, events).await, Value::Int(0));
    let answer = send(&world, "/settings/tokens/revoke", &ada, &[("token", id)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        get_me(&world, &token).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(cell(&world, events).await, Value::Int(1));
}
