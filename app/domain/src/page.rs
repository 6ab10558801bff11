//! Paging by keyset: newest first, the id breaks ties.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::Timestamp;

/// The side of its cursor on which a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Older than the cursor: the way "more" goes.
    Older,
    /// Newer than the cursor: the way back.
    Newer,
}

/// A place in a list: the time and the id of the row next to which a page begins.
///
/// As text it is opaque, short and safe in an address: direction, time and id in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The side of the row on which the page lies.
    pub direction: Direction,
    /// The row's time.
    pub at: Timestamp,
    /// The row's id.
    pub id: Uuid,
}

/// A request for a page that is not valid, as a sentence for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidPageRequest {
    /// The site did not make this cursor.
    Cursor,
    /// The limit is not a number from 1 to 100.
    Limit,
}

impl fmt::Display for InvalidPageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cursor => "This cursor is not valid. Start again without one.",
            Self::Limit => "limit is a number from 1 to 100.",
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.direction {
            Direction::Older => 'o',
            Direction::Newer => 'n',
        };
        let millis = self.at.as_millis();
        let sign = if millis < 0 { "-" } else { "" };
        let id = self.id.simple();
        write!(f, "{side}{sign}{:x}.{id}", millis.unsigned_abs())
    }
}

impl Cursor {
    /// Reads what [`Cursor`]'s `Display` wrote.
    ///
    /// # Errors
    /// [`InvalidPageRequest::Cursor`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidPageRequest> {
        let read = || {
            let direction = match text.as_bytes().first()? {
                b'o' => Direction::Older,
                b'n' => Direction::Newer,
                _ => return None,
            };
            let (millis, id) = text.get(1..)?.split_once('.')?;
            let cursor = Self {
                direction,
                at: Timestamp::from_millis(i64::from_str_radix(millis, 16).ok()?),
                id: Uuid::try_parse(id).ok()?,
            };
            (cursor.to_string() == text).then_some(cursor)
        };
        read().ok_or(InvalidPageRequest::Cursor)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A request for one page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Most rows of the page: 1 to 100.
    pub limit: usize,
    /// The row next to which the page begins; `None` for the first page.
    pub cursor: Option<Cursor>,
}

impl PageRequest {
    /// Most rows that a page may have.
    pub const MAX: usize = 100;

    /// The first page of `limit` rows; the limit is kept within 1 to 100.
    pub fn first(limit: usize) -> Self {
        Self {
            limit: limit.clamp(1, Self::MAX),
            cursor: None,
        }
    }

    /// A page from the text of an address: `cursor` and `limit`, both optional; an empty one counts as none.
    ///
    /// # Errors
    /// [`InvalidPageRequest`] for a bad cursor or limit.
    pub fn parse(
        cursor: Option<&str>,
        limit: Option<&str>,
        default: usize,
    ) -> Result<Self, InvalidPageRequest> {
        let cursor = cursor
            .filter(|text| !text.is_empty())
            .map(Cursor::parse)
            .transpose()?;
        let limit = match limit.filter(|text| !text.is_empty()) {
            None => default,
            Some(text) => text
                .parse()
                .ok()
                .filter(|n| (1..=Self::MAX).contains(n))
                .ok_or(InvalidPageRequest::Limit)?,
        };
        Ok(Self { limit, cursor })
    }

    /// The side of the cursor on which the page lies; the first page counts as older.
    pub fn direction(&self) -> Direction {
        self.cursor
            .map_or(Direction::Older, |cursor| cursor.direction)
    }
}

/// One page of rows, newest first, with cursors for its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The cursor of the newer page, if there is one.
    pub newer: Option<Cursor>,
    /// The cursor of the older page, if there is one.
    pub older: Option<Cursor>,
    /// The number of rows that a search found on all pages, counted up to one more than
    /// [`Search::MAX_COUNTED`](crate::Search::MAX_COUNTED); `None` where nothing was searched for: without a search, and for one of signs alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
}

impl<T> Page<T> {
    /// Makes a page of rows that a query returned in the page's direction, with a limit one row higher than
    /// [`PageRequest::limit`]: the extra row tells that the list goes on, and is dropped.
    pub fn new(
        mut rows: Vec<T>,
        page: &PageRequest,
        key: impl Fn(&T) -> (Timestamp, Uuid),
    ) -> Self {
        let goes_on = rows.len() > page.limit;
        rows.truncate(page.limit);
        if page.direction() == Direction::Newer {
            rows.reverse();
        }
        let (more_newer, more_older) = match page.direction() {
            Direction::Older => (page.cursor.is_some(), goes_on),
            Direction::Newer => (goes_on, page.cursor.is_some()),
        };
        let at =
            |row: Option<&T>, direction| row.map(&key).map(|(at, id)| Cursor { direction, at, id });
        Self {
            newer: at(rows.first(), Direction::Newer).filter(|_| more_newer),
            older: at(rows.last(), Direction::Older).filter(|_| more_older),
            rows,
            total: None,
        }
    }

    /// Adds how many rows a search found.
    #[must_use]
    pub fn with_total(self, total: u32) -> Self {
        Self {
            total: Some(total),
            ..self
        }
    }

    /// Converts the rows and keeps the cursors.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(change).collect(),
            newer: self.newer,
            older: self.older,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(n: &i64) -> (Timestamp, Uuid) {
        (Timestamp::from_millis(*n), Uuid::nil())
    }

    #[test]
    fn the_extra_row_tells_that_the_list_goes_on() {
        let first = Page::new(vec![9, 8, 7], &PageRequest::first(2), key);
        assert_eq!(first.rows, [9, 8]);
        assert_eq!(first.newer, None);
        let older = first.older.expect("goes on");
        assert_eq!(
            (older.direction, older.at.as_millis()),
            (Direction::Older, 8)
        );

        let last = Page::new(
            vec![7],
            &PageRequest {
                limit: 2,
                cursor: Some(older),
            },
            key,
        );
        assert_eq!(
            (last.older, last.newer.map(|c| c.at.as_millis())),
            (None, Some(7))
        );
    }

    #[test]
    fn a_newer_page_is_turned_round() {
        let cursor = Cursor {
            direction: Direction::Newer,
            at: Timestamp::from_millis(5),
            id: Uuid::nil(),
        };
        let page = Page::new(
            vec![6, 7, 8],
            &PageRequest {
                limit: 2,
                cursor: Some(cursor),
            },
            key,
        );
        assert_eq!(page.rows, [7, 6]);
        assert_eq!(page.newer.map(|c| c.at.as_millis()), Some(7));
        assert_eq!(page.older.map(|c| c.at.as_millis()), Some(6));
    }

    #[test]
    fn limits_and_cursors_from_addresses() {
        assert_eq!(
            PageRequest::parse(None, None, 10),
            Ok(PageRequest::first(10))
        );
        assert_eq!(
            PageRequest::parse(Some(""), Some(""), 10),
            Ok(PageRequest::first(10))
        );
        for limit in ["0", "101", "-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(
                PageRequest::parse(None, Some(limit), 10),
                Err(InvalidPageRequest::Limit),
                "{limit}"
            );
        }
        for cursor in [
            "x",
            "o",
            "o1",
            "o1.",
            "oz.00",
            "p1.00000000000000000000000000000000",
            "o+1.00000000000000000000000000000000",
            "o-0.00000000000000000000000000000000",
            "o--1.00000000000000000000000000000000",
            "o01.00000000000000000000000000000000",
            "o7fffffffffffffff.00000000000000000000000000000000",
            "o-8000000000000000.00000000000000000000000000000000",
            "offffffffffffffff.00000000000000000000000000000000",
        ] {
            assert_eq!(
                PageRequest::parse(Some(cursor), None, 10),
                Err(InvalidPageRequest::Cursor),
                "{cursor}"
            );
        }
    }

    #[test]
    fn cursors_of_every_age_are_read_back() {
        for (millis, text) in [
            (-1, "o-1.00000000000000000000000000000007"),
            (-86_400_000, "o-5265c00.00000000000000000000000000000007"),
            (0, "o0.00000000000000000000000000000007"),
            // The last second that 32 bits hold, and the next.
            (
                2_147_483_647_000,
                "o1f3fffffc18.00000000000000000000000000000007",
            ),
            (
                2_147_483_648_000,
                "o1f400000000.00000000000000000000000000000007",
            ),
        ] {
            let at = Timestamp::from_millis(millis);
            let (direction, id) = (Direction::Older, Uuid::from_u128(7));
            let cursor = Cursor { direction, at, id };
            assert_eq!(cursor.to_string(), text);
            assert_eq!(Cursor::parse(text), Ok(cursor));
        }
    }

    proptest! {
        #[test]
        fn cursors_round_trip(millis in -400_000_000_000_000i64..300_000_000_000_000, near in -1000i64..1000, id: u128, newer: bool) {
            let direction = if newer { Direction::Newer } else { Direction::Older };
            for millis in [millis, near] {
                let cursor = Cursor { direction, at: Timestamp::from_millis(millis), id: Uuid::from_u128(id) };
                prop_assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
                let page = PageRequest::parse(Some(&cursor.to_string()), None, 10);
                prop_assert_eq!(page.map(|page| page.cursor), Ok(Some(cursor)));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = Cursor::parse(&text);
        }
    }
}
