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
    for address in ["/feed.xml", "/users/tomasz-wrona/feed.xml"] {
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
