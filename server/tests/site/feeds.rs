//! Feeds and the sitemap, for programs that read them and for sites that show them.

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};
use http::Method;
use quick_xml::events::Event;

use crate::support::World;

/// Reads a document to its end. Fails for one that is not well-formed, or has a character that XML 1.0 cannot hold.
fn assert_xml(document: &str) {
    let is_legal = |c: char| matches!(u32::from(c), 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..);
    let illegal = document.chars().find(|c| !is_legal(*c));
    assert_eq!(illegal, None, "no XML");
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                assert!(
                    ["amp", "lt", "gt", "quot", "apos"].contains(&name),
                    "&{name};"
                );
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_xml_cannot_hold_is_in_no_feed() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    for hostile in [
        "raw \u{FFFE} and \u{FFFF}",
        "&#xFFFE; and &#65535; and &nbsp;",
        "bell \u{7} escape \u{1B} form feed \u{C}",
        "]]> </title><title> <![CDATA[ <!-- & < > \" \u{85}",
        "夜 🍕 \u{1FFFE} \u{FFFD} \u{200B}",
    ] {
        let text = hostile.replace('\'', "''");
        sqlite
            .script(&format!(
                "UPDATE posts SET title = '{text}', excerpt = '{text}', content_html = '<p>{text}</p>'; \
                 UPDATE users SET name = '{text}', bio = '{text}';"
            ))
            .unwrap();
        let json = world.get("/feed.json").await;
        assert_eq!(json.json()["items"][0]["title"], hostile);
        for address in ["/feed.xml", "/users/tomasz-wrona/feed.xml", "/sitemap.xml"] {
            let answer = world.get(address).await;
            assert_eq!(answer.status, 200, "{address}");
            assert_xml(&answer.body);
        }
    }
}

#[tokio::test]
async fn feeds_are_compressed_and_shown_by_other_sites() {
    let world = World::example();
    for address in ["/feed.xml", "/users/tomasz-wrona/feed.xml", "/feed.json"] {
        let plain = world.get(address).await;
        assert_eq!(plain.header("content-encoding"), "", "{address}");
        let mut tags = vec![plain.header("etag").to_owned()];
        for accept in ["gzip", "br, GZIP;q=0.5", "*"] {
            let headers = [("accept-encoding", accept)];
            let answer = world.ask(Method::GET, address, &headers, "").await;
            assert_eq!(
                answer.header("content-encoding"),
                "gzip",
                "{address} {accept}"
            );
            assert!(
                answer.header("etag").starts_with("W/\""),
                "{address} {accept}"
            );
            tags.push(answer.header("etag").to_owned());
        }
        for accept in ["br", "gzip;q=0", "identity"] {
            let headers = [("accept-encoding", accept)];
            let answer = world.ask(Method::GET, address, &headers, "").await;
            assert_eq!(answer.header("content-encoding"), "", "{address} {accept}");
            assert_eq!(
                answer.header("vary"),
                "Accept-Encoding",
                "{address} {accept}"
            );
        }
        for tag in tags {
            let headers = [("accept-encoding", "gzip"), ("if-none-match", &tag)];
            let answer = world.ask(Method::GET, address, &headers, "").await;
            assert_eq!(answer.status, 304, "{address} {tag}");
            assert_eq!(answer.header("content-encoding"), "", "{address} {tag}");
            assert_eq!(answer.header("vary"), "Accept-Encoding", "{address} {tag}");
        }
        assert_eq!(plain.header("vary"), "Accept-Encoding", "{address}");
        assert_eq!(plain.header("cross-origin-resource-policy"), "cross-origin");
    }
    // Everything else is the platform's to compress, and the site's own.
    for address in ["/posts", "/sitemap.xml", "/api/v1/posts"] {
        let headers = [("accept-encoding", "gzip")];
        let answer = world.ask(Method::GET, address, &headers, "").await;
        assert_eq!(answer.header("content-encoding"), "", "{address}");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "",
            "{address}"
        );
    }
}

#[tokio::test]
async fn the_feed_in_json_says_what_the_one_in_atom_says() {
    let world = World::example();
    for path in ["/users/tomasz-wrona", ""] {
        let atom = world.get(&format!("{path}/feed.xml")).await.body;
        let answer = world.get(&format!("{path}/feed.json")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            "application/feed+json; charset=utf-8"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "cross-origin"
        );
        let feed = answer.json();
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(
            feed["feed_url"],
            format!("https://site.example{path}/feed.json")
        );
        let items = feed["items"].as_array().unwrap();
        assert!(items.len() > 5, "{path}");
        assert_eq!(items.len(), atom.matches("<entry").count());
        for item in items {
            for member in ["id", "url", "date_published", "date_modified"] {
                assert!(
                    atom.contains(item[member].as_str().unwrap()),
                    "{member} of {item}"
                );
            }
            let html = item["content_html"].as_str().unwrap();
            assert!(!html.is_empty() && item["authors"][0]["name"].is_string());
        }
    }
    let missing = world.get("/users/nobody-here/feed.json").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn nothing_in_a_feed_is_relative() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    let html = "<p><a href=\"#fn1\">1</a> <a href=\"/users/ada\">Ada</a> <img src=\"/media/contours.svg\" alt=\"\"> <code>href=\"/x\"</code></p>";
    sqlite
        .script(&format!("UPDATE posts SET content_html = '{html}'"))
        .unwrap();
    let feed = world.get("/feed.json").await.json();
    let item = &feed["items"][0];
    let (page, content) = (
        item["url"].as_str().unwrap(),
        item["content_html"].as_str().unwrap(),
    );
    assert_eq!(
        content,
        html.replace("\"#fn1", &format!("\"{page}#fn1"))
            .replace("href=\"/users", "href=\"https://site.example/users")
            .replace("\"/media", "\"https://site.example/media")
    );
    let escaped = content
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let atom = world.get("/feed.xml").await.body;
    assert!(
        atom.contains(&escaped) || atom.replace("&quot;", "\"").contains(&escaped),
        "{atom}"
    );
}

#[tokio::test]
async fn a_feed_is_found_where_other_software_has_it() {
    let world = World::example();
    for address in ["/feed", "/rss", "/rss.xml"] {
        let answer = world.get(address).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (301, "/feed.xml"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_post_announces_its_authors_feed_and_the_sites() {
    let world = World::example();
    for (address, feeds) in [
        (
            "/posts/everything-markdown-can-do-here",
            &["/users/tomasz-wrona/feed.xml", "/feed.xml"][..],
        ),
        (
            "/users/tomasz-wrona",
            &["/users/tomasz-wrona/feed.xml", "/feed.xml"],
        ),
        ("/", &["/feed.xml"]),
        ("/about", &["/feed.xml"]),
    ] {
        let body = world.get(address).await.body;
        let announced: Vec<&str> = body
            .split("<link")
            .filter(|link| link.contains("application/atom+xml"))
            .filter_map(|link| link.split("href=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(announced, feeds, "{address}");
    }
}

/// The addresses of a sitemap below `start`, each with the time of its last change.
fn changed(sitemap: &str, start: &str) -> Vec<(String, String)> {
    let between = |text: &str, before: &str, after: &str| {
        let text = text.split_once(before)?.1;
        Some(text.split_once(after)?.0.to_owned())
    };
    let urls = sitemap.split("<url>").skip(1).filter_map(|url| {
        let path = between(url, start, "</loc>")?;
        Some((path, between(url, "<lastmod>", "</lastmod>")?))
    });
    urls.collect()
}

#[tokio::test]
async fn the_sitemap_says_when_an_authors_page_changed_and_lists_no_page_without_posts() {
    const NOON: i64 = 1_750_000_000_000;
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    let mut sql = String::new();
    let mut id = 0;
    let mut next_id = || {
        id += 1;
        format!("00000000-0000-7000-8000-{id:012}")
    };
    // Each post: status, hours after noon of its time, and of its last change.
    for (handle, profile_changed, posts) in [
        (
            "newest-post",
            0,
            &[("published", 2, 2), ("published", 1, 1)][..],
        ),
        ("edited", 0, &[("published", 1, 1), ("published", 0, 5)]),
        ("profile", 7, &[("published", 1, 1)]),
        ("was-scheduled", 0, &[("scheduled", 3, -9)]),
        (
            "coming",
            0,
            &[("scheduled", 900_000, 0), ("published", 900_000, 0)],
        ),
        ("withdrawn", 0, &[("draft", 1, 1), ("archived", 1, 1)]),
        ("closed", 0, &[("published", 1, 1)]),
        ("nothing", 0, &[]),
        // The page shows ten posts: an eleventh changes nothing of it.
        (
            "long-ago",
            0,
            &[
                ("published", 11, 11),
                ("published", 10, 10),
                ("published", 9, 9),
                ("published", 8, 8),
                ("published", 7, 7),
                ("published", 6, 6),
                ("published", 5, 5),
                ("published", 4, 4),
                ("published", 3, 3),
                ("published", 2, 2),
                ("published", 1, 99),
            ],
        ),
    ] {
        let author = next_id();
        let at = |hours: i64| NOON + hours * 3_600_000;
        let deleted_at = if handle == "closed" { "1" } else { "NULL" };
        sql.push_str(&format!(
            "INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at, deleted_at) \
             VALUES ('{author}', '{handle}', '{handle}@example.com', '', '', 'author', '!', 0, '', 1, {}, {deleted_at});",
            at(profile_changed)
        ));
        for (n, (status, published, updated)) in posts.iter().enumerate() {
            sql.push_str(&format!(
                "INSERT INTO posts (id, author_id, title, slug, excerpt, content, content_html, renderer_version, reading_minutes, \
                 search_text, comment_count, status, comments_open, published_at, created_at, updated_at) VALUES \
                 ('{}', '{author}', '', '{handle}-{n}', '', '', '', 1, 1, '', 0, '{status}', 1, {}, 1, {});",
                next_id(),
                at(*published),
                at(*updated),
            ));
        }
    }
    sqlite.script(&sql).unwrap();
    let sitemap = world.get("/sitemap.xml").await.body;
    let hour = |hours: i64| domain::Timestamp::from_millis(NOON + hours * 3_600_000).rfc3339();
    let mut authors = changed(&sitemap, "/users/");
    authors.sort();
    let expected = [
        ("edited", 5),
        ("long-ago", 11),
        ("newest-post", 2),
        ("profile", 7),
        ("was-scheduled", 3),
    ];
    let expected = expected.map(|(handle, hours)| (handle.to_owned(), hour(hours)));
    assert_eq!(authors, expected);
    let posts = changed(&sitemap, "/posts/");
    let of = |slug: &str| {
        posts
            .iter()
            .find(|(path, _)| path == slug)
            .map(|(_, at)| at)
    };
    assert_eq!(of("was-scheduled-0"), Some(&hour(3)));
    assert_eq!(of("edited-1"), Some(&hour(5)));
    assert_eq!(of("coming-0"), None);

    // Nothing that is announced was changed before it was there to be read.
    let feed = world.get("/users/was-scheduled/feed.xml").await.body;
    let updated = format!("<updated>{}</updated>", hour(3));
    assert_eq!(feed.matches(&updated).count(), 2, "{feed}");
    let page = world.get("/posts/was-scheduled-0").await.body;
    let modified = format!("\"dateModified\":\"{}\"", hour(3));
    assert!(page.contains(&modified), "{page}");
}
