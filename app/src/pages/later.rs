//! Later pages of a list: the one address and the title of each.

use domain::{Cursor, Direction, PageRequest, Timestamp};
use uuid::Uuid;

use crate::address;
use crate::paging::ROWS;

/// A request for the rows newer than a cursor, and for one more, next to which the page of older rows begins that has the
/// same rows. None for all other requests: those have the page's one address.
pub(super) fn newer(page: &PageRequest) -> Option<PageRequest> {
    (page.direction() == Direction::Newer).then_some(PageRequest {
        limit: ROWS + 1,
        cursor: page.cursor,
    })
}

/// The one address of a page that was asked for by [`newer`]; that of the list, if there is nothing newer. `place` is where
/// the first of its rows stands.
pub(super) fn address(
    path: &str,
    query: &str,
    rows: usize,
    place: Option<(Timestamp, Uuid)>,
) -> String {
    let cursor = place.filter(|_| rows > ROWS).map(|(at, id)| Cursor {
        direction: Direction::Older,
        at,
        id,
    });
    let cursor = cursor.map(|cursor| cursor.to_string());
    address::list(path, query, "cursor", &cursor.unwrap_or_default())
}

/// The title of a page of the list `title`: a later one says before which day its rows are, and before which time of that day,
/// if the list has yet another page before the same day.
pub(super) fn title(title: &str, cursor: Option<Cursor>, older: Option<Cursor>) -> String {
    let Some(Cursor { at, .. }) = cursor else {
        return title.to_owned();
    };
    let day = at.day();
    let goes_on = older.is_some_and(|older| older.at.day() == day);
    let time = at.rfc3339();
    match time.get(11..19).filter(|_| goes_on) {
        Some(time) => format!("{title} before {day}, {time} UTC"),
        None => format!("{title} before {day}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(millis: i64) -> Cursor {
        Cursor {
            direction: Direction::Older,
            at: Timestamp::from_millis(millis),
            id: Uuid::nil(),
        }
    }

    #[test]
    fn pages_of_one_day_have_titles_of_their_own() {
        const HOUR: i64 = 3_600_000;
        assert_eq!(title("Posts", None, Some(cursor(0))), "Posts");
        for (at, older, expected) in [
            (25 * HOUR, Some(2 * HOUR), "Posts before 2 January 1970"),
            (25 * HOUR, None, "Posts before 2 January 1970"),
            (
                3 * HOUR,
                Some(2 * HOUR),
                "Posts before 1 January 1970, 03:00:00 UTC",
            ),
            (2 * HOUR, None, "Posts before 1 January 1970"),
        ] {
            assert_eq!(
                title("Posts", Some(cursor(at)), older.map(cursor)),
                expected
            );
        }
    }
}
