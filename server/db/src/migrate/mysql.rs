//! MySQL and MariaDB: DDL cannot be rolled back there, so the ledger counts the statements of a file that are done, and a
//! file that failed continues after them when it is applied again. A lock keeps other processes out.

use domain::Timestamp;

use super::Migration;
use super::ledger::{check_unchanged, checksum, failed_at};
use super::split::statements;
use crate::drivers::native::MySql;
use crate::drivers::server_options::ServerOptions;
use crate::{DbError, Dialect, Driver, Rows, Statement, Value};

/// The seconds to wait while another process holds the lock.
const LOCK_TIMEOUT: i64 = 600;
/// The lock's name. Locks belong to the server, so it includes the database.
const LOCK_NAME: &str = "SHA1(CONCAT('site migrations of ', DATABASE()))";

pub(super) async fn apply(
    server: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    let mysql = MySql::open(server).await?;
    let locked = query(
        &mysql,
        &format!("SELECT GET_LOCK({LOCK_NAME}, ?)"),
        vec![Value::Int(LOCK_TIMEOUT)],
    )
    .await?;
    if locked.cells.first() != Some(&Value::Int(1)) {
        return Err(DbError::Unavailable(
            "Another process has been migrating this database for ten minutes: wait for it, or end it.".to_owned(),
        ));
    }
    // The lock ends with the connection, whatever happens.
    mysql
        .script(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, \
             checksum CHAR(64) NOT NULL, statements_done BIGINT NOT NULL, applied_at DATETIME(3))",
        )
        .await?;
    let mut done = Vec::new();
    for migration in migrations {
        if apply_one(&mysql, migration).await? {
            done.push(migration.name);
        }
    }
    query(
        &mysql,
        &format!("SELECT RELEASE_LOCK({LOCK_NAME})"),
        Vec::new(),
    )
    .await?;
    Ok(done)
}

/// Applies one file, unless it is applied already. Returns whether it had to be.
async fn apply_one(mysql: &MySql, migration: &Migration) -> Result<bool, DbError> {
    let all = statements(Dialect::MySql.script_syntax(), migration.sql);
    let name = Value::Text(migration.name.to_owned());
    let kept = query(
        mysql,
        "SELECT checksum, statements_done, applied_at FROM schema_migrations WHERE name = ?",
        vec![name.clone()],
    )
    .await?;
    let done = match kept.cells.as_slice() {
        [] => {
            let sql =
                "INSERT INTO schema_migrations (name, checksum, statements_done) VALUES (?, ?, 0)";
            query(mysql, sql, vec![name.clone(), progress(&[])]).await?;
            0
        }
        [kept, Value::Int(done), Value::Null] => {
            let done = usize::try_from(*done).unwrap_or(usize::MAX);
            match all.get(..done) {
                Some(before) if progress(before) == *kept => done,
                Some(_) | None => {
                    return Err(DbError::Unavailable(format!(
                        "The migration {} failed after {done} statements, and those were changed since: put them back as \
                         they were; what follows them may change.",
                        migration.name
                    )));
                }
            }
        }
        [kept, ..] => {
            check_unchanged(migration, kept)?;
            return Ok(false);
        }
    };
    for (at, statement) in all.iter().enumerate().skip(done) {
        mysql.script(statement).await.map_err(|error| {
            let left =
                format!("the {at} before it stay applied, and the next run begins with this one");
            failed_at(migration, at + 1, statement, &error, &left)
        })?;
        let sql = "UPDATE schema_migrations SET statements_done = ?, checksum = ? WHERE name = ?";
        let done = i64::try_from(at + 1).unwrap_or(i64::MAX);
        query(
            mysql,
            sql,
            vec![Value::Int(done), progress(&all[..=at]), name.clone()],
        )
        .await?;
    }
    let sql = "UPDATE schema_migrations SET applied_at = ?, checksum = ? WHERE name = ?";
    let checksum = Value::Text(checksum(migration.sql));
    query(
        mysql,
        sql,
        vec![Value::Time(Timestamp::now()), checksum, name],
    )
    .await?;
    Ok(true)
}

/// The checksum of the statements that are done, while the file is not applied as a whole.
fn progress(done: &[&str]) -> Value {
    Value::Text(checksum(&done.join(";\n")))
}

async fn query(mysql: &MySql, sql: &str, values: Vec<Value>) -> Result<Rows, DbError> {
    let statement = Statement {
        sql: sql.to_owned(),
        values,
    };
    let mut rows = mysql.read(&[statement]).await?;
    Ok(rows.pop().unwrap_or_default())
}
