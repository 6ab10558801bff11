//! Guarantees for programs that seed a database from the example site.

mod text;

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::calendar::midnight;
use crate::{Comment, ExampleSite, Post, Role, Status, bulk_author, bulk_post, example_site};

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn is_slug(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.len() <= 80 && text.split('-').all(is_word)
}

/// Returns the first value that occurs first_duplicate.
fn first_duplicate<T: Hash + Eq + Copy>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    values.into_iter().find(|value| !seen.insert(*value))
}

fn handwritten(site: &ExampleSite) -> &[Post] {
    &site.posts[..crate::handwritten::posts().len()]
}

fn short_posts(site: &ExampleSite) -> &[Post] {
    &site.posts[crate::handwritten::posts().len()..]
}

fn visible(site: &ExampleSite) -> impl Iterator<Item = &Post> {
    site.posts.iter().filter(|post| {
        post.status == Status::Published
            && !post.is_deleted
            && !site.authors[post.author].is_deleted
    })
}

#[test]
fn the_site_has_the_expected_size() {
    let ExampleSite {
        authors,
        posts,
        comments,
        ..
    } = &example_site();
    assert!(authors.len() >= 26);
    assert_eq!(authors.iter().filter(|author| author.is_deleted).count(), 2);
    assert!(
        authors
            .iter()
            .filter(|author| author.role == Role::Reader && !author.is_deleted)
            .count()
            >= 3
    );
    assert!(authors.iter().any(|author| author.role == Role::Admin));
    assert_eq!(posts.len(), 420);
    assert!(
        (550..=700).contains(&comments.len()),
        "{} comments",
        comments.len()
    );
    assert!(handwritten(&example_site()).len() >= 80);
}

#[test]
fn every_status_is_represented() {
    let site = example_site();
    let count = |status| {
        site.posts
            .iter()
            .filter(|post| post.status == status)
            .count()
    };
    let counts = [
        Status::Published,
        Status::Draft,
        Status::Archived,
        Status::Scheduled,
    ]
    .map(count);
    assert!((345..=370).contains(&counts[0]), "{counts:?}");
    assert!((20..=40).contains(&counts[1]), "{counts:?}");
    assert!((12..=30).contains(&counts[2]), "{counts:?}");
    assert!((4..=10).contains(&counts[3]), "{counts:?}");

    let deleted: Vec<&Post> = site.posts.iter().filter(|post| post.is_deleted).collect();
    assert!(
        (10..=14).contains(&deleted.len()),
        "{} deleted",
        deleted.len()
    );
    assert!(deleted.iter().any(|post| post.status == Status::Published));
    assert!(
        site.posts
            .iter()
            .any(|post| post.status == Status::Published && site.authors[post.author].is_deleted)
    );
    assert!(site.posts.iter().any(|post| !post.comments_open));
    assert!(
        (5..=8).contains(
            &site
                .posts
                .iter()
                .filter(|post| !post.earlier_slugs.is_empty())
                .count()
        )
    );
}

#[test]
fn names_are_unique_and_well_formed() {
    let ExampleSite { authors, posts, .. } = &example_site();
    assert_eq!(
        first_duplicate(authors.iter().map(|author| author.handle)),
        None
    );
    assert_eq!(
        first_duplicate(authors.iter().map(|author| author.email)),
        None
    );
    assert_eq!(first_duplicate(posts.iter().map(|post| &post.title)), None);
    assert_eq!(
        first_duplicate(posts.iter().map(|post| &post.excerpt)),
        None
    );
    assert_eq!(
        first_duplicate(
            posts
                .iter()
                .flat_map(|post| post.earlier_slugs.iter().chain([&post.slug]))
        ),
        None
    );
    for author in authors {
        assert!(
            (2..=30).contains(&author.handle.len()) && is_slug(author.handle),
            "{}",
            author.handle
        );
        assert_eq!(author.email, format!("{}@example.com", author.handle));
        assert!(!author.name.is_empty());
    }
    for post in posts {
        for slug in post.earlier_slugs.iter().chain([&post.slug]) {
            assert!(is_slug(slug), "{slug}");
        }
    }
}

#[test]
fn timestamps_are_consistent() {
    let ExampleSite {
        authors,
        posts,
        comments,
        ..
    } = &example_site();
    for post in posts {
        let Post {
            slug,
            created_at,
            published_at,
            ..
        } = post;
        assert!(
            authors[post.author].created_at < *created_at,
            "{slug} is older than its author"
        );
        assert!(
            published_at.is_none_or(|at| *created_at <= at),
            "{slug} appeared before it was begun"
        );
        assert_eq!(
            published_at.is_none(),
            post.status == Status::Draft,
            "{slug}"
        );
        if let (Some(at), Status::Published | Status::Archived) = (*published_at, post.status) {
            assert!(
                (midnight(2021, 3, 1)..midnight(2026, 11, 1)).contains(&at),
                "{slug}"
            );
        }
        if post.status == Status::Scheduled {
            assert!(
                published_at
                    .is_some_and(|at| (midnight(2035, 1, 1)..midnight(2036, 1, 1)).contains(&at)),
                "{slug}"
            );
        }
    }
    for Comment {
        post,
        author,
        created_at,
        body,
        ..
    } in comments
    {
        assert_eq!(posts[*post].status, Status::Published, "{body}");
        assert!(
            posts[*post].published_at.is_some_and(|at| at < *created_at),
            "{body}"
        );
        assert!(authors[*author].created_at < *created_at, "{body}");
        assert!(*created_at < midnight(2026, 11, 1), "{body}");
    }
    for pair in comments.windows(2) {
        assert!(
            pair[0].post < pair[1].post
                || (pair[0].post == pair[1].post && pair[0].created_at < pair[1].created_at)
        );
    }
}

#[test]
fn posts_cover_every_year_and_some_share_a_millisecond() {
    let site = example_site();
    let times: Vec<i64> = visible(&site)
        .filter_map(|post| post.published_at)
        .collect();
    let days: HashSet<i64> = times
        .iter()
        .map(|at| at.div_euclid(crate::calendar::DAY))
        .collect();
    assert!(days.len() > 250, "posts crowd on {} days", days.len());
    for year in 2021..=2026 {
        let year = midnight(year, 3, 1)..midnight(year, 11, 1);
        assert!(
            times.iter().filter(|at| year.contains(at)).count() >= 20,
            "{year:?}"
        );
    }
    let moments: HashSet<&i64> = times.iter().collect();
    assert!(
        (3..=10).contains(&(times.len() - moments.len())),
        "{} pairs",
        times.len() - moments.len()
    );
}

#[test]
fn comments_are_distributed_unevenly() {
    let ExampleSite {
        posts, comments, ..
    } = &example_site();
    let mut count: HashMap<usize, usize> = HashMap::new();
    for comment in comments {
        *count.entry(comment.post).or_default() += 1;
    }
    assert!(count.values().any(|n| *n >= 30));
    assert!(posts.len() - count.len() >= 100);
    assert!(count.keys().all(|post| posts[*post].comments_open));
    assert_eq!(
        first_duplicate(comments.iter().map(|comment| (comment.post, &comment.body))),
        None
    );
    assert!((3..=30).contains(&comments.iter().filter(|comment| comment.is_deleted).count()));
    let bodies: HashSet<&String> = comments.iter().map(|comment| &comment.body).collect();
    assert!(bodies.len() >= 120, "{} different comments", bodies.len());
}

#[test]
fn output_is_deterministic() {
    assert_eq!(hash(&example_site()), hash(&example_site()));
    assert_eq!(hash(&bulk_post(4711, 99)), hash(&bulk_post(4711, 99)));
    assert_eq!(hash(&bulk_author(4711)), hash(&bulk_author(4711)));
}

#[test]
fn bulk_data_is_unique() {
    let (mut slugs, mut titles, mut handles) = (HashSet::new(), HashSet::new(), HashSet::new());
    let site = example_site();
    slugs.extend(
        site.posts
            .into_iter()
            .flat_map(|post| post.earlier_slugs.into_iter().chain([post.slug])),
    );
    handles.extend(site.authors.iter().map(|author| author.handle.to_owned()));
    let mut authors = HashSet::new();
    for n in 0..100_000 {
        let post = bulk_post(n, 1_000);
        assert!(
            (200..=500).contains(&post.content.len()),
            "{}",
            post.content
        );
        assert!(
            is_slug(&post.slug) && post.excerpt.chars().count() <= 220,
            "{}",
            post.slug
        );
        assert!(post.published_at.is_none_or(|at| post.created_at <= at));
        assert_eq!(
            post.status,
            if n % 50 == 49 {
                Status::Draft
            } else {
                Status::Published
            }
        );
        authors.insert(post.author);
        assert!(
            slugs.insert(post.slug) && titles.insert(post.title),
            "post {n}"
        );
        let author = bulk_author(n);
        assert!(
            (2..=30).contains(&author.handle.len()) && is_slug(&author.handle),
            "{}",
            author.handle
        );
        assert!(
            post.published_at
                .is_none_or(|_| author.created_at < post.created_at)
        );
        assert!(handles.insert(author.handle), "author {n}");
    }
    assert_eq!(authors.len(), 1_000);
    assert!(authors.iter().all(|author| *author < 1_000));
}
