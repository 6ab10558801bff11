//! Generated short posts: an opening, a middle and an ending of one topic, under one of the opening's titles.

use std::collections::HashSet;

use crate::calendar::{DAY, HOUR, MINUTE, midnight};
use crate::handwritten::ThemedPost;
use crate::topics::{TOPICS, Topic};
use crate::{Post, Status, authors, random};

const FIRST_DAY: i64 = midnight(2021, 3, 8);
const LAST_DAY: i64 = midnight(2026, 10, 24);
const MAX_EXCERPT_BYTES: usize = 190;
/// UTC hours of publication: early, at lunch, and mostly in the evening.
const PUBLISHING_HOURS: [i64; 12] = [5, 6, 7, 9, 11, 12, 16, 18, 19, 20, 20, 21];

/// Generates `count` posts. Neighbours differ in topic; any two share at most one paragraph.
pub(crate) fn short_posts(count: usize) -> Vec<ThemedPost> {
    let mut short_posts: Vec<ThemedPost> = Vec::with_capacity(count);
    let mut used = HashSet::new();
    for n in 0..count {
        let mut short_post = short_post(n, count, &mut used);
        // Some pairs of posts share a timestamp, as they do after imports and scheduled runs.
        if n % 37 == 36
            && let Some(earlier) = short_posts.last().map(|themed| &themed.post)
            && short_post.post.published_at.is_some()
            && earlier.status == Status::Published
        {
            short_post.post.published_at = earlier.published_at;
            short_post.post.created_at = earlier.created_at;
        }
        short_posts.push(short_post);
    }
    short_posts
}

fn short_post(n: usize, count: usize, used: &mut HashSet<&'static str>) -> ThemedPost {
    let seed = n as u64;
    let (topic, title, paragraphs) = paragraphs(n);
    let (created_at, status, published_at) = schedule(n, count);
    let post = Post {
        author: authors::index_of(topic.authors[n / TOPICS.len() % topic.authors.len()]),
        title: title.into(),
        slug: slug(title),
        excerpt: excerpt(n, paragraphs, used).replace(['*', '`'], ""),
        content: paragraphs.join("\n\n"),
        status,
        comments_open: random::below(11, seed, 25) != 0,
        published_at,
        created_at,
        is_deleted: n % 31 == 17,
        earlier_slugs: Vec::new(),
    };
    ThemedPost {
        post,
        theme: topic.name,
    }
}

/// Returns topic, title and paragraphs of the `n`th post. Each round uses every opening once; middles advance by one and
/// endings by the opening's index plus one, so that no pair of paragraphs repeats while there are fewer rounds than
/// paragraphs.
fn paragraphs(n: usize) -> (&'static Topic, &'static str, [&'static str; 3]) {
    let topic = &TOPICS[n % TOPICS.len()];
    let n = n / TOPICS.len();
    let (index, round) = (n % topic.openings.len(), n / topic.openings.len());
    let opening = &topic.openings[index];
    let middle = topic.middles[(index + round) % topic.middles.len()];
    let ending = topic.endings[(2 * index + round) % topic.endings.len()];
    (topic, opening.titles[round], [opening.text, middle, ending])
}

/// Returns the time of creation, the status and the time of publication of the `n`th post.
fn schedule(n: usize, count: usize) -> (i64, Status, Option<i64>) {
    let seed = n as u64;
    let days = (LAST_DAY - FIRST_DAY) / DAY;
    let day = days * n as i64 / count as i64 + random::below(12, seed, 41).cast_signed() - 20;
    let hour = PUBLISHING_HOURS[random::below(13, seed, PUBLISHING_HOURS.len() as u64) as usize];
    let published_at = FIRST_DAY
        + day.clamp(0, days) * DAY
        + hour * HOUR
        + random::below(14, seed, HOUR.unsigned_abs()).cast_signed();
    let created_at =
        published_at - 20 * MINUTE - random::below(15, seed, 3 * DAY.unsigned_abs()).cast_signed();
    match n {
        _ if n % 12 == 5 => (created_at, Status::Draft, None),
        _ if n % 16 == 10 => (created_at, Status::Archived, Some(published_at)),
        _ if n % 71 == 33 => (
            created_at,
            Status::Scheduled,
            Some(midnight(2035, 4, 2) + n as i64 % 200 * DAY + hour * HOUR),
        ),
        _ => (created_at, Status::Published, Some(published_at)),
    }
}

/// Picks whole sentences that no earlier post uses as its excerpt, so that no two look the same in a list: the start or
/// the end of the opening or of the middle, another of the four in each round.
fn excerpt(
    n: usize,
    [opening, middle, ending]: [&'static str; 3],
    used: &mut HashSet<&'static str>,
) -> &'static str {
    let round = n / TOPICS.len() / TOPICS[n % TOPICS.len()].openings.len();
    let mut candidates = [
        last_sentences(middle),
        last_sentences(opening),
        first_sentences(middle),
        first_sentences(opening),
    ];
    candidates.rotate_left(round % 4);
    let sentences = opening.split_inclusive(". ").map(str::trim);
    candidates
        .into_iter()
        .chain([ending])
        .chain(sentences.filter(|sentence| sentence.len() > 40))
        .find(|text| !text.ends_with(':') && used.insert(text))
        .unwrap_or_else(|| first_sentences(opening))
}

/// Returns whole sentences from the start of a text, as many as fit an excerpt, at least one.
fn first_sentences(text: &'static str) -> &'static str {
    let first_block = first_block(text);
    let fits = |end: &usize| *end <= MAX_EXCERPT_BYTES;
    let end = sentence_ends(first_block)
        .take_while(fits)
        .last()
        .or_else(|| sentence_ends(first_block).next());
    first_block[..end.unwrap_or(first_block.len())].trim()
}

/// Returns whole sentences from the end of a text, as many as fit an excerpt, at least one.
fn last_sentences(text: &'static str) -> &'static str {
    let first_block = first_block(text);
    let starts: Vec<usize> = [0]
        .into_iter()
        .chain(sentence_ends(first_block).filter(|end| *end < first_block.len()))
        .collect();
    let start = starts
        .iter()
        .find(|start| first_block.len() - **start <= MAX_EXCERPT_BYTES)
        .or(starts.last());
    first_block[*start.unwrap_or(&0)..].trim()
}

/// Returns the first block of a text, without lists, tables or code that may follow.
fn first_block(text: &'static str) -> &'static str {
    text.split("\n\n").next().unwrap_or(text)
}

/// Finds the ends of sentences: after ".", "?" or "!", before a space or the end of the text.
fn sentence_ends(first_block: &str) -> impl Iterator<Item = usize> {
    let is_end = |at: &usize| first_block[*at..].is_empty() || first_block[*at..].starts_with(' ');
    first_block
        .match_indices(['.', '?', '!'])
        .map(|(at, _)| at + 1)
        .filter(is_end)
}

/// Converts a title to a slug: words of lower-case letters and digits, joined by hyphens.
pub(crate) fn slug(title: &str) -> String {
    let plain = title.to_lowercase().replace('’', "");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}
