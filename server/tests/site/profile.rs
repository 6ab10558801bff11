//! The profile that people edit: what is saved and shown, what is refused, and two forms that were open at once. Its preview is in
//! `preview.rs`.

use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, sign_up};
use crate::mail::hidden;
use crate::support::{Answer, World};

pub(crate) const PATH: &str = "/settings/profile";
const BEA: [(&str, &str); 4] = [
    ("handle", "bea"),
    ("name", "Bea"),
    ("email", "bea@example.com"),
    ("password", PASSWORD),
];

/// The version with which the form is opened.
pub(crate) async fn opened(world: &World, session: &str) -> String {
    let form = page(world, PATH, session).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    hidden(&form.body, "opened")
}

/// Opens the form, and sends it with these fields.
pub(crate) async fn save(world: &World, session: &str, fields: &[(&str, &str)]) -> Answer {
    let opened = opened(world, session).await;
    let fields: Vec<_> = [("opened", opened.as_str())]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    send(world, PATH, session, &fields).await
}

pub(crate) fn is_saved(answer: &Answer) -> bool {
    answer.status == StatusCode::SEE_OTHER
        && answer.header("location") == "/settings?changed=profile"
}

pub(crate) async fn links(world: &World) -> Value {
    let links = "SELECT GROUP_CONCAT(label || '=' || url, ' ') FROM (SELECT * FROM profile_links ORDER BY position)";
    cell(world, links).await
}

#[tokio::test]
async fn a_profile_is_saved_and_shown() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let before = world.get("/users/ada").await.body;
    assert!(
        !before.contains("sameAs") && !before.contains("rel=\"me"),
        "{before}"
    );
    let fields = [
        ("name", " Ada  King "),
        ("bio", "Writes about\r\nengines."),
        ("label-1", "Home"),
        ("url-1", "https://Ada.example"),
        ("label-4", ""),
        ("url-4", "https://bücher.example/夜"),
    ];
    let answer = save(&world, &ada, &fields).await;
    assert!(is_saved(&answer), "{}", answer.body);
    let settings = page(&world, answer.header("location"), &ada).await.body;
    assert!(settings.contains("Your profile was saved."), "{settings}");

    let shown = world.get("/users/ada").await.body;
    for text in [
        "<h1><bdi>Ada King</bdi></h1>",
        "<bdi>Writes about engines.</bdi>",
        "<li><a href=\"https://ada.example/\" rel=\"me nofollow\"><bdi>Home</bdi></a></li>",
        "<a href=\"https://xn--bcher-kva.example/%E5%A4%9C\" rel=\"me nofollow\"><bdi>xn--bcher-kva.example</bdi></a>",
        "\"sameAs\":[\"https://ada.example/\",\"https://xn--bcher-kva.example/%E5%A4%9C\"]",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let found = world.get("/users?q=engines").await.body;
    assert!(found.contains("href=\"/users/ada\""), "{found}");
    // The form has it, in rows without gaps.
    let form = page(&world, PATH, &ada).await.body;
    for text in [
        "value=\"Ada King\"",
        ">Writes about engines.</textarea>",
        "name=\"label-2\" type=\"text\"",
        "value=\"xn--bcher-kva.example\"",
    ] {
        assert!(form.contains(text), "{text}: {form}");
    }
    // A row that is emptied goes, and so does a text.
    let fields = [
        ("name", "Ada"),
        ("bio", " "),
        ("url-1", "https://b.example"),
        ("label-1", "B"),
    ];
    assert!(is_saved(&save(&world, &ada, &fields).await));
    assert_eq!(
        links(&world).await,
        Value::Text("B=https://b.example/".to_owned())
    );
    let shown = world.get("/users/ada").await.body;
    assert!(!shown.contains("engines"), "{shown}");
}

#[tokio::test]
async fn of_two_open_forms_the_second_is_shown_both() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let opened = opened(&world, &ada).await;
    let first = [
        ("opened", opened.as_str()),
        ("name", "First"),
        ("bio", "One."),
        ("label-1", "One"),
        ("url-1", "https://one.example"),
    ];
    let second = [
        ("opened", opened.as_str()),
        ("name", "Second"),
        ("bio", "Two."),
        ("url-1", "https://two.example"),
    ];
    assert!(is_saved(&send(&world, PATH, &ada, &first).await));
    let answer = send(&world, PATH, &ada, &second).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    for text in [
        "changed elsewhere while this form was open",
        "What is stored now",
        "<p class=\"name\"><bdi>First</bdi></p>",
        "<bdi>One.</bdi>",
        "<a href=\"https://one.example/\"",
        "value=\"Second\"",
        ">Two.</textarea>",
        "value=\"https://two.example\"",
    ] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    assert_eq!(
        links(&world).await,
        Value::Text("One=https://one.example/".to_owned())
    );
    // A preview of an old form shows what is stored, too.
    let mut preview = second.to_vec();
    preview.push(("preview", "1"));
    let preview = send(&world, PATH, &ada, &preview).await;
    assert!(
        preview.body.contains("What is stored now"),
        "{}",
        preview.body
    );
    // A form that is sent twice is saved once, and says that it is.
    assert!(is_saved(&send(&world, PATH, &ada, &first).await));
    // Who has seen both decides.
    let newer = hidden(&answer.body, "opened");
    assert_ne!(newer, opened);
    let mut again = second;
    again[0].1 = &newer;
    assert!(is_saved(&send(&world, PATH, &ada, &again).await));
    assert!(is_saved(&send(&world, PATH, &ada, &again).await));
    let name = cell(&world, "SELECT name FROM users").await;
    assert_eq!(name, Value::Text("Second".to_owned()));
    // A form that does not say when it was opened is older than anything.
    for opened in [
        "",
        "x",
        "-1",
        "99999999999999999999",
        "18446744073709551615",
        "253402300799999",
    ] {
        let fields = [("opened", opened), ("name", "Third")];
        let answer = send(&world, PATH, &ada, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::CONFLICT,
            "{opened}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn two_clicks_save_one_profile() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let opened = opened(&world, &ada).await;
    let fields = [
        ("opened", opened.as_str()),
        ("name", "Ada"),
        ("label-1", "One"),
        ("url-1", "https://one.example"),
    ];
    let both = futures::future::join(
        send(&world, PATH, &ada, &fields),
        send(&world, PATH, &ada, &fields),
    )
    .await;
    assert!(is_saved(&both.0), "{}", both.0.body);
    assert!(is_saved(&both.1), "{}", both.1.body);
    assert_eq!(
        links(&world).await,
        Value::Text("One=https://one.example/".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_right_is_said_beside_its_field() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let long = "a".repeat(501);
    for (field, value, sentence) in [
        ("name", "", "a name that people can read"),
        ("name", "Аda", "different alphabets"),
        ("name", "Ada\u{200b}", "a mark that is not seen"),
        ("bio", &long, "at most 500 characters"),
        ("bio", "a\0b", "a character that is not seen"),
        ("url-2", "", "looks like https://example.com/me"),
        (
            "url-2",
            "http://ada.example",
            "looks like https://example.com/me",
        ),
        (
            "url-2",
            "javascript:alert(1)",
            "looks like https://example.com/me",
        ),
        ("label-2", "Hоme", "different alphabets"),
        ("label-2", "Home\u{202e}", "a mark that is not seen"),
    ] {
        let mut fields = vec![
            ("name", "Ada"),
            ("bio", "Kept."),
            ("label-1", "Kept"),
            ("url-1", "https://kept.example"),
            ("label-2", "Home"),
            ("url-2", "https://ada.example"),
        ];
        for one in &mut fields {
            if one.0 == field {
                one.1 = value;
            }
        }
        let answer = save(&world, &ada, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
        let error = format!("id=\"{field}-error\"");
        assert!(answer.body.contains(&error), "{value}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("href=\"#{field}\"")),
            "{value}"
        );
        assert!(answer.body.contains(sentence), "{value}: {}", answer.body);
        for kept in ["https://kept.example", "value=\"Kept\""] {
            assert!(answer.body.contains(kept), "{value}: {}", answer.body);
        }
    }
    // A link may be without words, whatever its address is.
    let answer = save(&world, &ada, &[("name", "Ada"), ("url-1", "ada")]).await;
    assert!(
        answer.body.contains("id=\"url-1-error\""),
        "{}",
        answer.body
    );
    assert!(
        !answer.body.contains("id=\"label-1-error\""),
        "{}",
        answer.body
    );
    assert_eq!(links(&world).await, Value::Null);
}

#[tokio::test]
async fn a_profile_is_its_users_alone() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let bea = sign_up(&world, &BEA).await;
    let all = "SELECT group_concat(id || handle || email || role || password_hash || created_at || coalesce(email_verified_at, '')) \
               FROM users ORDER BY id";
    let before = cell(&world, all).await;
    let of_ada = cell(&world, "SELECT id FROM users WHERE handle = 'ada'").await;
    let Value::Text(of_ada) = of_ada else {
        panic!("{of_ada:?}")
    };
    let fields = [
        ("name", "Mallory"),
        ("url-1", "https://bea.example"),
        ("id", of_ada.as_str()),
        ("user_id", of_ada.as_str()),
        ("handle", "ada"),
        ("email", "ada@example.com"),
        ("role", "admin"),
        ("email_verified_at", "1"),
        ("password_hash", "!"),
        ("post_count", "9"),
        ("position", "9"),
    ];
    assert!(is_saved(&save(&world, &bea, &fields).await));
    assert_eq!(cell(&world, all).await, before);
    let ada_shown = world.get("/users/ada").await.body;
    assert!(ada_shown.contains("<bdi>Ada Lovelace</bdi>") && !ada_shown.contains("bea.example"));
    // Nobody saves without a session, and what they typed is kept.
    let answer = send(&world, PATH, "", &fields).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hidden(&answer.body, "name"), "Mallory");
    let form = page(&world, PATH, "").await;
    assert_eq!(form.header("location"), "/login?next=%2Fsettings%2Fprofile");
    // A session that ends in between loses nothing: the same form is taken later.
    let opened = opened(&world, &ada).await;
    let fields = [
        ("opened", opened.as_str()),
        ("name", "Ada"),
        ("bio", "Typed for an hour."),
    ];
    send(&world, "/logout", &ada, &[]).await;
    let held = send(&world, PATH, &ada, &fields).await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hidden(&held.body, "bio"), "Typed for an hour.");
    let login = [("login", "ada"), ("password", PASSWORD)];
    let again = send(&world, "/login", "", &login).await;
    let ada = crate::accounts::session(&again);
    assert!(is_saved(&send(&world, PATH, &ada, &fields).await));
}
