//! Bulk data for large databases: an unlimited number of authors and template posts. Each is a function of its number alone,
//! and takes about a microsecond.

use std::sync::LazyLock;

use crate::calendar::{DAY, HOUR, MINUTE, midnight};
use crate::topics::TOPICS;
use crate::{Role, Status, random};

/// A bulk author, with the fields of [`crate::Author`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BulkAuthor {
    /// Unique name in URLs.
    pub handle: String,
    /// Display name.
    pub name: String,
    /// Unique email address at `example.com`.
    pub email: String,
    /// One sentence about the author.
    pub bio: String,
    /// Always [`Role::Author`].
    pub role: Role,
    /// Time of registration: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Always false.
    pub is_deleted: bool,
}

/// A bulk post, with the fields of [`crate::Post`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BulkPost {
    /// Number of its author, see [`bulk_author`].
    pub author: u64,
    /// Unique title.
    pub title: String,
    /// Unique name in URLs.
    pub slug: String,
    /// One or two sentences of plain text.
    pub excerpt: String,
    /// Text in Markdown, 200 to 500 bytes.
    pub content: String,
    /// [`Status::Published`], except every 50th, which is a [`Status::Draft`].
    pub status: Status,
    /// Always true.
    pub comments_open: bool,
    /// Time of publication, `None` for a draft: milliseconds since 1970, UTC.
    pub published_at: Option<i64>,
    /// Time of creation: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Always false.
    pub is_deleted: bool,
    /// Always empty.
    pub earlier_slugs: Vec<String>,
}

const GIVEN_NAMES: [&str; 24] = [
    "Ada", "Bashir", "Chiara", "Dragan", "Eszter", "Femi", "Greta", "Hiro", "Ishaan", "Jelena",
    "Kofi", "Leila", "Mirela", "Nadia", "Oskar", "Paloma", "Quentin", "Rosa", "Sione", "Tuva",
    "Umar", "Violeta", "Wen", "Zofia",
];
const FAMILY_NAMES: [&str; 25] = [
    "Abara",
    "Bergfalk",
    "Castellano",
    "Dimov",
    "Engelsma",
    "Farouki",
    "Grabowiec",
    "Hallstrand",
    "Imaizumi",
    "Jankauskas",
    "Kaplani",
    "Lindgaard",
    "Makoare",
    "Nordahl",
    "Okonjo",
    "Pellerin",
    "Quiroga",
    "Rautio",
    "Sarkany",
    "Tamihana",
    "Urbanek",
    "Vasconcel",
    "Wadekar",
    "Yilmazer",
    "Zubiri",
];
/// Allowed content length in bytes.
const CONTENT_BYTES: std::ops::RangeInclusive<usize> = 200..=500;
/// Publication times lie within `SPAN` milliseconds after this.
const START: i64 = midnight(2021, 3, 1);
const SPAN: u64 = (midnight(2026, 10, 25) - START).unsigned_abs();

/// Paragraphs of a post, with its possible titles and slugs.
struct PostTemplate {
    opening: &'static str,
    ending: &'static str,
    excerpt: &'static str,
    titles: Vec<(&'static str, String)>,
}

/// All pairs of an opening and an ending of one topic that have an allowed length.
static TEMPLATES: LazyLock<Vec<PostTemplate>> =
    LazyLock::new(|| {
        let mut templates = Vec::new();
        for topic in TOPICS.iter() {
            for opening in &topic.openings {
                let excerpt = opening
                    .text
                    .split_inclusive(['.', '?', '!'])
                    .next()
                    .unwrap_or(opening.text);
                for ending in topic.endings.iter().filter(|ending| {
                    CONTENT_BYTES.contains(&(opening.text.len() + 2 + ending.len()))
                }) {
                    let titles = opening
                        .titles
                        .iter()
                        .map(|title| (*title, crate::short_posts::slug(title)))
                        .collect();
                    templates.push(PostTemplate {
                        opening: opening.text,
                        ending,
                        excerpt,
                        titles,
                    });
                }
            }
        }
        templates
    });

/// Generates the `n`th bulk author.
pub fn bulk_author(n: u64) -> BulkAuthor {
    let given = GIVEN_NAMES[(n % GIVEN_NAMES.len() as u64) as usize];
    let family = FAMILY_NAMES[(n % FAMILY_NAMES.len() as u64) as usize];
    let mut handle = format!("{given}-{n}");
    handle.make_ascii_lowercase();
    let email = format!("{handle}@example.com");
    let topic = &TOPICS[random::below(30, n, TOPICS.len() as u64) as usize];
    BulkAuthor {
        handle,
        name: format!("{given} {family}"),
        email,
        bio: format!("Writes about {}.", topic.name.replace('-', " ")),
        role: Role::Author,
        created_at: START - random::below(31, n, 50 * DAY.unsigned_abs()).cast_signed(),
        is_deleted: false,
    }
}

/// Generates the `n`th bulk post, by one of the first `authors` authors of [`bulk_author`].
///
/// # Panics
/// When `authors` is zero.
pub fn bulk_post(n: u64, authors: u64) -> BulkPost {
    let template = &TEMPLATES[random::below(40, n, TEMPLATES.len() as u64) as usize];
    let (title, slug) = &template.titles[(n % template.titles.len() as u64) as usize];
    let is_draft = n % 50 == 49;
    let published_at = START + random::below(41, n, SPAN).cast_signed();
    BulkPost {
        author: random::below(42, n, authors),
        title: format!("{title}, no. {n}"),
        slug: format!("{slug}-no-{n}"),
        excerpt: template.excerpt.trim().replace(['*', '`'], ""),
        content: [template.opening, "\n\n", template.ending].concat(),
        status: if is_draft {
            Status::Draft
        } else {
            Status::Published
        },
        comments_open: true,
        published_at: (!is_draft).then_some(published_at),
        created_at: published_at
            - MINUTE
            - random::below(43, n, 20 * HOUR.unsigned_abs()).cast_signed(),
        is_deleted: false,
        earlier_slugs: Vec::new(),
    }
}
