//! Every statement, as SQL in each dialect, and how SQLite would run it.

use domain::{Cursor, Direction, Handle, PageRequest, PostId, Search, Slug, Timestamp};
use uuid::Uuid;

use super::{comments, fingerprints, health, posts, sessions, sitemap, users};
use crate::{Dialect, Statement};

/// Every read statement, by name.
fn statements(dialect: Dialect) -> Vec<(&'static str, Statement)> {
    let slug = Slug::parse("a-post").expect("a slug");
    let handle = Handle::parse("ada").expect("a handle");
    let first = PageRequest::first(10);
    let at = |direction| PageRequest {
        limit: 10,
        cursor: Some(Cursor {
            direction,
            at: Timestamp::from_millis(1_700_000_000_000),
            id: Uuid::from_u128(7),
        }),
    };
    let (none, some) = (Search::default(), Search::parse("night tra"));
    let ids = [PostId(Uuid::from_u128(1)), PostId(Uuid::from_u128(2))];
    let mut all = vec![
        (
            "posts::list",
            posts::list_query(dialect, &none, &first).statement,
        ),
        (
            "posts::list older",
            posts::list_query(dialect, &none, &at(Direction::Older)).statement,
        ),
        (
            "posts::list newer",
            posts::list_query(dialect, &none, &at(Direction::Newer)).statement,
        ),
        (
            "posts::list search",
            posts::list_query(dialect, &some, &first).statement,
        ),
        (
            "posts::by_author",
            posts::by_author_query(dialect, &handle, &first).statement,
        ),
        (
            "posts::by_author older",
            posts::by_author_query(dialect, &handle, &at(Direction::Older)).statement,
        ),
        ("posts::feed", posts::feed_query(dialect, None).statement),
        (
            "posts::feed_of",
            posts::feed_query(dialect, Some(&handle)).statement,
        ),
        ("posts::find", posts::find_query(dialect, &slug).statement),
        (
            "posts::neighbour older",
            posts::neighbour_query(dialect, &slug, Direction::Older).statement,
        ),
        (
            "posts::neighbour newer",
            posts::neighbour_query(dialect, &slug, Direction::Newer).statement,
        ),
        (
            "users::list",
            users::list_query(dialect, &none, &first).statement,
        ),
        (
            "users::list older",
            users::list_query(dialect, &none, &at(Direction::Older)).statement,
        ),
        (
            "users::list search",
            users::list_query(dialect, &some, &first).statement,
        ),
        ("users::find", users::find_query(dialect, &handle).statement),
        (
            "comments::of_post",
            comments::of_post_query(dialect, &slug, &first).statement,
        ),
        (
            "comments::of_post older",
            comments::of_post_query(dialect, &slug, &at(Direction::Older)).statement,
        ),
        (
            "comments::post_exists",
            comments::post_exists_query(dialect, &slug).statement,
        ),
        ("health::check", health::check_query(dialect).statement),
        (
            "sessions::find",
            sessions::find_query(dialect, "hash", Timestamp::from_millis(0)).statement,
        ),
        (
            "fingerprints::post",
            fingerprints::post_query(dialect, &slug, &first).statement,
        ),
        (
            "fingerprints::user",
            fingerprints::user_query(dialect, &handle, &first).statement,
        ),
        (
            "fingerprints::feed",
            fingerprints::feed_query(dialect, None).statement,
        ),
        (
            "fingerprints::feed of one",
            fingerprints::feed_query(dialect, Some(&handle)).statement,
        ),
        (
            "sitemap::posts",
            sitemap::posts_query(dialect, &at(Direction::Older)).statement,
        ),
        (
            "sitemap::users",
            sitemap::users_query(dialect, &first).statement,
        ),
    ];
    all.extend(
        posts::by_ids_statements(dialect, &ids)
            .into_iter()
            .map(|one| ("posts::by_ids", one)),
    );
    all
}

#[test]
fn sql_in_each_dialect() {
    for dialect in Dialect::ALL {
        let text: String = statements(dialect)
            .iter()
            .map(|(name, one)| format!("-- {name}\n{}\n{:?}\n\n", one.sql, one.values))
            .collect();
        insta::assert_snapshot!(dialect.name(), text);
    }
}

#[test]
fn no_statement_selects_the_password_or_everything() {
    for dialect in Dialect::ALL {
        for (name, one) in statements(dialect) {
            assert!(!one.sql.contains("password_hash"), "{name}");
            assert!(!one.sql.contains('*'), "{name}");
            assert!(one.values.len() <= 20, "{name}");
        }
    }
}

/// Lists run along an index from where they begin; nothing is scanned or sorted. Search is the exception that the index
/// itself demands: the matches come by row number and are put in order of time.
#[cfg(feature = "sqlite")]
mod explain {
    use futures::executor::block_on;

    use super::*;
    use crate::drivers::sqlite::Sqlite;
    use crate::{Driver, Value, migrate};

    fn plan(sqlite: &Sqlite, statement: &Statement) -> Vec<String> {
        let explained = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            ..statement.clone()
        };
        let rows = block_on(sqlite.read(&[explained]))
            .expect("it can be explained")
            .remove(0);
        rows.cells
            .into_iter()
            .filter_map(|cell| match cell {
                Value::Text(text) => Some(text),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn no_full_scan_and_no_temporary_sort() {
        let sqlite = Sqlite::in_memory().expect("memory");
        block_on(migrate::apply(&sqlite, migrate::SQLITE)).expect("the migrations apply");
        let mut report = String::new();
        for (name, statement) in statements(Dialect::Sqlite) {
            let steps = plan(&sqlite, &statement);
            let is_search = name.ends_with("search");
            for step in &steps {
                let scans = step.starts_with("SCAN")
                    && !step.contains("INDEX")
                    && !step.contains("VIRTUAL TABLE");
                // json_each is the list of ids itself, `part` what a select before it has found.
                let is_found = step.contains("json_each") || step == "SCAN part";
                assert!(!scans || is_found, "{name}: {steps:?}");
                assert!(
                    is_search || !step.contains("TEMP B-TREE"),
                    "{name}: {steps:?}"
                );
            }
            report.push_str(&format!("-- {name}\n{}\n\n", steps.join("\n")));
        }
        insta::assert_snapshot!("plans", report);
    }
}
