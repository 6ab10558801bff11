//! Statements of a script, as they stand: nothing is prepared, and nothing of an answer is wanted but whether it failed.

use mysql_async::Conn;
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;

use super::MySql;
use crate::{DbError, Driver};

impl MySql {
    /// Runs a statement without preparing it: for migrations, not all of whose statements can be prepared.
    ///
    /// # Errors
    /// Any [`DbError`]; [`DbError::Unsupported`] when it leaves a transaction open, which ends with this connection.
    pub(crate) async fn script(&self, sql: &str) -> Result<(), DbError> {
        let mut connection = self.connection.lock().await;
        self.start()?.receive(connection.query_drop(sql)).await?;
        self.ensure_none_open(&connection)
    }

    /// Fails, and drops the session, when a statement has left a transaction open.
    fn ensure_none_open(&self, connection: &Conn) -> Result<(), DbError> {
        let is_open = connection.last_ok_packet().is_some_and(|ok| {
            let flags = ok.status_flags();
            flags.contains(StatusFlags::SERVER_STATUS_IN_TRANS)
                || !flags.contains(StatusFlags::SERVER_STATUS_AUTOCOMMIT)
        });
        if is_open {
            self.discard();
            return Err(DbError::Unsupported(
                "it leaves a transaction open, which was rolled back".to_owned(),
            ));
        }
        Ok(())
    }

    /// Runs statements in one transaction: all are done, or none; after any [`DbError`], none.
    pub(crate) async fn script_together(&self, statements: [&str; 2]) -> Result<(), DbError> {
        let mut connection = self.connection.lock().await;
        self.control(&mut connection, "START TRANSACTION").await?;
        for part in statements {
            if let Err(error) = self.control(&mut connection, part).await {
                // Fails only when the connection is gone, and its transaction with it.
                let _ = self.control(&mut connection, "ROLLBACK").await;
                return Err(error);
            }
        }
        // Plain words: the file may have set `completion_type`.
        self.control(&mut connection, "COMMIT AND NO CHAIN NO RELEASE")
            .await
    }
}
