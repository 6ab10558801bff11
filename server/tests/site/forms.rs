//! Forms of accounts, as somebody who has no more than the page sees them: what is kept, what is said, and the ways on and back.

use std::collections::BTreeMap;

use app::context::Registration;
use db::queries::insert;
use db::schema::tables::Passkey;
use domain::{Role, Timestamp};
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::cast::{Member, plain, site, site_of};
use crate::mail::hidden;
use crate::support::Answer;

/// The sentences about what was done before the page.
fn said(answer: &Answer) -> Vec<&str> {
    let all = answer.body.split("<p role=\"status\" class=\"done\">");
    all.skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect()
}

/// The tag of the element with this attribute.
fn tag<'a>(body: &'a str, attribute: &str) -> &'a str {
    let mut tags = body.split('<').filter_map(|rest| rest.split('>').next());
    let found = tags.find(|tag| tag.contains(attribute));
    found.unwrap_or_else(|| panic!("{attribute}: {body}"))
}

#[tokio::test]
async fn a_form_of_somebody_who_is_signed_out_is_kept() {
    let world = empty().await;
    for (path, field, value) in [
        ("/verify", "code", "12345678"),
        ("/verify/send", "id", "an id"),
        ("/settings/sessions/end", "session", "a session"),
    ] {
        let held = send(&world, path, "", &[(field, value)]).await;
        assert_eq!(held.status, StatusCode::UNAUTHORIZED, "{path}");
        tag(&held.body, &format!("action=\"{path}\""));
        assert_eq!(hidden(&held.body, field), value, "{path}");
    }
}

#[tokio::test]
async fn where_nobody_can_sign_up_the_form_says_who_can() {
    let world = empty().await;
    for (registration, path, sentence) in [
        (
            Registration::Invite,
            "/signup",
            "Who was invited can sign up here",
        ),
        (
            Registration::Closed,
            "/signup",
            "Nobody can sign up here at the moment.",
        ),
        (
            Registration::Closed,
            "/invite",
            "Nobody can sign up here at the moment, with an invite or without.",
        ),
    ] {
        let world = world.with_registration(registration);
        let answer = send(&world, path, "", &ADA).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            answer.body.contains(sentence),
            "{sentence}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn what_was_done_is_said() {
    let site = site().await;
    let (world, root) = (&site.world, &site.root);
    let form = [("name", "laptop"), ("scope", "read"), ("days", "7")];
    let made = send(world, "/settings/tokens", &root.cookie(), &form).await;
    let token = hidden(&made.body, "token");
    let (invite, other) = (root.invite.id.to_string(), site.bob.invite.id.to_string());
    for (path, field, value, sentence) in [
        (
            "/settings/sessions/end",
            "session",
            "00000000-0000-7000-8000-000000000000",
            "The session was ended: that browser is signed out.",
        ),
        (
            "/settings/tokens/revoke",
            "token",
            token.as_str(),
            "The token was revoked: no program can use it any more.",
        ),
        (
            "/settings/invites/revoke",
            "invite",
            invite.as_str(),
            "The invite was withdrawn: its link is of no use any more.",
        ),
    ] {
        // The second of two clicks is told it, too.
        for _ in 0..2 {
            let to = site.post(path, &[(field, value)]).await;
            let shown = page(world, &to, &root.cookie()).await;
            assert_eq!(said(&shown), [sentence], "{to}");
        }
    }
    // Nothing happens to what is another's, and nothing is said.
    let to = site
        .post("/settings/invites/revoke", &[("invite", &other)])
        .await;
    assert_eq!(said(&page(world, &to, &root.cookie()).await), [""; 0]);
}

#[tokio::test]
async fn controls_in_a_list_say_what_they_are_about() {
    let site = site().await;
    let (world, root) = (&site.world, &site.root);
    let form = [("name", "laptop"), ("scope", "read"), ("days", "7")];
    send(world, "/settings/tokens", &root.cookie(), &form).await;
    let world = world.open();
    let ada = sign_up(&world, &ADA).await;
    let again = [("login", "ada"), ("password", PASSWORD)];
    session(&send(&world, "/login", "", &again).await);
    let today = Timestamp::now().day();
    for (path, cookie, label) in [
        (
            "/settings",
            &ada,
            format!("End the session of A browser without a name since {today}"),
        ),
        (
            "/settings/tokens",
            &root.cookie(),
            "Revoke laptop".to_owned(),
        ),
        (
            "/settings/invites",
            &root.cookie(),
            "Withdraw the invite for for a friend of root".to_owned(),
        ),
        (
            "/admin/invites",
            &root.cookie(),
            "Withdraw the invite of @bob for for a friend of bob".to_owned(),
        ),
    ] {
        let body = page(&world, path, cookie).await.body;
        let button = tag(&body, &format!("aria-label=\"{label}\""));
        assert!(button.starts_with("button "), "{path}: {button}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_taken_comes_back_at_its_passkey() {
    let root = Member::new("root", Role::Admin);
    let world = site_of(&[&root]).await;
    let passkey = |id: &str, name: &str| Passkey {
        id: id.repeat(16),
        user_id: root.user.id,
        credential_id: vec![1],
        public_key: vec![1],
        algorithm: -7,
        sign_count: 0,
        name: name.to_owned(),
        transports: String::new(),
        backup_eligible: false,
        backed_up: false,
        created_at: Timestamp::now(),
        last_used_at: None,
    };
    let rows = [passkey("aaaa", "Phone"), passkey("bbbb", "Laptop")];
    let db = world.db();
    db.write(&insert(db.dialect(), &rows)).await.unwrap();

    const PATH: &str = "/settings/passkeys/rename";
    let long = "x".repeat(100);
    let id = rows[1].id.as_str();
    let fields = [("passkey", id), ("passkey-name", long.as_str())];
    let answer = send(&world, PATH, &root.cookie(), &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = &answer.body;
    assert!(body.contains("href=\"#passkey-name\""), "{body}");
    assert_eq!(body.matches("id=\"passkey-name-error\"").count(), 1);
    let typed = tag(body, "id=\"passkey-name\"");
    for part in [
        "type=\"text\"",
        "name=\"passkey-name\"",
        "aria-label=\"Name of Laptop\"",
        "aria-describedby=\"passkey-name-error\"",
        "aria-invalid=\"true\"",
        "autocomplete=\"off\"",
        &format!("value=\"{long}\""),
    ] {
        assert!(typed.contains(part), "{part}: {typed}");
    }
    let other = tag(body, "aria-label=\"Name of Phone\"");
    assert!(
        other.contains("value=\"Phone\"") && !other.contains("aria-invalid"),
        "{other}"
    );
    for name in ["Phone", "Laptop"] {
        for verb in ["Rename", "Remove"] {
            tag(body, &format!("aria-label=\"{verb} {name}\""));
        }
    }
    let fields = [("passkey", id), ("passkey-name", "Desk")];
    let answer = send(&world, PATH, &root.cookie(), &fields).await;
    let shown = page(&world, answer.header("location"), &root.cookie()).await;
    assert_eq!(said(&shown), ["The passkey has its new name."]);
    tag(&shown.body, "aria-label=\"Name of Desk\"");
}

#[tokio::test]
async fn the_address_to_go_on_to_is_kept_between_signing_in_and_up() {
    let world = empty().await;
    for (from, to) in [
        ("/login", "/signup"),
        ("/signup", "/login"),
        ("/invite", "/login"),
        ("/login/code", "/login"),
    ] {
        let body = page(&world, &format!("{from}?next=%2Fposts%3Fq%3Da"), "")
            .await
            .body;
        let link = format!("href=\"{to}?next=%2Fposts%3Fq%3Da\"");
        assert!(body.contains(&link), "{link}: {body}");
    }
    // Also after a mistake, when the address has it no more.
    let fields = [("login", "ada"), ("password", "wrong"), ("next", "/posts")];
    let answer = send(&world, "/login", "", &fields).await;
    assert!(
        answer.body.contains("href=\"/signup?next=%2Fposts\""),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn text_in_any_script_has_the_room_that_its_rule_gives() {
    let root = Member::new("root", Role::Admin);
    let bob = Member::new("bob", Role::Reader);
    let world = site_of(&[&root, &bob]).await;
    for (path, field, units, is_typed_as_it_is) in [
        ("/settings/profile", "id=\"name\"", 160, false),
        ("/settings/profile", "id=\"bio\"", 1000, false),
        ("/settings/profile", "id=\"label-1\"", 160, false),
        ("/settings/invites", "id=\"note\"", 160, false),
        ("/admin/people/bob", "id=\"reason\"", 1000, false),
        ("/settings/handle", "id=\"handle\"", 30, true),
        ("/settings/delete", "id=\"handle\"", 30, true),
        ("/login", "id=\"login\"", 254, true),
    ] {
        let body = page(&world, path, &root.cookie()).await.body;
        let tag = tag(&body, field);
        let room = format!("maxlength=\"{units}\"");
        assert!(tag.contains(&room), "{path}: {room}: {tag}");
        for part in ["autocapitalize=\"none\"", "spellcheck=\"false\""] {
            assert_eq!(tag.contains(part), is_typed_as_it_is, "{path}: {tag}");
        }
    }
    // 80 characters are 160 units; one more is too many for the server.
    for (length, status) in [
        (80, StatusCode::SEE_OTHER),
        (81, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let note = "🏔".repeat(length);
        let fields = [("role", "reader"), ("note", note.as_str())];
        let answer = send(
            &world.with_secret(),
            "/settings/invites",
            &root.cookie(),
            &fields,
        )
        .await;
        assert_eq!(answer.status, status, "{length}");
    }
}

#[tokio::test]
async fn roles_have_words_for_people() {
    let site = site().await;
    site.post("/admin/people/bob/role", &[("role", "admin")])
        .await;
    for (path, part) in [
        ("/admin", "<span class=\"mark\">administrator</span>"),
        ("/admin", "<option value=\"admin\">administrator</option>"),
        ("/admin/people/bob", "<dd>administrator</dd>"),
        (
            "/admin/people/bob",
            "was changed to <bdi>administrator</bdi>",
        ),
        (
            "/admin/people/bob",
            "<option value=\"admin\" selected>administrator</option>",
        ),
    ] {
        let body = site.get(path).await;
        assert!(body.contains(part), "{path}: {part}: {body}");
    }
}

#[tokio::test]
async fn every_page_has_a_title_of_its_own_and_a_way_back() {
    let site = site().await;
    let (world, cookie) = (&site.world, site.root.cookie());
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    let mut note = |path: &str, body: &str| {
        let title = body.split("<title>").nth(1);
        let title = title.unwrap_or_else(|| panic!("{path}: {body}"));
        let title = title.split('<').next().unwrap().to_owned();
        let other = titles.insert(title.clone(), path.to_owned());
        assert_eq!(other, None, "{path}: {title}");
        let heading = title.split(" · ").next().unwrap();
        // No part of a page has the heading of the whole.
        let headings = body.matches(&format!(">{heading}</h")).count();
        assert!(headings <= 1, "{path}: {heading}");
    };
    let mut others = Vec::new();
    for route in app::ROUTES {
        let path = route.pattern.path("bob");
        let answer = page(world, &path, &cookie).await;
        if answer.status != StatusCode::OK {
            others.push(path);
            continue;
        }
        note(&path, &answer.body);
        if path.starts_with("/settings/") || ["/logout", "/verify"].contains(&path.as_str()) {
            let back = "<a href=\"/settings\">Back to your account</a>";
            assert!(plain(answer.body).contains(back), "{path}");
        }
    }
    // No such post; a proof that is not asked for; an account that is not closed.
    assert_eq!(others, ["/posts/bob", "/confirm", "/settings/keep"]);
    cell(world, "UPDATE sessions SET confirmed_at = 0 RETURNING 1").await;
    let confirm = page(world, "/confirm", &cookie).await.body;
    note("/confirm", &confirm);
    assert!(confirm.contains("<a href=\"/settings\">Back to your account</a>"));
    for cookie in [cookie.as_str(), ""] {
        let held = send(
            world,
            "/settings/email",
            cookie,
            &[("email", "a@b.example")],
        )
        .await;
        note("a form that waits", &held.body);
    }
    let reset = page(world, "/reset/code", "").await.body;
    assert!(reset.contains("<a href=\"/login\">Sign in</a>"), "{reset}");
}
