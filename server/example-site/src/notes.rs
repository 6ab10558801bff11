//! Short notes composed from the bank: an opening, a middle and an ending of one topic under one of the opening's titles.

use std::collections::HashSet;

use crate::bank::{TOPICS, Topic};
use crate::calendar::{DAY, HOUR, MINUTE, midnight};
use crate::handwritten::Piece;
use crate::{Post, Status, authors, dice};

/// The first day on which a note may appear.
const FIRST: i64 = midnight(2021, 3, 8);
/// The last one.
const LAST: i64 = midnight(2026, 10, 24);
/// The bytes that an excerpt should not exceed.
const EXCERPT: usize = 190;
/// UTC hours at which people publish: early, at lunch, and in the evening most of all.
const HOURS: [i64; 12] = [5, 6, 7, 9, 11, 12, 16, 18, 19, 20, 20, 21];

/// The first `count` notes. Neighbours differ in topic; any two share at most one paragraph.
pub(crate) fn notes(count: usize) -> Vec<Piece> {
    let mut notes: Vec<Piece> = Vec::with_capacity(count);
    let mut taken = HashSet::new();
    for n in 0..count {
        let mut note = note(n, count, &mut taken);
        // Now and then two posts appear in the very same millisecond, as imports and schedulers do.
        if n % 37 == 36
            && let Some(earlier) = notes.last().map(|piece| &piece.post)
            && note.post.published_at.is_some()
            && earlier.status == Status::Published
        {
            note.post.published_at = earlier.published_at;
            note.post.created_at = earlier.created_at;
        }
        notes.push(note);
    }
    notes
}

fn note(n: usize, count: usize, taken: &mut HashSet<&'static str>) -> Piece {
    let seed = n as u64;
    let (topic, title, paragraphs) = paragraphs(n);
    let (created_at, status, published_at) = fate(n, count);
    let post = Post {
        author: authors::index(topic.authors[n / TOPICS.len() % topic.authors.len()]),
        title: title.into(),
        slug: slug(title),
        excerpt: excerpt(n, paragraphs, taken).replace(['*', '`'], ""),
        content: paragraphs.join("\n\n"),
        status,
        comments_open: dice::below(11, seed, 25) != 0,
        published_at,
        created_at,
        deleted: n % 31 == 17,
        earlier_slugs: Vec::new(),
    };
    Piece {
        post,
        voice: topic.name,
    }
}

/// Topic, title and paragraphs of the `n`th note. With `use_` counting the uses of one opening, middles advance by one
/// and endings by the opening's own place plus one: no pair of paragraphs comes twice as long as `use_` stays below
/// their number.
fn paragraphs(n: usize) -> (&'static Topic, &'static str, [&'static str; 3]) {
    let topic = &TOPICS[n % TOPICS.len()];
    let n = n / TOPICS.len();
    let (place, use_) = (n % topic.openings.len(), n / topic.openings.len());
    let opening = &topic.openings[place];
    let middle = topic.middles[(place + use_) % topic.middles.len()];
    let ending = topic.endings[(2 * place + use_) % topic.endings.len()];
    (topic, opening.titles[use_], [opening.text, middle, ending])
}

/// When it was begun, what became of it, and when it appears.
fn fate(n: usize, count: usize) -> (i64, Status, Option<i64>) {
    let seed = n as u64;
    let days = (LAST - FIRST) / DAY;
    let day = days * n as i64 / count as i64 + dice::below(12, seed, 41).cast_signed() - 20;
    let hour = HOURS[dice::below(13, seed, HOURS.len() as u64) as usize];
    let moment = FIRST
        + day.clamp(0, days) * DAY
        + hour * HOUR
        + dice::below(14, seed, HOUR.unsigned_abs()).cast_signed();
    let begun = moment - 20 * MINUTE - dice::below(15, seed, 3 * DAY.unsigned_abs()).cast_signed();
    match n {
        _ if n % 12 == 5 => (begun, Status::Draft, None),
        _ if n % 16 == 10 => (begun, Status::Archived, Some(moment)),
        _ if n % 71 == 33 => (
            begun,
            Status::Scheduled,
            Some(midnight(2035, 4, 2) + n as i64 % 200 * DAY + hour * HOUR),
        ),
        _ => (begun, Status::Published, Some(moment)),
    }
}

/// A few whole sentences of the note that no earlier note shows, so that no two look the same in a list: the beginning
/// or the end of the opening or of the middle, another of the four for each use of the opening.
fn excerpt(
    n: usize,
    [opening, middle, ending]: [&'static str; 3],
    taken: &mut HashSet<&'static str>,
) -> &'static str {
    let use_ = n / TOPICS.len() / TOPICS[n % TOPICS.len()].openings.len();
    let mut candidates = [last(middle), last(opening), first(middle), first(opening)];
    candidates.rotate_left(use_ % 4);
    let sentences = opening.split_inclusive(". ").map(str::trim);
    candidates
        .into_iter()
        .chain([ending])
        .chain(sentences.filter(|sentence| sentence.len() > 40))
        .find(|text| !text.ends_with(':') && taken.insert(text))
        .unwrap_or_else(|| first(opening))
}

/// The whole sentences at the beginning of a text, as many as fit an excerpt, at least one.
fn first(text: &'static str) -> &'static str {
    let prose = prose(text);
    let fits = |end: &usize| *end <= EXCERPT;
    let end = ends(prose)
        .take_while(fits)
        .last()
        .or_else(|| ends(prose).next());
    prose[..end.unwrap_or(prose.len())].trim()
}

/// The whole sentences at the end of a text, as many as fit an excerpt, at least one.
fn last(text: &'static str) -> &'static str {
    let prose = prose(text);
    let starts: Vec<usize> = [0]
        .into_iter()
        .chain(ends(prose).filter(|end| *end < prose.len()))
        .collect();
    let start = starts
        .iter()
        .find(|start| prose.len() - **start <= EXCERPT)
        .or(starts.last());
    prose[*start.unwrap_or(&0)..].trim()
}

/// The first block of a text, without a list, table or code that may follow.
fn prose(text: &'static str) -> &'static str {
    text.split("\n\n").next().unwrap_or(text)
}

/// Where sentences end: after a full stop or its like that is followed by a space or nothing.
fn ends(prose: &str) -> impl Iterator<Item = usize> {
    let is_end = |at: &usize| prose[*at..].is_empty() || prose[*at..].starts_with(' ');
    prose
        .match_indices(['.', '?', '!'])
        .map(|(at, _)| at + 1)
        .filter(is_end)
}

/// A title as an address: words of lower-case letters and digits, joined by hyphens.
pub(crate) fn slug(title: &str) -> String {
    let plain = title.to_lowercase().replace('’', "");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}
