//! Others that write while a database is restored: they come before it, wait for its end, or are refused; nothing is mixed.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use db::queries::insert;
use db::{DbError, Dialect, Statement};
use db_cli::dump::{Existing, Reporter, Restore, restore};
use domain::UserId;
use uuid::Uuid;

use super::support::{
    Folder, client, database, everything, exported, fill, native, restored, site, tables,
};

/// Statements of the other one: a new row, new values in every row, and the end of every row.
fn writes(dialect: Dialect) -> [Vec<Statement>; 3] {
    let mut user = site().users.remove(0);
    user.id = UserId(Uuid::from_u128(77));
    user.handle = "somebody-late".to_owned();
    user.email = "somebody-late@example.com".to_owned();
    [
        insert(dialect, &[user]),
        vec![Statement::plain("UPDATE comments SET body = 'late'")],
        vec![Statement::plain("DELETE FROM comments")],
    ]
}

/// Restores, and lets another connection write as soon as a line of progress begins with `at`. Returns how both ended.
async fn with_writer(
    url: &str,
    file: &std::path::Path,
    at: &str,
    write: &[Statement],
) -> (Result<(), String>, Result<(), DbError>) {
    let writer: Mutex<Option<JoinHandle<Result<(), DbError>>>> = Mutex::default();
    let line = |line: &str| {
        let mut writer = writer.lock().unwrap();
        if writer.is_some() || !line.starts_with(at) {
            return;
        }
        let (url, write) = (url.to_owned(), write.to_vec());
        let (begins, has_begun) = channel();
        *writer = Some(thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                begins.send(()).unwrap();
                client(&url).write(&write).await.map(drop)
            })
        }));
        has_begun.recv().unwrap();
    };
    let wanted = Restore {
        url: &native(url),
        tables: tables(),
        file,
        existing: Existing::Replace,
    };
    let reporter = Reporter {
        interval: Duration::ZERO,
        line: &line,
    };
    let done = restore(&wanted, reporter).await;
    let done = done.map(drop).map_err(|error| format!("{error:#}"));
    let writer = writer.into_inner().unwrap();
    (done, writer.expect("the line came").join().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_meanwhile_is_before_or_after() {
    let folder = Folder::new("writers");
    let source = database(Dialect::Sqlite, &folder, "writers_source").await;
    fill(&source).await;
    let file = folder.path("dump.zip");
    exported(&source, &file, false).await.unwrap();
    let whole = everything(&source).await;
    for dialect in Dialect::ALL {
        let url = database(dialect, &folder, &format!("writers_{}", dialect.name())).await;
        for write in writes(dialect) {
            restored(&url, &file, Existing::Replace).await.unwrap();
            client(&url).write(&write).await.unwrap();
            let after = everything(&url).await;
            for at in ["writing users: 1 ", "comparing users: "] {
                let (done, written) = with_writer(&url, &file, at, &write).await;
                done.unwrap();
                let there = everything(&url).await;
                // In one order or the other: before all rows were replaced, or on those of the dump.
                let is_one_after_the_other = there == whole || written.is_ok() && there == after;
                assert!(
                    is_one_after_the_other,
                    "{dialect:?}, {at}, {}: {written:?}",
                    write[0].sql
                );
            }
        }
    }
}
