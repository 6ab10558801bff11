//! The hourly job, by hand: everything that is due is done, however many runs it takes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, Statement, Value, migrate};
use db_cli::{clean_up, insert_example};
use domain::Timestamp;

#[tokio::test]
async fn everything_that_is_due_is_done() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let db = Db::new(SqliteConnector::Open(sqlite));
    insert_example(&db).await.unwrap();
    let now = Timestamp::from_millis(1_800_000_000_000);
    let before = [
        // More than one run erases, of both kinds.
        "UPDATE users SET erase_at = 1800000000000, keeps_posts = handle > 'm' \
         WHERE handle IN (SELECT handle FROM users WHERE deleted_at IS NULL ORDER BY handle LIMIT 3) \
         OR handle IN (SELECT handle FROM users WHERE deleted_at IS NULL ORDER BY handle DESC LIMIT 2)",
        "UPDATE users SET erase_at = 1800000000001 WHERE handle = 'ines-carvalho'",
        // More than one run deletes.
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1201) \
         INSERT INTO codes (id, purpose, email, code_hash, browser_hash, attempts, expires_at, created_at) \
         SELECT printf('%036d', n), 'sign_in', 'a@example.com', '', '', 0, 0, 0 FROM n",
    ];
    db.write(&before.map(Statement::plain)).await.unwrap();
    let lines = std::cell::RefCell::new(Vec::new());
    let progress = |line: &str| lines.borrow_mut().push(line.to_owned());
    let done = clean_up(&db, now, progress).await.unwrap();
    assert_eq!(
        done,
        "accounts erased: 5; addresses of events cleared: 0; deleted: 1201 codes, 0 sessions, 0 idempotency keys, 0 invites"
    );
    assert_eq!(lines.borrow().len(), 2, "{lines:?}");
    assert!(
        lines.borrow()[0].starts_with("accounts erased: 3; "),
        "{lines:?}"
    );
    let rows = db
        .read(&[Statement::plain(
            "SELECT (SELECT COUNT(*) FROM users WHERE erased_at = 1800000000000), \
             (SELECT COUNT(*) FROM users WHERE erase_at = 1800000000001), \
             (SELECT COUNT(*) FROM events WHERE kind = 'erased')",
        )])
        .await
        .unwrap();
    assert_eq!(rows[0].cells, [2, 1, 5].map(Value::Int));
    let again = clean_up(&db, now, |_| {}).await.unwrap();
    assert!(
        again.starts_with("accounts erased: 0; ") && again.contains(" 0 codes"),
        "{again}"
    );
}
