//! Requests that try to get more out of the site than it gives: redirects, origins, addresses, bodies.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::site::NAME;
use axum::body::{Body, Bytes};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};
use futures::{StreamExt, stream};
use http::{Method, Request};

use crate::support::World;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn a_server_function_redirects_nobody() {
    let world = World::example();
    let everything = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (address, accept, status) in [
        ("/fn/list_posts?query=&cursor=", everything, 200),
        ("/fn/list_posts?query=a", everything, 400),
        ("/fn/list_posts?query=&cursor=nonsense", everything, 400),
        ("/fn/list_users?query=&cursor=", "text/html, */*", 200),
        ("/fn/nowhere", everything, 404),
        ("/fn/list_posts?query=&cursor=", "text/html", 406),
        ("/fn/list_users?query=a", "application/json;q=0, */*", 406),
    ] {
        for referer in [
            "https://evil.example/x",
            "//evil.example",
            "/\\evil.example",
            "https://site.example/posts",
        ] {
            let headers = [("accept", accept), ("referer", referer)];
            let answer = world.ask(Method::GET, address, &headers, "").await;
            assert_eq!(answer.status, status, "{address} {accept}");
            assert_eq!(answer.header("location"), "", "{address} {referer}");
            let kind = match status {
                200 => "application/json",
                _ => "application/problem+json",
            };
            assert_eq!(answer.header("content-type"), kind, "{address} {accept}");
            assert!(!answer.body.contains("__err"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn wrong_arguments_of_a_server_function_are_named() {
    let world = World::example();
    for address in [
        "/fn/list_posts",
        "/fn/list_posts?query=a",
        "/fn/list_posts?cursor=",
        "/fn/list_posts?query=a&query=b&cursor=",
        "/fn/list_posts?query[]=a&cursor=",
        "/fn/list_posts?query[a]=b&cursor=",
        "/fn/list_users?Query=&Cursor=",
    ] {
        let answer = world.get(address).await;
        assert_eq!(answer.status, 400, "{address}: {}", answer.body);
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid", "{address}");
        assert!(problem["fields"]["arguments"].is_string(), "{address}");
        assert_eq!(answer.header("cache-control"), "no-store", "{address}");
    }
}

#[tokio::test]
async fn no_redirect_leaves_the_site() {
    let world = World::example();
    for address in [
        "/\\evil.example/",
        "/\\/evil.example/",
        "//evil.example/",
        "///evil.example//",
        "/posts\\..\\..\\evil.example/",
        "/\\Evil.example",
        "/%5Cevil.example/",
        "/%09/evil.example/",
        "/%2F/evil.example/",
        "/%0d%0aLocation:%20https://evil.example/",
    ] {
        let answer = world.get(address).await;
        let location = answer.header("location");
        let stays = location.starts_with('/') && !location[1..].starts_with(['/', '\\']);
        assert!(
            location.is_empty() || stays,
            "{address} leads to {location}"
        );
        assert!(!location.contains('\\'), "{address} leads to {location}");
    }
    for (referer, expected) in [
        ("https://site.example/posts?q=a", "/posts?q=a"),
        ("https://x.example//evil.example/", "/"),
        ("https://x.example/\\evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("//evil.example/", "/"),
        ("\\\\evil.example/", "/"),
    ] {
        let headers = [FORM, ("referer", referer)];
        let answer = world
            .ask(Method::POST, "/theme", &headers, "theme=dark")
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, expected),
            "{referer}"
        );
    }
}

#[tokio::test]
async fn only_the_sites_own_origin_may_write() {
    let world = World::example();
    for (origin, status) in [
        ("https://site.example", 303),
        ("https://SITE.example:443", 303),
        ("http://site.example", 403),
        ("https://site.example:8443", 403),
        ("https://site.example.evil.example", 403),
        ("null", 403),
        ("", 403),
    ] {
        let headers = [FORM, ("origin", origin), ("host", "site.example")];
        let answer = world
            .ask(Method::POST, "/theme", &headers, "theme=dark")
            .await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

/// A body of chunks, and how many of them were taken.
fn endless(chunks: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let chunk = Bytes::from(vec![b'x'; 100_000]);
    let stream = stream::iter(0..chunks).map(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Infallible>(chunk.clone())
    });
    (Body::from_stream(stream), taken)
}

#[tokio::test]
async fn a_body_is_cut_at_the_limit_and_read_only_by_who_wants_it() {
    let world = World::example();
    let form = |address: &str| Request::post(address).header(FORM.0, FORM.1);
    let declared = |request: http::request::Builder| request.header("content-length", "40000000");
    for (request, status, most) in [
        (form("/theme"), 413, 11),
        (
            form("/theme").header("sec-fetch-site", "cross-site"),
            403,
            0,
        ),
        (
            form("/theme").header("origin", "https://evil.example"),
            403,
            0,
        ),
        (
            Request::post("/theme").header("content-type", "text/plain"),
            415,
            0,
        ),
        (declared(form("/theme")), 413, 0),
        (
            declared(form("/theme").header("sec-fetch-site", "cross-site")),
            403,
            0,
        ),
        (
            declared(Request::post("/theme").header("content-type", "text/plain")),
            415,
            0,
        ),
        (declared(form("/posts")), 405, 0),
        (declared(form("/api/v1/posts")), 405, 0),
        (declared(form("/fn/list_posts")), 405, 0),
        (declared(form("/nowhere")), 404, 0),
        (declared(Request::get("/theme")), 405, 0),
        (declared(Request::get("/nowhere")), 404, 0),
        (declared(Request::get("/posts/")), 308, 0),
        (declared(Request::get("/posts")), 413, 0),
        (
            declared(form("/api/v1/posts").header("accept", "text/html")),
            406,
            0,
        ),
        (form("/posts"), 405, 0),
        (form("/api/v1/posts"), 405, 0),
        (form("/fn/list_posts"), 405, 0),
        (form("/nowhere"), 404, 0),
        (form("/api/v1/posts").header("accept", "text/html"), 406, 0),
        (Request::get("/posts"), 200, 0),
    ] {
        let (body, taken) = endless(400);
        let request = request.body(body).unwrap();
        let address = request.uri().clone();
        let answer = world.send(request).await;
        assert_eq!(answer.status, status, "{address}");
        let taken = taken.load(Ordering::SeqCst);
        assert!(taken <= most, "{address}: {taken} chunks were read");
        if status == 413 {
            assert!(answer.header("content-type").starts_with("text/html"));
            assert!(answer.body.contains("<h1>") && answer.body.contains("1 MB"));
        }
        if status >= 400 {
            assert_eq!(answer.header("cache-control"), "no-store", "{address}");
        }
    }
    let broken = stream::iter([
        Ok(Bytes::from_static(b"theme=")),
        Err("the client went away"),
    ]);
    let request = form("/theme").body(Body::from_stream(broken)).unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("did not arrive"), "{}", answer.body);
}

/// In a title, nothing could end a change of direction before the site's own words.
#[tokio::test]
async fn no_sign_in_a_row_turns_the_rest_of_a_title() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    let signs = "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}";
    // Marks turn nothing, and joiners and vowels belong to words.
    let kept = "\u{200F}\u{200E}\u{61C} \u{645}\u{6CC}\u{200C}\u{62E}\u{648}\u{627}\u{647}\u{645}";
    sqlite
        .script(&format!(
            "UPDATE posts SET title = '{signs}a{signs}{kept}' WHERE slug = 'one-hundred-loaves';
             UPDATE users SET name = '{signs}b{signs}{kept}' WHERE handle = 'tomasz-wrona';"
        ))
        .unwrap();
    let second = world.get("/users/tomasz-wrona").await.body;
    let second = second
        .split("href=\"")
        .find(|link| link.contains("cursor="));
    let second = second.and_then(|link| link.split('"').next()).unwrap();
    for (address, expected) in [
        ("/posts/one-hundred-loaves", format!("a{kept} · {NAME}")),
        ("/users/tomasz-wrona", format!("b{kept} · {NAME}")),
        (second, format!("b{kept} before ")),
        ("/users/tomasz-wrona/feed.xml", format!("b{kept} on {NAME}")),
    ] {
        let body = world.get(address).await.body;
        let title = body.split("<title>").nth(1).unwrap();
        assert!(title.starts_with(&expected), "{address}: {title:.200}");
    }
}
