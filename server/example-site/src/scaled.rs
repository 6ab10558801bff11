//! An endless stream of people and short posts for large databases: the `n`th is always the same, costs about a
//! microsecond, and needs no other one to be known.

use std::sync::LazyLock;

use crate::bank::TOPICS;
use crate::calendar::{DAY, HOUR, MINUTE, midnight};
use crate::{Role, Status, dice};

/// One person of the endless stream; the fields are those of [`crate::Author`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScaledAuthor {
    /// The name in addresses, unique.
    pub handle: String,
    /// The name as read.
    pub name: String,
    /// An address at `example.com`, unique.
    pub email: String,
    /// A sentence about the person.
    pub bio: String,
    /// Always [`Role::Author`].
    pub role: Role,
    /// When the account was made: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Always false.
    pub deleted: bool,
}

/// One post of the endless stream; the fields are those of [`crate::Post`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScaledPost {
    /// The number of its author, for [`scaled_author`].
    pub author: u64,
    /// Unique.
    pub title: String,
    /// Unique, as in addresses.
    pub slug: String,
    /// One or two sentences of plain text.
    pub excerpt: String,
    /// 200 to 500 bytes of Markdown.
    pub content: String,
    /// [`Status::Published`], but every fiftieth is a [`Status::Draft`].
    pub status: Status,
    /// Always true.
    pub comments_open: bool,
    /// When it appeared, none for a draft: milliseconds since 1970, UTC.
    pub published_at: Option<i64>,
    /// When it was begun: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Always false.
    pub deleted: bool,
    /// Always empty.
    pub earlier_slugs: Vec<String>,
}

const GIVEN: [&str; 24] = [
    "Ada", "Bashir", "Chiara", "Dragan", "Eszter", "Femi", "Greta", "Hiro", "Ishaan", "Jelena",
    "Kofi", "Leila", "Mirela", "Nadia", "Oskar", "Paloma", "Quentin", "Rosa", "Sione", "Tuva",
    "Umar", "Violeta", "Wen", "Zofia",
];
const FAMILY: [&str; 25] = [
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
/// The bytes that a post of the stream may have.
const LENGTH: std::ops::RangeInclusive<usize> = 200..=500;
/// The first day of the stream, and how many milliseconds it covers.
const FIRST: i64 = midnight(2021, 3, 1);
const SPAN: u64 = (midnight(2026, 10, 25) - FIRST).unsigned_abs();

/// What a short post is made from.
struct Short {
    opening: &'static str,
    ending: &'static str,
    excerpt: &'static str,
    titles: Vec<(&'static str, String)>,
}

/// Every opening with every ending of its topic that is not too long with it.
static SHORTS: LazyLock<Vec<Short>> = LazyLock::new(|| {
    let mut shorts = Vec::new();
    for topic in TOPICS.iter() {
        for opening in &topic.openings {
            let excerpt = opening
                .text
                .split_inclusive(['.', '?', '!'])
                .next()
                .unwrap_or(opening.text);
            for ending in topic
                .endings
                .iter()
                .filter(|ending| LENGTH.contains(&(opening.text.len() + 2 + ending.len())))
            {
                let titles = opening
                    .titles
                    .iter()
                    .map(|title| (*title, crate::notes::slug(title)))
                    .collect();
                shorts.push(Short {
                    opening: opening.text,
                    ending,
                    excerpt,
                    titles,
                });
            }
        }
    }
    shorts
});

/// The `n`th person of an endless stream.
pub fn scaled_author(n: u64) -> ScaledAuthor {
    let given = GIVEN[(n % GIVEN.len() as u64) as usize];
    let family = FAMILY[(n % FAMILY.len() as u64) as usize];
    let mut handle = format!("{given}-{n}");
    handle.make_ascii_lowercase();
    let email = format!("{handle}@example.com");
    let topic = &TOPICS[dice::below(30, n, TOPICS.len() as u64) as usize];
    ScaledAuthor {
        handle,
        name: format!("{given} {family}"),
        email,
        bio: format!("Writes about {}.", topic.name.replace('-', " ")),
        role: Role::Author,
        created_at: FIRST - dice::below(31, n, 50 * DAY.unsigned_abs()).cast_signed(),
        deleted: false,
    }
}

/// The `n`th post of an endless stream, written by one of the first `authors` people of [`scaled_author`].
///
/// # Panics
/// When `authors` is zero.
pub fn scaled_post(n: u64, authors: u64) -> ScaledPost {
    let short = &SHORTS[dice::below(40, n, SHORTS.len() as u64) as usize];
    let (title, slug) = &short.titles[(n % short.titles.len() as u64) as usize];
    let is_draft = n % 50 == 49;
    let moment = FIRST + dice::below(41, n, SPAN).cast_signed();
    ScaledPost {
        author: dice::below(42, n, authors),
        title: format!("{title}, no. {n}"),
        slug: format!("{slug}-no-{n}"),
        excerpt: short.excerpt.trim().replace(['*', '`'], ""),
        content: [short.opening, "\n\n", short.ending].concat(),
        status: if is_draft {
            Status::Draft
        } else {
            Status::Published
        },
        comments_open: true,
        published_at: (!is_draft).then_some(moment),
        created_at: moment - MINUTE - dice::below(43, n, 20 * HOUR.unsigned_abs()).cast_signed(),
        deleted: false,
        earlier_slugs: Vec::new(),
    }
}
