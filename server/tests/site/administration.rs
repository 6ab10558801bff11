//! Administration: people and invites, as administrators see and change them. Who may do what is in `policy`.

use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, page, send, sign_up};
use crate::cast::{site, state, text};

#[tokio::test]
async fn people_are_searched_and_narrowed() {
    let site = site().await;
    cell(
        &site.world,
        "UPDATE users SET suspended_at = 1 WHERE handle = 'cyd' RETURNING 1",
    )
    .await;
    for (query, found) in [
        ("", vec!["root", "bob", "cyd"]),
        ("?q=bob", vec!["bob"]),
        ("?q=%40bob", vec!["bob"]),
        ("?q=BOB%40example.com", vec!["bob"]),
        ("?q=bob%40example", vec![]),
        ("?q=%21%21", vec![]),
        ("?role=author", vec!["bob"]),
        ("?role=author&q=cyd", vec![]),
        ("?state=suspended", vec!["cyd"]),
        ("?state=suspended&q=cyd&role=reader", vec!["cyd"]),
        ("?role=nobody&state=odd", vec!["root", "bob", "cyd"]),
    ] {
        let body = site.get(&format!("/admin{query}")).await;
        for handle in ["root", "bob", "cyd"] {
            let is_there = body.contains(&format!("href=\"/admin/people/{handle}\""));
            assert_eq!(is_there, found.contains(&handle), "{query}: {handle}");
        }
        assert_eq!(
            body.contains("Nobody is found."),
            found.is_empty(),
            "{query}"
        );
    }
    // The search and the choices stay in the form.
    let body = site.get("/admin?q=cyd&role=reader&state=suspended").await;
    for part in [
        "value=\"cyd\"",
        "value=\"reader\" selected",
        "value=\"suspended\" selected",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let bad = page(&site.world, "/admin?cursor=x", &site.root.cookie()).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn lists_are_paged_and_keep_their_choice() {
    let site = site().await;
    let more = "INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at) \
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) \
        SELECT 'id' || i, 'more-' || i, 'more' || i || '@example.com', 'More', '', 'author', '', 0, '', i, i FROM n RETURNING 1";
    cell(
        &site.world,
        &more.replace("'id' || i", "printf('00000000-0000-7000-8000-%012d', i)"),
    )
    .await;
    let first = site.get("/admin?role=author").await;
    let next = first.split("rel=\"next\"").nth(1).unwrap();
    let next = next
        .split("href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let next = next.replace("&amp;", "&");
    assert!(next.starts_with("/admin?role=author&cursor=o"), "{next}");
    let second = site.get(&next).await;
    for (body, is_first) in [(&first, true), (&second, false)] {
        assert_eq!(body.contains("/admin/people/bob\""), is_first);
        assert_eq!(body.contains("/admin/people/more-1\""), !is_first);
        assert!(!body.contains("/admin/people/root\""));
    }
}

#[tokio::test]
async fn another_role_is_given_once_and_ends_sessions() {
    let site = site().await;
    const ROLE: &str = "/admin/people/bob/role";
    assert_eq!(
        site.post(ROLE, &[("role", "author")]).await,
        "/admin/people/bob?changed=role"
    );
    assert!(site.is_signed_in(&site.bob).await, "nothing was changed");
    // A double click.
    for _ in 0..2 {
        let to = site
            .post(ROLE, &[("role", "editor"), ("id", "of nobody")])
            .await;
        assert_eq!(to, "/admin/people/bob?changed=role");
    }
    assert!(!site.is_signed_in(&site.bob).await);
    assert_eq!(site.events().await, text("role_changed editor"));
    let shown = site.get("/admin/people/bob?changed=role").await;
    for part in [
        "The role was changed. Whoever",
        "The role was changed to <bdi>editor</bdi>",
        "by <a href=\"/admin/people/root\">@root</a>",
        "in this browser",
        "signed in nowhere",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for role in ["owner", "Editor", ""] {
        let answer = send(&site.world, ROLE, &site.root.cookie(), &[("role", role)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains("Choose one of the roles."),
            "{}",
            answer.body
        );
        assert!(answer.body.contains("<h1>@bob</h1>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_is_suspended_is_told_why_until_they_are_restored() {
    let site = site().await;
    let open = site.world.open();
    let ada = sign_up(&open, &ADA).await;
    const SUSPEND: &str = "/admin/people/ada/suspend";
    for (reason, why) in [
        (" ", "Give a reason"),
        ("x".repeat(501).as_str(), "at most 500"),
    ] {
        let answer = send(
            &site.world,
            SUSPEND,
            &site.root.cookie(),
            &[("reason", reason)],
        )
        .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(why), "{}", answer.body);
        assert!(
            answer.body.contains(reason.trim()),
            "what was typed is kept"
        );
    }
    // Text in a field is text, also where it would end the field.
    let hostile = format!("</textarea><script>alert(1)</script>{}", "x".repeat(500));
    let root = site.root.cookie();
    let answer = send(&site.world, SUSPEND, &root, &[("reason", &hostile)]).await;
    assert!(answer.body.contains("&lt;/textarea"), "{}", answer.body);
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    for reason in ["Spam & worse", "another"] {
        let to = site.post(SUSPEND, &[("reason", reason)]).await;
        assert_eq!(to, "/admin/people/ada?changed=suspended");
    }
    assert_eq!(
        page(&open, "/settings", &ada).await.status,
        StatusCode::SEE_OTHER
    );
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let refused = send(&open, "/login", "", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = "This account is suspended: Spam &amp; worse";
    assert!(refused.body.contains(told), "{}", refused.body);
    let shown = site.get("/admin/people/ada?changed=suspended").await;
    assert!(
        shown.contains("action=\"/admin/people/ada/restore\""),
        "{shown}"
    );
    assert!(!shown.contains(&format!("action=\"{SUSPEND}\"")), "{shown}");
    for _ in 0..2 {
        let to = site.post("/admin/people/ada/restore", &[]).await;
        assert_eq!(to, "/admin/people/ada?changed=restored");
    }
    assert_eq!(
        send(&open, "/login", "", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let kinds = "SELECT GROUP_CONCAT(kind, ' ') FROM (SELECT kind FROM events WHERE actor_id <> user_id ORDER BY id)";
    assert_eq!(cell(&site.world, kinds).await, text("suspended restored"));
}

#[tokio::test]
async fn an_account_is_signed_out_everywhere() {
    let site = site().await;
    for _ in 0..2 {
        let to = site.post("/admin/people/bob/sign-out", &[]).await;
        assert_eq!(to, "/admin/people/bob?changed=sessions");
    }
    assert!(!site.is_signed_in(&site.bob).await);
    assert!(site.is_signed_in(&site.cyd).await);
    assert_eq!(site.events().await, text("sessions_revoked "));
}

#[tokio::test]
async fn nobody_administers_themselves() {
    let site = site().await;
    let own = site.get("/admin/people/root").await;
    for form in ["role", "suspend", "restore"] {
        let path = format!("/admin/people/root/{form}");
        assert!(!own.contains(&path), "{own}");
        let before = state(&site.world).await;
        let fields = [("role", "reader"), ("reason", "Spam")];
        let answer = send(&site.world, &path, &site.root.cookie(), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(state(&site.world).await, before);
    }
    assert!(own.contains("This is you."), "{own}");
}

#[tokio::test]
async fn invites_of_all_are_listed_and_withdrawn() {
    let site = site().await;
    let used = "UPDATE invites SET used_at = 1 WHERE note LIKE '%cyd' RETURNING 1";
    cell(&site.world, used).await;
    let [of_bob, of_cyd] = [&site.bob, &site.cyd].map(|member| member.invite.id.to_string());
    let list = site.get("/admin/invites").await;
    assert!(
        list.contains("for a friend of bob") && list.contains("for a friend of cyd"),
        "{list}"
    );
    assert!(
        list.contains(&of_bob) && !list.contains(&of_cyd),
        "a used one has no form: {list}"
    );
    for id in [&of_bob, &of_bob] {
        let to = site.post("/admin/invites/revoke", &[("invite", id)]).await;
        assert_eq!(to, "/admin/invites?changed=revoked");
    }
    let to = site
        .post("/admin/invites/revoke", &[("invite", &of_cyd)])
        .await;
    assert_eq!(to, "/admin/invites");
    let left = "SELECT GROUP_CONCAT(note) FROM invites WHERE note NOT LIKE '%root'";
    assert_eq!(cell(&site.world, left).await, text("for a friend of cyd"));
    // It is an event of who had made it.
    let of_bob = "SELECT COUNT(*) FROM events JOIN users ON users.id = events.user_id WHERE kind = 'invite_revoked' AND handle = 'bob'";
    assert_eq!(cell(&site.world, of_bob).await, Value::Int(1));
    let none = send(
        &site.world,
        "/admin/invites/revoke",
        &site.root.cookie(),
        &[("invite", "x")],
    )
    .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn ids_of_nobody_tell_nothing_to_who_may_not_see_people() {
    let site = site().await;
    for (path, is_form) in [
        ("/admin/people/{}", false),
        ("/admin/people/{}/role", true),
        ("/admin/people/{}/suspend", true),
        ("/admin/people/{}/restore", true),
        ("/admin/people/{}/sign-out", true),
    ] {
        let ask = async |handle: &str, cookie: &str| {
            let path = path.replace("{}", handle);
            let fields = [("role", "reader"), ("reason", "Spam")];
            match is_form {
                true => send(&site.world, &path, cookie, &fields).await,
                false => page(&site.world, &path, cookie).await,
            }
        };
        for member in [&site.bob, &site.cyd] {
            let answers = [
                ask("root", &member.cookie()).await,
                ask("nobody-at-all", &member.cookie()).await,
            ];
            for answer in &answers {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
                assert!(!answer.body.contains("@example.com"), "{path}");
            }
            assert_eq!(answers[0].body, answers[1].body, "{path}");
        }
        let admins = ask("nobody-at-all", &site.root.cookie()).await;
        assert_eq!(admins.status, StatusCode::NOT_FOUND, "{path}");
    }
}
