//! Changes to a page that was rendered ahead: the theme of one reader, and the notice that it may be outdated.

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};
use http::Method;

use crate::support::World;

/// Text of an author that looks like the markup around it.
const HOSTILE: [&str; 7] = [
    "value=\"system\" aria-pressed=\"true\"",
    "value=\"light\" aria-pressed=\"false\"",
    "value=\"dark\" aria-pressed=\"false\"",
    "<html lang=\"en\"",
    "<main id=\"main\">",
    "</main><footer class=\"site-footer\">",
    "</title><script>alert(1)</script>",
];

/// The example site, where one post has all of it in its title, its excerpt and, as inline code and as plain text, its body.
async fn hostile_world() -> (World, String) {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let slug = "everything-markdown-can-do-here";
    let title = HOSTILE.join(" ");
    let body = HOSTILE.map(|text| format!("`{text}` {text}\n\n")).concat();
    let html = markdown::render_post(&body).html;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    sqlite
        .script(&format!(
            "UPDATE posts SET title = {}, excerpt = {}, content_html = {} WHERE slug = '{slug}'; UPDATE users SET name = {0}, bio = {0};",
            quoted(&title),
            quoted(&title),
            quoted(&html),
        ))
        .unwrap();
    (World::on(sqlite), format!("/posts/{slug}"))
}

#[tokio::test]
async fn a_theme_changes_the_markup_and_no_authors_text() {
    let (world, post) = hostile_world().await;
    for path in [post.as_str(), "/users/tomasz-wrona"] {
        let plain = world.get(path).await.body;
        assert!(plain.matches(HOSTILE[0]).count() > 2, "{plain}");
        for theme in [app::context::Theme::Light, app::context::Theme::Dark] {
            let cookie = format!("theme={}", theme.as_str());
            let rendered = world
                .ask(Method::GET, path, &[("cookie", &cookie)], "")
                .await
                .body;
            let changed = app::with_theme(&plain, theme).unwrap();
            assert_eq!(changed, rendered, "{path} in {theme:?}");
        }
    }
}

#[tokio::test]
async fn the_stale_notice_stands_before_the_page_and_changes_nothing_else() {
    let (world, post) = hostile_world().await;
    for path in [post.as_str(), "/users/tomasz-wrona"] {
        let plain = world.get(path).await.body;
        let marked = app::with_stale_notice(&plain).unwrap();
        let (before, after) = marked
            .split_once("<p class=\"stale\" role=\"status\">")
            .unwrap();
        let (_, after) = after.split_once("</p>").unwrap();
        assert!(before.ends_with("</header><main id=\"main\">"), "{before}");
        assert_eq!(before.matches("</title>").count(), 1, "{before}");
        assert!(!before.contains("<script>"), "{before}");
        assert_eq!(format!("{before}{after}"), plain, "{path}");
    }
}
