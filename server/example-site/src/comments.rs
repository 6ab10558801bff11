//! Comments on published posts, chosen from the bank by topic and language.

use std::collections::HashMap;

use crate::calendar::{DAY, MINUTE, midnight};
use crate::handwritten::ThemedPost;
use crate::matching::TermIndex;
use crate::topics::sections;
use crate::{Author, Comment, Status, random};

/// No comment is later than this.
const LAST_COMMENT: i64 = midnight(2026, 11, 1);
/// Slugs of posts with many comments.
const POPULAR_POSTS: [&str; 3] = [
    "why-sanitising-matters",
    "how-to-read-a-waymark",
    "one-hundred-loaves",
];

/// Comment texts by theme: a topic, a language code or `general`.
type Bank = HashMap<&'static str, Vec<&'static str>>;

/// Generates comments on the published posts, in the order of the posts.
pub(crate) fn comments(posts: &[ThemedPost], authors: &[Author]) -> Vec<Comment> {
    let (bank, terms) = (bank(), TermIndex::new(posts));
    let mut comments = Vec::new();
    for (index, ThemedPost { post, theme }) in posts.iter().enumerate() {
        if let (Status::Published, Some(published_at), true) =
            (post.status, post.published_at, post.comments_open)
        {
            let (matching, bodies) = candidates(index, theme, &bank, &terms);
            let bodies = bodies
                .into_iter()
                .take(comment_count(index as u64, &post.slug, matching));
            push_comments(
                (index, post.author),
                published_at,
                bodies,
                authors,
                &mut comments,
            );
        }
    }
    comments
}

fn bank() -> Bank {
    let mut bank = Bank::new();
    for (theme, text) in sections(include_str!("../bank/comments.txt")) {
        bank.entry(theme)
            .or_default()
            .extend(text.split("\n--\n").map(str::trim));
    }
    bank
}

/// Returns candidate comments for a post in pseudo-random order, mostly with matching ones before general ones, and the
/// number of matching ones.
fn candidates(
    post: usize,
    theme: &str,
    bank: &Bank,
    terms: &TermIndex,
) -> (usize, Vec<&'static str>) {
    let find = |theme| bank.get(theme).into_iter().flatten().copied();
    let order = |body: &str| random::mix(random::hash(body) ^ random::mix(post as u64));
    let own = find(theme)
        .filter(|body| terms.matches(post, body))
        .map(|body| (order(body) / 8, body));
    let mut bodies: Vec<_> = own.collect();
    let matching = bodies.len();
    // Posts in other languages get no general comments, which are English. Language codes have two letters, topics more.
    bodies.extend(
        find("general")
            .filter(|_| theme.len() > 2)
            .map(|body| (order(body), body)),
    );
    bodies.sort_unstable();
    (matching, bodies.into_iter().map(|(_, body)| body).collect())
}

fn push_comments(
    (post, post_author): (usize, usize),
    published_at: i64,
    bodies: impl Iterator<Item = &'static str>,
    authors: &[Author],
    comments: &mut Vec<Comment>,
) {
    let mut created_at = published_at;
    for (n, body) in bodies.enumerate() {
        let seed = (post * 64 + n) as u64;
        // The first comments come within hours, later ones within days.
        created_at += 4 * MINUTE
            + random::below(22, seed, (n as u64 + 1) * DAY.unsigned_abs() / 7).cast_signed();
        let eligible =
            |author: &usize| *author != post_author && authors[*author].created_at < created_at;
        let eligible: Vec<usize> = (0..authors.len()).filter(eligible).collect();
        if created_at >= LAST_COMMENT || eligible.is_empty() {
            return;
        }
        let author = eligible[random::below(23, seed, eligible.len() as u64) as usize];
        let is_deleted = random::below(24, seed, 45) == 0;
        comments.push(Comment {
            post,
            author,
            body: body.into(),
            created_at,
            is_deleted,
        });
    }
}

/// Returns the number of comments on a post: often none, rarely many, more if there are matching ones.
fn comment_count(post: u64, slug: &str, matching: usize) -> usize {
    if POPULAR_POSTS.contains(&slug) {
        return 30;
    }
    let extra = random::below(20, post, 5) as usize;
    match random::below(21, post, 100) {
        0..32 => 0,
        32..74 => matching.min(2),
        74..89 => 1 + matching.min(2),
        89..98 => 1 + extra / 2 + matching.min(5),
        _ => 11 + extra,
    }
}
