//! The site on every engine: equal bytes, from one round trip a page.

use std::sync::Arc;

use axum::body::Body;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::{Connector, Db, Statement, migrate};
use http::Request;

use crate::listed;
use crate::support::World;

/// Asked for beside the addresses that all tests have: searches in every script, with accents and beginnings of words, what
/// is not there, and whole lists.
const MORE: [&str; 20] = [
    "/posts?q=night",
    "/posts?q=nigh",
    "/posts?q=caf%C3%A9",
    "/posts?q=CAFE",
    "/posts?q=%D1%87%D0%B0%D0%B9",
    "/posts?q=%E5%88%97%E8%BB%8A",
    "/posts?q=%E6%9C%9B%E8%BF%9C%E9%95%9C",
    "/posts?q=%D8%AE%D8%B1%D9%8A%D8%B7%D8%A9",
    "/posts?q=library+books",
    "/posts?q=night+AND+NOT+(train+OR",
    "/posts?q=%22%27%3B+DROP+TABLE+posts+--",
    "/posts?q=%5C",
    "/posts?q=title:bread*",
    "/users?q=to",
    "/users/tomasz-wrona",
    "/users/nobody",
    "/api/v1/posts?limit=100",
    "/api/v1/users?limit=100",
    "/api/v1/posts?q=night",
    "/fn/list_posts?query=night&cursor=",
];

fn addresses() -> Vec<String> {
    let more = MORE.map(str::to_owned);
    let listed = listed::all().into_iter().map(|one| one.path);
    listed.chain(more).collect()
}

/// The address of a server that `cargo x test` started.
fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run `cargo x test`, or `cargo x services up` and see its output"
        )
    })
}

/// A database of this test's own on that server, migrated.
pub(crate) async fn empty_on(variable: &str, name: &str) -> Arc<dyn Connector> {
    let url = format!(
        "{}?sslrootcert={}",
        server(variable),
        server("TEST_CA_CERT")
    );
    let own = format!("site_{name}_{}", std::process::id());
    let native = |url: &str| DatabaseUrl::parse(url, |_| None).unwrap();
    let admin = Db::new(native(&url).connector(PoolSize::default()).unwrap());
    for sql in [
        format!("DROP DATABASE IF EXISTS {own}"),
        format!("CREATE DATABASE {own}"),
    ] {
        admin.run(&Statement::plain(sql)).await.unwrap();
    }
    let (front, options) = url.split_once('?').unwrap();
    let (front, _) = front.rsplit_once('/').unwrap();
    let native = native(&format!("{front}/{own}?{options}"));
    migrate::apply_to(&native).await.unwrap();
    Arc::new(native.connector(PoolSize::default()).unwrap())
}

/// A site on such a database, filled with the example.
async fn example_on(variable: &str) -> World {
    let world = World::over(empty_on(variable, "example").await);
    db_cli::insert_example(&world.db()).await.unwrap();
    world
}

/// Asks for everything; the pages that lists lead to are asked for too.
async fn all_of(world: &World) -> Vec<(String, u16, String)> {
    let mut addresses = addresses();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(address) = addresses.get(at).cloned() {
        let answer = world.get(&address).await;
        if addresses.len() < 150 {
            let more = answer
                .body
                .split("href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .filter(|link| link.contains("cursor=") || link.starts_with("/posts/"))
                .map(|link| link.replace("&amp;", "&"));
            for link in more {
                if !addresses.contains(&link) {
                    addresses.push(link);
                }
            }
        }
        out.push((address, answer.status.as_u16(), answer.body));
        at += 1;
    }
    out
}

async fn is_the_same_site_on(variable: &str) {
    let world = example_on(variable).await;
    let expected = all_of(&World::example()).await;
    let found = all_of(&world).await;
    assert!(expected.len() > 130, "{} addresses", expected.len());
    for (expected, found) in expected.iter().zip(&found) {
        assert!(
            expected == found,
            "{} differs.\n\nSQLite: {} {}\n\n{variable}: {} {}",
            expected.0,
            expected.1,
            expected.2,
            found.1,
            found.2
        );
    }
    assert_eq!(expected.len(), found.len());
    for address in addresses() {
        let request = Request::get(&address).body(Body::empty()).unwrap();
        let (_, context) = world.respond(request).await;
        let stats = context.db().unwrap().stats();
        assert!(stats.round_trips <= 1, "{address}: {stats:?}");
        assert!(stats.connections <= 1, "{address}: {stats:?}");
        assert!(stats.statements <= 4, "{address}: {stats:?}");
    }
}

#[tokio::test]
async fn postgres_gives_the_same_site() {
    is_the_same_site_on("TEST_POSTGRES_URL").await;
}

#[tokio::test]
async fn mysql_gives_the_same_site() {
    is_the_same_site_on("TEST_MYSQL_URL").await;
}
