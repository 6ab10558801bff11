//! `/api/v1/me`: the account of a token's owner.

use accounts::policy::{self, Action, Actor, Relation, Scopes};
use db::Value;
use domain::Role;
use futures::future::join;
use http::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::accounts::{cell, page, sign_up};
use crate::support::{Answer, World};
use crate::tokens::{BEA, ask, get_me, token, with_ada};

const ME: &str = "/api/v1/me";

async fn patch(world: &World, token: &str, etag: &str, body: &Json) -> Answer {
    patch_text(world, token, etag, &body.to_string()).await
}

async fn patch_text(world: &World, token: &str, etag: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("if-match", etag),
    ];
    let with_etag = if etag.is_empty() { 2 } else { 3 };
    world
        .ask(Method::PATCH, ME, &headers[..with_etag], body)
        .await
}

#[tokio::test]
async fn an_owner_sees_the_account_with_its_address() {
    let (world, ada) = with_ada().await;
    sign_up(&world, &BEA).await;
    let token = token(&world, &ada, "write").await;
    let link = "INSERT INTO profile_links (id, user_id, position, label, url) \
                SELECT id, id, 0, 'Home', 'https://ada.example' FROM users WHERE handle = 'ada' RETURNING 1";
    cell(&world, link).await;
    let answer = get_me(&world, &token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let me = answer.json();
    let mut members: Vec<_> = me.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "bio",
            "created_at",
            "email",
            "email_verified",
            "handle",
            "id",
            "links",
            "name",
            "role",
            "scopes",
            "updated_at"
        ]
    );
    assert_eq!(me["email"], "ada@example.com");
    assert_eq!(me["email_verified"], false);
    assert_eq!(me["role"], "reader");
    assert_eq!(me["scopes"], json!(["read", "write"]));
    assert_eq!(
        me["links"],
        json!([{ "label": "Home", "url": "https://ada.example" }])
    );
    assert!(!answer.body.contains("argon2") && !answer.body.contains("bea"));
    for path in ["/api/v1/users", "/api/v1/users/ada", "/api/v1/users/bea"] {
        let found = ask(&world, Method::GET, path, &token, "").await;
        assert_eq!(found.status, StatusCode::OK);
        assert!(
            !found.body.contains("@example.com"),
            "{path}: {}",
            found.body
        );
    }
    let bearer = format!("Bearer {token}");
    let known = [
        ("authorization", bearer.as_str()),
        ("if-none-match", answer.header("etag")),
    ];
    let again = world.ask(Method::GET, ME, &known, "").await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn links_are_changed_as_a_whole_and_seen_by_everybody() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "write").await;
    let etag = async || get_me(&world, &token).await.header("etag").to_owned();
    let links = json!([{ "label": "Home", "url": "https://ada.example" }, { "url": "https://notes.example/a b" }]);
    let changed = patch(&world, &token, &etag().await, &json!({ "links": links })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let stored = json!([
        { "label": "Home", "url": "https://ada.example/" },
        { "label": "notes.example", "url": "https://notes.example/a%20b" },
    ]);
    assert_eq!(changed.json()["links"], stored);
    let user = world.get("/api/v1/users/ada").await;
    assert_eq!(user.json()["links"], stored, "{}", user.body);
    let profile = world.get("/users/ada").await;
    assert!(profile.body.contains("https://notes.example/a%20b"));

    let too_long = "x".repeat(81);
    for (links, field) in [
        (
            json!([{ "url": "https://ada.example" }, { "url": "http://ada.example" }]),
            "links[1].url",
        ),
        (
            json!([{ "label": too_long, "url": "https://ada.example" }]),
            "links[0].label",
        ),
        (
            json!(vec![json!({ "url": "https://ada.example" }); 9]),
            "links",
        ),
    ] {
        let refused = patch(&world, &token, &etag().await, &json!({ "links": links })).await;
        assert_eq!(refused.status, 422, "{links}: {}", refused.body);
        assert!(
            refused.json()["fields"][field].is_string(),
            "{}",
            refused.body
        );
    }
    // Another change leaves them alone; an empty list removes them.
    let named = patch(&world, &token, &etag().await, &json!({ "name": "Ada L." })).await;
    assert_eq!(named.json()["links"], stored);
    let none = patch(&world, &token, &etag().await, &json!({ "links": [] })).await;
    assert_eq!(none.json()["links"], json!([]));
}

#[tokio::test]
async fn a_profile_is_changed_as_it_was_read() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "write").await;
    let first = get_me(&world, &token).await.header("etag").to_owned();
    let missing = patch(&world, &token, "", &json!({ "name": "Zoë" })).await;
    assert_eq!(missing.status, 428);
    assert_eq!(missing.json()["code"], "precondition_required");
    for wrong in ["\"x\"", "nonsense"] {
        let stale = patch(&world, &token, wrong, &json!({ "name": "Zoë" })).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{wrong}");
        assert_eq!(stale.json()["code"], "precondition_failed");
    }
    let changed = patch(
        &world,
        &token,
        &first,
        &json!({ "name": " Zoë  夜 ", "bio": "Walks.\nWrites." }),
    )
    .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.header("cache-control"), "private, no-store");
    let now = get_me(&world, &token).await;
    assert_eq!(
        (now.json(), now.header("etag")),
        (changed.json(), changed.header("etag"))
    );
    assert_eq!(now.json()["name"], "Zoë 夜");
    assert_eq!(now.json()["bio"], "Walks. Writes.");
    assert_eq!(patch(&world, &token, &first, &json!({})).await.status, 412);
    // Cloudflare weakens the tag of what it compresses.
    for etag in [format!("W/{}", changed.header("etag")), "*".to_owned()] {
        let bio = patch(&world, &token, &etag, &json!({ "bio": "" })).await;
        assert_eq!(bio.status, StatusCode::OK, "{etag}: {}", bio.body);
        assert_eq!(
            (&bio.json()["name"], &bio.json()["bio"]),
            (&json!("Zoë 夜"), &json!(""))
        );
    }
    let found = world.get("/api/v1/users?q=zoe").await.json();
    assert_eq!(found["data"][0]["handle"], "ada");
    assert_eq!(
        world.get("/api/v1/users?q=lovelace").await.json()["data"],
        json!([])
    );
}

#[tokio::test]
async fn links_stay_when_something_else_is_changed() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "write").await;
    for n in 0..3 {
        let link = format!(
            "INSERT INTO profile_links (id, user_id, position, label, url) \
             SELECT '019a0000-0000-7000-8000-00000000000{n}', id, {n}, 'link {n}', 'https://{n}.example' FROM users RETURNING 1"
        );
        cell(&world, &link).await;
    }
    let links = get_me(&world, &token).await.json()["links"].clone();
    assert_eq!(links[2]["label"], "link 2");
    let changed = patch(&world, &token, "*", &json!({ "name": "Ada" })).await;
    assert_eq!(changed.json()["links"], links);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_refused() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "write").await;
    let etag = get_me(&world, &token).await.header("etag").to_owned();
    let change = async |name: &str| patch(&world, &token, &etag, &json!({ "name": name })).await;
    let (one, other) = join(change("One"), change("Other")).await;
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let kept = if one.status == 200 { one } else { other };
    assert_eq!(get_me(&world, &token).await.json(), kept.json());
}

#[tokio::test]
async fn a_change_that_is_not_right_is_named_and_nothing_else_is_taken() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "admin").await;
    let before = get_me(&world, &token).await.json();
    for (body, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "bio": "x".repeat(501) }), "bio"),
        (json!({ "bio": "a\u{0}b" }), "bio"),
        (json!({ "role": "admin" }), "role"),
        (
            json!({ "id": "019a0000-0000-7000-8000-000000000001" }),
            "id",
        ),
        (json!({ "email": "eve@example.com" }), "email"),
        (json!({ "email_verified": true }), "email_verified"),
        (json!({ "handle": "eve" }), "handle"),
        (json!({ "scopes": ["admin"] }), "scopes"),
        (json!([]), "body"),
    ] {
        let answer = patch(&world, &token, "*", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem = answer.json();
        let fields = problem["fields"].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), [field], "{body}");
    }
    let large = format!("{{\"bio\":\"{}\"}}", "x".repeat(1_000_000));
    for (body, status) in [("{", 400), (large.as_str(), 413)] {
        assert_eq!(patch_text(&world, &token, "*", body).await.status, status);
    }
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
    let answer = world.ask(Method::PATCH, ME, &headers, "{}").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(get_me(&world, &token).await.json(), before);
}

#[tokio::test]
async fn an_account_is_closed_and_its_tokens_with_it() {
    let (world, ada) = with_ada().await;
    let bea = token(&world, &sign_up(&world, &BEA).await, "read").await;
    let token = token(&world, &ada, "admin").await;
    for body in [
        "{}",
        "{\"keep_posts\":\"no\"}",
        "{\"keep_posts\":true,\"id\":\"x\"}",
    ] {
        let answer = ask(&world, Method::DELETE, ME, &token, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let admin = "UPDATE users SET role = 'admin' WHERE handle = 'ada' RETURNING 1";
    cell(&world, admin).await;
    let last = ask(&world, Method::DELETE, ME, &token, "{\"keep_posts\":true}").await;
    assert_eq!(last.status, StatusCode::CONFLICT, "{}", last.body);
    cell(&world, "UPDATE users SET role = 'reader' RETURNING 1").await;

    let answer = ask(&world, Method::DELETE, ME, &token, "{\"keep_posts\":false}").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let stored = cell(&world, "SELECT erase_at FROM users WHERE handle = 'ada'").await;
    let Value::Int(at) = stored else {
        panic!("{stored:?}")
    };
    let at = domain::Timestamp::from_millis(at).rfc3339();
    assert_eq!(answer.json(), json!({ "erase_at": at }));
    assert_eq!(
        get_me(&world, &token).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        page(&world, "/settings", &ada).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        world.get("/api/v1/users/ada").await.status,
        StatusCode::GONE
    );
    assert_eq!(get_me(&world, &bea).await.json()["handle"], "bea");
    let event =
        "SELECT COUNT(*) FROM events WHERE kind = 'erasure_scheduled' AND actor_id = user_id";
    assert_eq!(cell(&world, event).await, Value::Int(1));
}

/// Every operation that needs a token, for every role and scope: allowed where the policy allows it, and nowhere else.
#[tokio::test]
async fn operations_are_allowed_by_the_policy() {
    let (world, ada) = with_ada().await;
    let operations = [
        (Method::GET, Action::SeeEmail),
        (Method::PATCH, Action::EditProfile),
        (Method::DELETE, Action::CloseAccount),
    ];
    let mut allowed = 0;
    for scope in ["read", "write", "admin", "", "root"] {
        let token = token(&world, &ada, "read").await;
        let set = format!("UPDATE api_tokens SET scopes = '{scope}' RETURNING 1");
        cell(&world, &set).await;
        for role in [Role::Reader, Role::Author, Role::Editor, Role::Admin] {
            cell(
                &world,
                &format!("UPDATE users SET role = '{role}' RETURNING 1"),
            )
            .await;
            for (method, action) in &operations {
                let may = policy::may(Actor::Member(role), *action, Relation::Own);
                let token_may = policy::token_may(Scopes::parse(scope), *action, Relation::Own);
                // Without what they need beside the token, so that nothing is changed.
                let answer = ask(&world, method.clone(), ME, &token, "{").await;
                let what = format!("{role} {scope} {method}: {}", answer.body);
                assert_eq!(answer.status != 403, may && token_may, "{what}");
                if may && !token_may {
                    assert_eq!(answer.json()["code"], "insufficient_scope", "{what}");
                    let challenge = answer.header("www-authenticate");
                    assert!(
                        challenge.ends_with("error=\"insufficient_scope\""),
                        "{what}"
                    );
                } else {
                    assert_eq!(answer.header("www-authenticate"), "", "{what}");
                    allowed += 1;
                }
            }
        }
    }
    assert_eq!(allowed, 4 * (1 + 2 + 3));
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_there_are() {
    let (world, ada) = with_ada().await;
    let token = token(&world, &ada, "admin").await;
    for (method, path, allow) in [
        (Method::POST, ME, "DELETE GET HEAD PATCH"),
        (Method::PUT, ME, "DELETE GET HEAD PATCH"),
        (Method::DELETE, "/api/v1/users", "GET HEAD POST"),
        (Method::PATCH, "/api/v1/users/bea", "GET HEAD"),
        (Method::DELETE, "/api/v1/users/ada", "GET HEAD"),
    ] {
        let answer = ask(&world, method.clone(), path, &token, "{}").await;
        assert_eq!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        let mut found: Vec<_> = answer.header("allow").split(',').collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), allow, "{method} {path}");
    }
    let options = world.ask(Method::OPTIONS, ME, &[], "").await;
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    assert!(options.header("allow").contains("PATCH"));
}
