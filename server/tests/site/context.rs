//! The request context's five guarantees, natively (workerd's own are in `end2end/workerd`).
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use app::context::{self, DatabaseProvider, RequestContext, Theme};
use axum::body::Body;
use db::queries::health;
use db::{BoxFuture, Db, DbError};
use futures::StreamExt;
use http::Request;
use http_body_util::BodyExt;
use leptos::prelude::*;

use crate::listed::{self, Address};
use crate::support::{self, World, site};

#[tokio::test]
async fn one_request_opens_one_connection_and_closes_it() {
    let with_rows = |one: &Address| one.statements > 0 && !one.streamed;
    for address in listed::all().into_iter().filter(with_rows) {
        let world = World::example();
        let page = &address.path;
        let (response, context) = world
            .respond(Request::get(page).body(Body::empty()).unwrap())
            .await;
        assert_eq!(response.status(), address.status, "{page}");
        let stats = context.db().unwrap().stats();
        assert_eq!((stats.connections, stats.round_trips), (1, 1), "{page}");
        assert_eq!(stats.statements, address.statements, "{page}: statements");
        assert!(
            stats.statements <= 4,
            "{page}: {} statements",
            stats.statements
        );
        assert_eq!(world.doors.opened.load(SeqCst), 1, "{page}");
        assert_eq!(
            world.doors.closed.load(SeqCst),
            1,
            "{page}: still open after the response"
        );
    }
}

#[tokio::test]
async fn a_page_that_needs_no_data_opens_none() {
    let world = World::example();
    let without_rows = |one: &Address| one.statements == 0;
    for address in listed::all().into_iter().filter(without_rows) {
        let answer = world.get(&address.path).await;
        assert_eq!(answer.status, address.status, "{}", address.path);
        let opened = world.doors.opened.load(SeqCst);
        assert_eq!(opened, 0, "{}", address.path);
    }
}

#[tokio::test]
async fn the_connection_is_closed_when_the_handler_failed() {
    let world = World::example();
    assert_eq!(world.get("/posts/no-such-post").await.status, 404);
    assert_eq!(
        (
            world.doors.opened.load(SeqCst),
            world.doors.closed.load(SeqCst)
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn the_connection_is_closed_when_the_handler_panicked() {
    let world = Arc::new(World::example());
    let inner = Arc::clone(&world);
    let panicked =
        tokio::spawn(async move { inner.get("/test/panic?after_await=true").await }).await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    assert_eq!(
        (
            world.doors.opened.load(SeqCst),
            world.doors.closed.load(SeqCst)
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_streamed_response_keeps_its_connection_to_the_last_byte_and_no_longer() {
    let world = World::example();
    let (response, _) = world
        .respond(Request::get("/sitemap.xml").body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (
            world.doors.opened.load(SeqCst),
            world.doors.closed.load(SeqCst)
        ),
        (1, 0)
    );
    let mut chunks = response.into_body().into_data_stream();
    let mut text = Vec::new();
    while let Some(chunk) = chunks.next().await {
        assert_eq!(
            world.doors.closed.load(SeqCst),
            0,
            "closed before the last byte"
        );
        text.extend_from_slice(&chunk.unwrap());
    }
    drop(chunks);
    assert!(text.ends_with(b"</urlset>\n"));
    assert_eq!(world.doors.closed.load(SeqCst), 1);
}

#[tokio::test]
async fn the_connection_is_closed_when_the_reader_goes_away() {
    let world = World::example();
    let (response, _) = world
        .respond(Request::get("/sitemap.xml").body(Body::empty()).unwrap())
        .await;
    let mut chunks = response.into_body().into_data_stream();
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    assert_eq!(world.doors.closed.load(SeqCst), 1);
}

#[tokio::test]
async fn a_client_that_outlives_its_request_is_closed() {
    let world = World::example();
    let (_, context) = world
        .respond(Request::get("/posts").body(Body::empty()).unwrap())
        .await;
    let kept: Db = context.db().unwrap();
    assert_eq!(health::check(&kept).await, Err(DbError::Closed));
}

#[tokio::test]
async fn interleaved_requests_are_answered_as_if_alone() {
    let world = Arc::new(World::example());
    let mut addresses = listed::pages_with_rows();
    addresses.push("/feed.xml".to_owned());
    for post in world.get("/api/v1/posts?limit=40").await.json()["data"]
        .as_array()
        .unwrap()
    {
        addresses.push(format!("/posts/{}", post["slug"].as_str().unwrap()));
    }
    let ask = async |address: String, theme: &str| {
        let cookie = format!("theme={theme}");
        world
            .ask(http::Method::GET, &address, &[("cookie", &cookie)], "")
            .await
            .body
    };
    let mut alone = Vec::new();
    for (n, address) in addresses.iter().enumerate() {
        let theme = if n % 2 == 0 { "dark" } else { "light" };
        let body = ask(address.clone(), theme).await;
        assert!(
            address.ends_with(".xml") || body.contains(&format!("data-theme=\"{theme}\"")),
            "{address}"
        );
        alone.push((address, theme, body));
    }
    let (opened, closed) = (&world.doors.opened, &world.doors.closed);
    opened.store(0, SeqCst);
    closed.store(0, SeqCst);
    let all = (0..1000).map(|n| {
        let (address, theme, expected) = &alone[n * 17 % alone.len()];
        async move {
            let body = ask((*address).clone(), theme).await;
            assert!(
                body == *expected,
                "{address} is another page among others than it is alone:\n{body}"
            );
        }
    });
    futures::stream::iter(all)
        .buffer_unordered(50)
        .collect::<Vec<()>>()
        .await;
    assert_eq!(opened.load(SeqCst), closed.load(SeqCst));
    assert!(opened.load(SeqCst) > 900, "most pages ask the database");
}

/// A platform that finds its database late, as a build does.
struct Late(World);

impl DatabaseProvider for Late {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(self.0.db())
        })
    }
}

fn without_request() -> (RequestContext, support::Doors) {
    let world = World::example();
    let doors = world.doors.clone();
    (
        RequestContext::from_provider(site(), Arc::new(Late(world))),
        doors,
    )
}

#[tokio::test]
async fn without_a_request_db_async_finds_the_client_and_db_then_gives_the_same() {
    let (context, doors) = without_request();
    let owner = Owner::new();
    owner.set();
    provide_context(context);
    assert!(
        context::db().is_err(),
        "there is no client before db_async() has found one"
    );
    let (first, second) = (
        context::db_async().await.unwrap(),
        context::db_async().await.unwrap(),
    );
    let third = context::db().unwrap();
    for db in [&first, &second, &third] {
        health::check(db).await.unwrap();
    }
    assert_eq!(third.stats().statements, 3, "three clients instead of one");
    assert_eq!(doors.opened.load(SeqCst), 1);
}

#[tokio::test]
async fn a_page_without_a_request_is_the_page_of_a_request() {
    for Address { path: page, .. } in listed::pages() {
        let served = World::example().get(&page).await.body;
        let (context, _) = without_request();
        let request = Request::get(&page).body(Body::empty()).unwrap();
        let response = server::answer(&server::router(), request, context).await;
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(String::from_utf8_lossy(&bytes), served, "{page}");
    }
}

#[tokio::test]
async fn a_server_function_sees_the_context_that_a_handler_sees() {
    let world = World::example();
    for address in ["/test/context", "/fn/test_context"] {
        let answer = world.get(address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        assert_eq!(
            answer.body, r#"{"handle":null,"connections":1,"statements":5}"#,
            "{address}"
        );
    }
}

#[test]
fn themes_are_two_words() {
    assert_eq!(Theme::parse("dark").map(Theme::as_str), Some("dark"));
    assert_eq!(Theme::parse("<script>"), None);
}
