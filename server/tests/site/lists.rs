//! Lists: what they show and hide, their order, their search.

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};

use crate::support::World;

#[tokio::test]
async fn hidden_posts_and_people_are_hidden_everywhere() {
    let world = World::example();
    let rows = db_cli::example_rows();
    let gone: Vec<_> = rows
        .users
        .iter()
        .filter(|user| user.deleted_at.is_some())
        .collect();
    assert!(gone.len() >= 2);
    let is_public = |post: &&db::schema::tables::Post| {
        post.status.as_str() == "published"
            && post.deleted_at.is_none()
            && !gone.iter().any(|user| user.id == post.author_id)
    };
    let hidden: Vec<_> = rows.posts.iter().filter(|post| !is_public(post)).collect();
    assert!(hidden.len() > 40);

    let mut seen = world.get("/sitemap.xml").await.body + &world.get("/feed.xml").await.body;
    let mut next = Some(String::new());
    let mut listed = 0;
    while let Some(cursor) = next {
        let answer = world
            .get(&format!("/api/v1/posts?limit=100&cursor={cursor}"))
            .await;
        let page = answer.json();
        listed += page["data"].as_array().unwrap().len();
        next = page["next"].as_str().map(str::to_owned);
        seen.push_str(&answer.body);
        seen.push_str(&world.get(&format!("/posts?cursor={cursor}")).await.body);
    }
    assert_eq!(listed, rows.posts.iter().filter(is_public).count());
    for user in &rows.users {
        seen.push_str(&world.get(&format!("/users/{}", user.handle)).await.body);
    }
    for post in &hidden {
        let (page, api) = (
            world.get(&format!("/posts/{}", post.slug)).await,
            world.get(&format!("/api/v1/posts/{}", post.slug)).await,
        );
        let expected = if matches!(post.status.as_str(), "published" | "archived") {
            410
        } else {
            404
        };
        assert_eq!(
            (page.status.as_u16(), api.status.as_u16()),
            (expected, expected),
            "{}",
            post.slug
        );
        let comments = world
            .get(&format!("/api/v1/posts/{}/comments", post.slug))
            .await;
        assert_eq!(comments.status, expected, "{}", post.slug);
        assert!(
            !seen.contains(&format!("/{}<", post.slug))
                && !seen.contains(&format!("\"{}\"", post.slug)),
            "{}",
            post.slug
        );
        let words = post
            .title
            .split_whitespace()
            .take(6)
            .map(|word| word.replace(|c: char| !c.is_alphanumeric(), ""))
            .collect::<Vec<_>>();
        let found = world
            .get(&format!("/api/v1/posts?q={}", encoded(&words.join(" "))))
            .await;
        assert!(
            !found.body.contains(&format!("\"{}\"", post.slug)),
            "search finds {}",
            post.slug
        );
    }
    for user in gone {
        let profile = format!("/users/{}", user.handle);
        for address in [
            profile.clone(),
            format!("{profile}/feed.xml"),
            format!("/api/v1{profile}"),
        ] {
            assert_eq!(world.get(&address).await.status, 410, "{address}");
        }
    }
}

#[tokio::test]
async fn a_search_for_signs_alone_finds_nothing() {
    let world = World::example();
    // A direction sign is dropped; alone, it is no search.
    for signs in ["🍕", "!!!", "—…", "\u{202E}…", "\" -- %"] {
        for list in ["posts", "users"] {
            let q = encoded(signs);
            for (address, rows) in [
                (format!("/api/v1/{list}?q={q}"), "data"),
                (format!("/fn/list_{list}?query={q}&cursor="), "rows"),
            ] {
                let answer = world.get(&address).await;
                assert_eq!(answer.status.as_u16(), 200, "{address}");
                let found = answer.json()[rows].as_array().unwrap().len();
                assert_eq!(found, 0, "{signs:?} by {address}");
            }
            let page = world.get(&format!("/{list}?q={q}")).await.body;
            assert!(page.contains("content=\"noindex\""), "{signs:?}");
            assert!(
                page.contains("There is nothing to search for in “<bdi>"),
                "{signs:?}"
            );
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn paging_has_no_gap_and_no_repeat_both_ways() {
    let world = World::example();
    for list in ["/posts", "/users"] {
        let mut forward = Vec::new();
        let mut address = list.to_owned();
        let mut last = String::new();
        let mut addresses = Vec::new();
        loop {
            let page = world.get(&address).await;
            forward.push(hrefs(&page.body, &format!("{list}/")));
            last.clone_from(&address);
            addresses.push(address.clone());
            match link(&page.body, "next") {
                Some(next) => address = next,
                None => break,
            }
        }
        let mut backward = Vec::new();
        address = last;
        loop {
            let page = world.get(&address).await;
            backward.push(hrefs(&page.body, &format!("{list}/")));
            let Some(previous) = link(&page.body, "prev") else {
                break;
            };
            // The way back leads to the address that the way there went by.
            let way = world.get(&previous).await;
            assert_eq!(way.status.as_u16(), 302, "{previous}");
            address = way.header("location").to_owned();
            assert!(addresses.contains(&address), "{address}");
        }
        let forward: Vec<String> = forward.into_iter().flatten().collect();
        let backward: Vec<String> = backward.into_iter().rev().flatten().collect();
        let mut once = forward.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), forward.len(), "{list}: a repeat");
        assert_eq!(forward.last(), backward.last(), "{list}");
        assert!(
            backward.iter().all(|row| forward.contains(row)) && forward.len() > 20,
            "{list}"
        );
        let from = forward
            .iter()
            .position(|row| Some(row) == backward.first())
            .unwrap();
        assert_eq!(
            forward[from..],
            backward[..],
            "{list}: a gap on the way back"
        );
    }
}

fn hrefs(body: &str, prefix: &str) -> Vec<String> {
    body.split("<h2><a dir=\"auto\" href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| href.starts_with(prefix))
        .map(str::to_owned)
        .collect()
}

fn link(body: &str, rel: &str) -> Option<String> {
    let pager = body
        .split("class=\"pager\"")
        .nth(1)?
        .split("</nav>")
        .next()?;
    let tag = pager
        .split("<a ")
        .find(|tag| tag.contains(&format!("rel=\"{rel}\"")))?;
    Some(
        tag.split("href=\"")
            .nth(1)?
            .split('"')
            .next()?
            .replace("&amp;", "&"),
    )
}

#[tokio::test]
async fn search_finds_words_in_every_script_and_marks_them() {
    let world = World::example();
    for (typed, marked) in [
        ("night", "night"),
        ("bread", "bread"),
        ("карт", "карт"),
        ("列车", "列车"),
        ("海", "海"),
    ] {
        let answer = world
            .get(&format!("/api/v1/posts?q={}", encoded(typed)))
            .await;
        let found = answer.json()["data"].as_array().unwrap().len();
        let page = world.get(&format!("/posts?q={}", encoded(typed))).await;
        assert_eq!(page.status, 200);
        if found > 0 {
            assert!(page.body.contains(&format!("match “{marked}”")), "{typed}");
        }
    }
    let night = world.get("/posts?q=night").await.body;
    assert!(night.to_lowercase().contains("<mark>night"), "{night}");
    for hostile in [
        "\"",
        "a\" OR \"b",
        "*",
        "NEAR(a b)",
        "col:x",
        "'; DROP TABLE posts; --",
        "<script>alert(1)</script>",
        "-",
        "a AND",
        "(((",
        "^x",
    ] {
        let answer = world.get(&format!("/posts?q={}", encoded(hostile))).await;
        assert_eq!(answer.status, 200, "{hostile}");
        assert!(!answer.body.contains("<script>alert"), "{hostile}");
    }
}

#[tokio::test]
async fn no_answer_carries_a_hash_or_an_address() {
    let world = World::example();
    for address in [
        "/users",
        "/users/tomasz-wrona",
        "/api/v1/users?limit=100",
        "/api/v1/users/tomasz-wrona",
        "/api/v1/posts",
        "/posts",
    ] {
        let answer = world.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        assert!(
            !answer.body.contains("password") && !answer.body.contains("@example.com"),
            "{address}"
        );
    }
}

/// Posts that have the word `foldedcrane`, with numbers from `first` on; every second one is a draft.
fn many(first: usize, public: usize) -> String {
    format!(
        "WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {first} + 2 * {public}) \
         INSERT INTO posts (id, author_id, title, slug, excerpt, content, content_html, renderer_version, reading_minutes, \
         search_text, comment_count, status, comments_open, published_at, created_at, updated_at) \
         SELECT printf('00000000-0000-7000-8000-%012d', n), (SELECT id FROM users WHERE handle = 'tomasz-wrona'), 'Many', \
         'many-' || n, '', '', '', 1, 1, 'foldedcrane', 0, iif(n % 2, 'draft', 'published'), 1, n, n, n FROM numbers;"
    )
}

#[tokio::test]
async fn a_search_says_how_much_it_found_of_what_readers_see() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    db_cli::insert_example(&db).await.unwrap();
    let world = World::on(Arc::clone(&sqlite));
    let mut written = 0;
    for (public, total, sentence) in [
        (1, 1, "1 post matches"),
        (999, 999, "999 posts match"),
        (1_000, 1_000, "1000 posts match"),
        (1_001, 1_001, "More than 1,000 posts match"),
        (1_300, 1_001, "More than 1,000 posts match"),
    ] {
        sqlite.script(&many(2 * written, public - written)).unwrap();
        written = public;
        let page = world.get("/posts?q=foldedcrane").await.body;
        assert!(page.contains(sentence), "{public}: {sentence}");
        let api = world
            .get("/api/v1/posts?q=foldedcrane&limit=1")
            .await
            .json();
        assert_eq!(api["total"], total);
        let island = world
            .get("/fn/list_posts?query=foldedcrane&cursor=")
            .await
            .json();
        assert_eq!(island["total"], total);
    }
}
