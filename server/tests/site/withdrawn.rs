//! Withdrawn posts and closed accounts: nothing leads there, and their own addresses say so.

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};

use crate::support::World;

async fn example() -> (Arc<Sqlite>, World) {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    (sqlite, world)
}

/// The addresses of this site to which the attributes and elements of a document lead, without what follows the path.
fn links(document: &str) -> Vec<String> {
    const HERE: &str = "https://site.example";
    let quoted = document.split("href=\"").skip(1);
    let quoted = quoted.filter_map(|rest| rest.split('"').next());
    let located = document.split("<loc>").skip(1);
    let located = located.filter_map(|rest| rest.split('<').next());
    let paths = quoted.chain(located).filter_map(|link| {
        let path = link.strip_prefix(HERE).unwrap_or(link);
        let path = path.split(['?', '#']).next()?;
        path.starts_with('/').then(|| path.to_owned())
    });
    paths.collect()
}

/// Every page that may show a post of this author: lists, documents, the pages around it.
async fn linked(world: &World, around: &[String]) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    let fixed = ["/", "/posts", "/users", "/feed.xml", "/sitemap.xml"].map(str::to_owned);
    for address in fixed.iter().chain(around) {
        let answer = world.get(address).await;
        if answer.status == 200 {
            all.push((address.clone(), links(&answer.body)));
        }
    }
    all
}

#[tokio::test]
async fn nothing_leads_to_a_post_that_was_withdrawn() {
    for (change, status) in [
        ("status = 'archived'", 410),
        ("deleted_at = 1", 410),
        ("status = 'draft'", 410),
        ("status = 'draft', published_at = NULL", 404),
        ("published_at = 32503680000000", 404),
    ] {
        let (sqlite, world) = example().await;
        let newest = world.get("/api/v1/posts?limit=3").await.json();
        let post = &newest["data"][1];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (slug, author) = (text(&post["slug"]), text(&post["author"]["handle"]));
        let (newer, older) = (
            format!("/posts/{}", text(&newest["data"][0]["slug"])),
            format!("/posts/{}", text(&newest["data"][2]["slug"])),
        );
        let own = format!("/posts/{slug}");
        sqlite
            .script(&format!(
                "INSERT INTO post_slugs (slug, post_id) SELECT 'its-earlier-slug', id FROM posts WHERE slug = '{slug}'"
            ))
            .unwrap();
        let around = [
            newer.clone(),
            older.clone(),
            format!("/users/{author}"),
            format!("/users/{author}/feed.xml"),
            format!("/posts?q={}", slug.replace('-', "+")),
        ];
        let leads = |all: &[(String, Vec<String>)]| -> Vec<String> {
            let leading = all.iter().filter(|(_, links)| links.contains(&own));
            leading.map(|(address, _)| address.clone()).collect()
        };
        let before = leads(&linked(&world, &around).await);
        assert!(
            before.contains(&newer) && before.contains(&older),
            "{before:?}"
        );
        assert!(before.contains(&around[2]) && before.contains(&around[3]));
        assert!(before.contains(&"/sitemap.xml".to_owned()));
        let moved = world.get("/posts/its-earlier-slug").await;
        assert_eq!(
            (moved.status.as_u16(), moved.header("location")),
            (301, &*own)
        );

        sqlite
            .script(&format!("UPDATE posts SET {change} WHERE slug = '{slug}'"))
            .unwrap();
        let after = linked(&world, &around).await;
        assert_eq!(leads(&after), [""; 0], "{change}");
        let next_to_newer = &after
            .iter()
            .find(|(address, _)| *address == newer)
            .unwrap()
            .1;
        assert!(
            next_to_newer.contains(&older),
            "the neighbours are next to each other"
        );
        for address in [
            own.clone(),
            "/posts/its-earlier-slug".to_owned(),
            format!("/api/v1{own}"),
            format!("/api/v1{own}/comments"),
        ] {
            let answer = world.get(&address).await;
            assert_eq!(answer.status.as_u16(), status, "{change}: {address}");
        }
    }
}

#[tokio::test]
async fn nothing_leads_to_an_author_whose_account_was_closed() {
    let (sqlite, world) = example().await;
    let own = "/posts/one-hundred-loaves";
    let page = world.get(own).await.body;
    let path = links(&page).into_iter();
    let author = path
        .clone()
        .find(|path| path.starts_with("/users/"))
        .unwrap();
    let author = author.trim_end_matches("/feed.xml").to_owned();
    let handle = author.trim_start_matches("/users/").to_owned();
    sqlite
        .script(&format!(
            "UPDATE users SET deleted_at = 1 WHERE handle = '{handle}';
             INSERT INTO user_handles (handle, user_id, released_at) \
             SELECT 'its-earlier-handle', id, {} FROM users WHERE handle = '{handle}'",
            domain::Timestamp::now().as_millis()
        ))
        .unwrap();
    // Every page that anything leads to, from the home page on.
    let (mut queue, mut seen) = (vec!["/".to_owned(), "/sitemap.xml".to_owned()], Vec::new());
    while let Some(address) = queue.pop() {
        if seen.contains(&address)
            || address.starts_with("/assets/")
            || address.contains('.') && address != "/sitemap.xml"
        {
            continue;
        }
        seen.push(address.clone());
        let answer = world.get(&address).await;
        // The text of somebody else's post may name it.
        let status = match address.as_str() {
            address if address == own => 410,
            // Leads to the form by which somebody signs in.
            "/settings" => 303,
            _ => 200,
        };
        assert_eq!(answer.status.as_u16(), status, "{address}");
        let links = links(&answer.body);
        assert!(!links.contains(&author), "{address} leads to {author}");
        queue.extend(links);
    }
    assert!(seen.len() > 300, "{} pages", seen.len());
    for address in [
        author.clone(),
        format!("{author}/feed.xml"),
        format!("{author}/feed.json"),
        format!("/api/v1{author}"),
    ] {
        assert_eq!(world.get(&address).await.status.as_u16(), 410, "{address}");
        for (other, status) in [("its-earlier-handle", 410), ("nobody-ever-had-this", 404)] {
            let address = address.replace(&handle, other);
            assert_eq!(
                world.get(&address).await.status.as_u16(),
                status,
                "{address}"
            );
        }
    }
    let page = world.get(&author).await.body;
    assert!(page.contains("This page was taken down"), "{page}");
    assert_eq!(world.get(own).await.status, 410);
}

/// An author may have no public post: the page stays, and says so everywhere it is counted.
#[tokio::test]
async fn an_author_without_public_posts_has_a_page() {
    let (sqlite, world) = example().await;
    sqlite
        .script(
            "UPDATE posts SET published_at = 32503680000000 WHERE author_id = (SELECT id FROM users WHERE handle = 'tomasz-wrona')",
        )
        .unwrap();
    // Somebody wrote a post without counting it.
    sqlite
        .script("UPDATE users SET post_count = post_count - 1 WHERE handle = 'tomasz-wrona'")
        .unwrap();
    let page = world.get("/users/tomasz-wrona").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Nothing published yet."));
    assert!(page.body.contains("0 posts"), "{}", page.body);
    let user = world.get("/api/v1/users/tomasz-wrona").await.json();
    assert_eq!(user["post_count"], 0);
    let found = world.get("/users?q=tomasz+wrona").await.body;
    assert!(found.contains("0 posts"), "{found}");
    let feed = world.get("/users/tomasz-wrona/feed.xml").await;
    assert_eq!(feed.status, 200);
    assert_eq!(feed.body.matches("<entry").count(), 0);
    let since = user["created_at"].as_str().unwrap();
    assert!(
        feed.body.contains(&format!("<updated>{since}</updated>")),
        "{}",
        feed.body
    );
    let sitemap = world.get("/sitemap.xml").await.body;
    assert!(!sitemap.contains("/users/tomasz-wrona<"));
}
