//! Posts as readers see them: by their time, whatever it is.

use domain::{
    Cursor, Direction, Handle, Page, PageRequest, PostId, PostStatus, Search, Slug, Timestamp,
};

use super::Clients;
use super::support::{CaseResult, equal, message};
use super::written::{Written, post};
use crate::Db;
use crate::queries::posts::{PostCard, PostLookup};
use crate::queries::users::Profile;
use crate::queries::{comments, fingerprints, posts, sitemap, users};
use crate::schema::tables::Post;

const DAY: i64 = 86_400_000;

fn titles(page: &Page<PostCard>) -> Vec<&str> {
    page.rows.iter().map(|post| post.title.as_str()).collect()
}

/// Posts of 1969, newest first, on pages of five: each is shown once, and the way back shows them again.
pub(super) async fn posts_from_before_1970_are_paged(db: &Db, _: &Clients) -> CaseResult {
    let posts = (1..=12).map(|day| {
        let mut post = post(&format!("{day} days before"));
        post.published_at = Some(Timestamp::from_millis(-DAY * day));
        post
    });
    let written = Written::write(db, posts.collect()).await?;
    let checked = async {
        let page = async |cursor: Option<Cursor>| {
            // As it stands in an address.
            let text = cursor.map(|cursor| cursor.to_string());
            let page = PageRequest::parse(text.as_deref(), Some("5"), 5);
            let page = page.map_err(|why| format!("{text:?}: {why}"))?;
            let found = posts::by_author(db, &written.handle, &page).await;
            let found = found.map_err(message)?;
            found
                .found()
                .map(|author| author.posts)
                .ok_or_else(|| "no author".to_owned())
        };
        let name = |days: std::ops::RangeInclusive<i64>| -> Vec<String> {
            days.map(|day| format!("{day} days before")).collect()
        };
        let first = page(None).await?;
        equal(
            &titles(&first),
            &name(1..=5).iter().map(String::as_str).collect(),
        )?;
        let second = page(first.older).await?;
        equal(
            &titles(&second),
            &name(6..=10).iter().map(String::as_str).collect(),
        )?;
        let third = page(second.older).await?;
        equal(
            &titles(&third),
            &name(11..=12).iter().map(String::as_str).collect(),
        )?;
        equal(&third.older, &None)?;
        equal(&page(third.newer).await?.rows, &second.rows)?;
        equal(&page(second.newer).await?.rows, &first.rows)
    }
    .await;
    written.delete().await?;
    checked
}

/// One post of each status, an hour ago and in a year; a name says which.
fn around(now: Timestamp) -> Vec<Post> {
    let mut all = Vec::new();
    for (when, at) in [("past", -3_600_000), ("future", 365 * DAY)] {
        for status in [
            PostStatus::Draft,
            PostStatus::Scheduled,
            PostStatus::Published,
            PostStatus::Archived,
        ] {
            let mut post = post(&format!("clockcase {} {when}", status.as_str()));
            post.status = status;
            post.published_at = Some(Timestamp::from_millis(now.as_millis() + at));
            all.push(post);
        }
    }
    all
}

/// A client whose clock shows `now`.
fn at(clients: &Clients, now: Timestamp) -> Db {
    let db = clients.strong();
    db.set_now(now);
    db
}

fn sorted(mut titles: Vec<String>) -> Vec<String> {
    titles.sort();
    titles
}

/// The posts of `author` that readers see, by each way to them.
async fn seen(
    db: &Db,
    author: &Handle,
    all: &[Post],
) -> Result<Vec<(&'static str, Vec<String>)>, String> {
    let page = PageRequest::first(100);
    let is_ours = |id: PostId| {
        all.iter()
            .find(|post| post.id == id)
            .map(|post| post.title.clone())
    };
    let cards = |cards: Vec<PostCard>| {
        sorted(
            cards
                .into_iter()
                .filter_map(|card| is_ours(card.id))
                .collect(),
        )
    };
    let newest = posts::list(db, &Search::default(), &page)
        .await
        .map_err(message)?;
    let found = posts::list(db, &Search::parse("clockcase"), &page)
        .await
        .map_err(message)?;
    let ids: Vec<PostId> = all.iter().map(|post| post.id).collect();
    let by_ids = posts::by_ids(db, &ids).await.map_err(message)?;
    let by_author = posts::by_author(db, author, &page).await.map_err(message)?;
    let by_author = by_author
        .found()
        .map(|author| author.posts.rows)
        .unwrap_or_default();
    let feed = posts::feed_of(db, author).await.map_err(message)?;
    let feed = feed.found().map(|(_, entries)| entries).unwrap_or_default();
    let addresses = sitemap::posts(db, &page).await.map_err(message)?;
    let mut read = Vec::new();
    let mut commented = Vec::new();
    for post in all {
        let slug = Slug::parse(&post.slug).map_err(|why| format!("{why:?}"))?;
        if let PostLookup::Post(_) = posts::read(db, &slug, &page).await.map_err(message)? {
            read.push(post.title.clone());
        }
        if comments::of_post(db, &slug, &page)
            .await
            .map_err(message)?
            .is_some()
        {
            commented.push(post.title.clone());
        }
    }
    Ok(vec![
        ("list", cards(newest.rows)),
        ("search", cards(found.rows)),
        ("ids", cards(by_ids)),
        ("author", cards(by_author)),
        (
            "feed",
            sorted(
                feed.into_iter()
                    .filter_map(|entry| is_ours(entry.id))
                    .collect(),
            ),
        ),
        (
            "sitemap",
            sorted(
                addresses
                    .rows
                    .into_iter()
                    .filter_map(|row| is_ours(row.id))
                    .collect(),
            ),
        ),
        ("read", sorted(read)),
        ("comments", sorted(commented)),
    ])
}

/// Published or scheduled, a post is public from its time on, and not a millisecond earlier.
pub(super) async fn a_post_is_public_from_its_time_on(db: &Db, clients: &Clients) -> CaseResult {
    let now = Timestamp::now();
    let all = around(now);
    let written = Written::write(db, all.clone()).await?;
    let past = ["clockcase published past", "clockcase scheduled past"];
    let every = [
        "clockcase published future",
        past[0],
        "clockcase scheduled future",
        past[1],
    ];
    let year = now.as_millis() + 365 * DAY;
    let checked = async {
        for (clock, expected) in [
            (now.as_millis(), &past[..]),
            (year - 1, &past[..]),
            (year, &every[..]),
        ] {
            let expected: Vec<String> = expected.iter().map(|title| (*title).to_owned()).collect();
            let db = at(clients, Timestamp::from_millis(clock));
            for (way, titles) in seen(&db, &written.handle, &all).await? {
                equal(&titles, &expected).map_err(|why| format!("{way}: {why}"))?;
            }
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}

/// A cached page changes with the clock alone: its fingerprint says so, on each page that shows the post.
pub(super) async fn a_page_is_stale_when_the_time_of_a_post_comes(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let now = Timestamp::now();
    let mut due = post("due in a second");
    due.status = PostStatus::Scheduled;
    due.published_at = Some(Timestamp::from_millis(now.as_millis() + 1000));
    let mut here = post("here");
    here.published_at = Some(now);
    let slug = |post: &Post| Slug::parse(&post.slug).map_err(|why| format!("{why:?}"));
    let (due_slug, here_slug) = (slug(&due)?, slug(&here)?);
    let written = Written::write(db, vec![due, here]).await?;
    let page = PageRequest::first(10);
    let checked = async {
        let taken = async |later: i64| {
            let db = at(clients, Timestamp::from_millis(now.as_millis() + later));
            let next = match posts::read(&db, &here_slug, &page).await.map_err(message)? {
                PostLookup::Post(post) => post.next.map(|post| post.title),
                other => return Err(format!("{other:?}")),
            };
            let prints = [
                fingerprints::post(&db, &due_slug, &page).await,
                fingerprints::post(&db, &here_slug, &page).await,
                fingerprints::user(&db, &written.handle, &page).await,
                fingerprints::feed(&db, Some(&written.handle)).await,
                fingerprints::feed(&db, None).await,
            ];
            let prints: Result<Vec<_>, _> = prints.into_iter().collect();
            Ok((next, prints.map_err(message)?))
        };
        let (before, after) = (taken(0).await?, taken(1000).await?);
        equal(&taken(999).await?, &before)?;
        equal(
            &(before.0.as_deref(), after.0.as_deref()),
            &(None, Some("due in a second")),
        )?;
        for (n, (before, after)) in before.1.iter().zip(&after.1).enumerate() {
            if before == after {
                return Err(format!("fingerprint {n} is the same"));
            }
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}

/// The number of an author's posts, by each way to it.
async fn counted(
    db: &Db,
    author: &Handle,
    post: &Slug,
) -> Result<Vec<(&'static str, Option<i64>)>, String> {
    let page = PageRequest::first(100);
    let count = |profile: Profile| profile.post_count;
    let found = users::find(db, author).await.map_err(message)?;
    let search = Search::parse(author.as_str());
    let listed = users::list(db, &search, &page).await.map_err(message)?;
    // Users from before this time come first on the page of newer ones, counted from the oldest.
    let oldest = Cursor {
        direction: Direction::Newer,
        at: Timestamp::from_millis(-30_000_000_000_001),
        id: uuid::Uuid::nil(),
    };
    let from_oldest = PageRequest {
        cursor: Some(oldest),
        ..page
    };
    let newest = users::list(db, &Search::default(), &from_oldest).await;
    let newest = newest.map_err(message)?.rows.into_iter();
    let by_author = posts::by_author(db, author, &page).await.map_err(message)?;
    let feed = posts::feed_of(db, author).await.map_err(message)?;
    let read = match posts::read(db, post, &page).await.map_err(message)? {
        PostLookup::Post(page) => Some(page.post.author_post_count),
        _ => None,
    };
    Ok(vec![
        ("profile", found.map(count)),
        ("search", listed.rows.into_iter().next().map(count)),
        (
            "list",
            { newest }
                .find(|user| user.handle == author.as_str())
                .map(count),
        ),
        (
            "author",
            by_author.found().map(|author| count(author.profile)),
        ),
        ("feed", feed.found().map(|(profile, _)| count(profile))),
        ("post", read),
    ])
}

/// A post counts for its author from its time on, without a write: on every page that shows the number, and in the fingerprints
/// of those that may be cached, also where the page shows nothing else of the post.
pub(super) async fn an_authors_count_follows_the_clock(db: &Db, clients: &Clients) -> CaseResult {
    let now = Timestamp::now();
    let mut all = around(now);
    let mut deleted = post("deleted, in a year");
    deleted.published_at = Some(Timestamp::from_millis(now.as_millis() + 365 * DAY));
    deleted.deleted_at = Some(now);
    let (oldest, older) = (post("oldest"), post("older"));
    let slug = Slug::parse(&oldest.slug).map_err(|why| format!("{why:?}"))?;
    all.extend([oldest, older, deleted]);
    let written = Written::write(db, all).await?;
    let year = now.as_millis() + 365 * DAY;
    let page = PageRequest::first(1);
    let checked = async {
        let mut prints = Vec::new();
        for (clock, expected) in [
            (now.as_millis() - DAY, 2),
            (now.as_millis(), 4),
            (year - 1, 4),
            (year, 6),
            (year + DAY, 6),
        ] {
            let db = at(clients, Timestamp::from_millis(clock));
            for (way, count) in counted(&db, &written.handle, &slug).await? {
                equal(&count, &Some(expected)).map_err(|why| format!("{way}: {why}"))?;
            }
            let of_post = fingerprints::post(&db, &slug, &page).await;
            prints.push(of_post.map_err(message)?);
        }
        equal(&prints[1], &prints[2])?;
        equal(&prints[3], &prints[4])?;
        if prints[0] == prints[1] || prints[2] == prints[3] {
            return Err("the fingerprint of the oldest post is the same".to_owned());
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}
