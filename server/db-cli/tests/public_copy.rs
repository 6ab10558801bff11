//! The public copy shows what its source shows.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::queries::{fingerprints, public_copy, users};
use db::schema::TABLES;
use db::{Db, migrate};
use domain::{Handle, PageRequest};
use futures::executor::block_on;

fn empty() -> Db {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    block_on(migrate::apply(&sqlite, migrate::SQLITE)).unwrap();
    Db::new(SqliteConnector::Open(sqlite))
}

/// Posts whose time is still to come are not copied: the number of an author's posts is the same without them.
#[test]
fn a_page_of_the_copy_is_that_of_its_source() {
    const PUBLIC: [&str; 4] = ["users", "posts", "post_slugs", "comments"];
    let (source, copy) = (empty(), empty());
    let rows = db_cli::example_rows();
    block_on(source.write(&rows.inserts(source.dialect()))).unwrap();
    let tables = TABLES.iter().filter(|table| PUBLIC.contains(&table.name));
    block_on(public_copy::run(&source, &copy, tables)).unwrap();

    let (mut with_coming_posts, page) = (0, PageRequest::first(10));
    for user in rows.users.iter().filter(|user| user.deleted_at.is_none()) {
        let handle = Handle::parse(&user.handle).unwrap();
        let [there, here] = [&source, &copy].map(|db| block_on(users::find(db, &handle)).unwrap());
        assert_eq!(there, here);
        let shown = there.unwrap().post_count;
        with_coming_posts += i64::from(shown < user.post_count);
        let [there, here] =
            [&source, &copy].map(|db| block_on(fingerprints::user(db, &handle, &page)).unwrap());
        assert_eq!(there, here, "{handle}");
    }
    assert!(with_coming_posts > 0);
}
