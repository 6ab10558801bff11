//! Events: what a person sees of their own, and administrators of all.

use std::sync::Arc;

use app::visitor::Visitor;

use crate::accounts::{ADA, Counting, PASSWORD, cell, page, send, session, sign_up};
use crate::cast::{plain, site};

#[tokio::test]
async fn events_are_sentences_of_ones_own_or_of_all() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let site = site().await;
    let visitor = Visitor {
        address: Some("192.0.2.7".to_owned()),
        user_agent: FIREFOX.to_owned(),
        limiter: Arc::new(Counting::new(100)),
    };
    let there = site.world.with_visitor(visitor).open();
    let ada = sign_up(&there, &ADA).await;
    site.post("/admin/people/ada/sign-out", &[]).await;
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let wrong = [("login", "ada"), ("password", "not it at all")];
    send(&there, "/login", "", &wrong).await;
    let again = session(&send(&there, "/login", "", &fields).await);
    assert_ne!(again, ada);
    let own = plain(page(&there, "/settings/events", &again).await.body);
    for part in [
        "Signed in from <bdi>Firefox on Linux</bdi>",
        "The account was made",
        "A sign-in failed",
        "Browsers were signed out from elsewhere",
        "by an administrator",
        "from <bdi>192.0.2.7</bdi>",
        "in this browser",
    ] {
        assert!(own.contains(part), "{part}: {own}");
    }
    assert!(
        !own.contains("root"),
        "who the administrators are is not told: {own}"
    );
    let bobs = page(&site.world, "/settings/events", &site.bob.cookie())
        .await
        .body;
    assert!(bobs.contains("Nothing has happened yet."), "{bobs}");

    let all = site.get("/admin/events").await;
    for part in [
        "Signed in from <bdi>Firefox on Linux</bdi>",
        "href=\"/admin/people/ada\"",
        "192.0.2.7",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let failed = site.get("/admin/events?kind=sign_in_failed").await;
    let list = failed.split("class=\"events\"").nth(1).unwrap();
    assert_eq!(list.matches("A sign-in failed").count(), 1, "{list}");
    assert!(!list.contains("Signed in from"), "{list}");
    // What is older than 90 days is not shown to its person.
    let day = 86_400_000_i64;
    let old = format!(
        "UPDATE events SET created_at = created_at - {} RETURNING 1",
        91 * day
    );
    cell(&site.world, &old).await;
    let own = page(&there, "/settings/events", &again).await.body;
    assert!(own.contains("Nothing has happened yet."), "{own}");
}

#[tokio::test]
async fn the_settings_lead_to_what_their_reader_may_see() {
    let site = site().await;
    for (member, is_admin) in [(&site.root, true), (&site.bob, false), (&site.cyd, false)] {
        let settings = page(&site.world, "/settings", &member.cookie()).await.body;
        assert!(settings.contains("href=\"/settings/events\""), "{settings}");
        assert_eq!(settings.contains("href=\"/admin\""), is_admin, "{settings}");
    }
}
