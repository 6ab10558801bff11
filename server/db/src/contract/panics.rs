//! A panic within a transaction, natively. In a Worker it ends the whole instance with its connections, so that no case can
//! observe it, and the database rolls back when the connection is gone.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::Clients;
use super::support::{CaseResult, equal, insert_one, labels, message, row, write};
use super::transactions::begun;
use crate::{Db, DbError};

pub(super) async fn a_panic_rolls_back(db: &Db, clients: &Clients) -> CaseResult {
    if begun(db, clients).await?.is_none() {
        return Ok(());
    }
    let statement = insert_one(db, &row("one"));
    let work = db.transaction(|transaction| {
        Box::pin(async move {
            transaction.run(&[statement]).await?;
            // A panic without a message on the terminal.
            std::panic::resume_unwind(Box::new("a case was asked to panic"));
            #[expect(unreachable_code, reason = "what the work would give")]
            Ok::<(), DbError>(())
        })
    });
    if AssertUnwindSafe(work).catch_unwind().await.is_ok() {
        return Err("the panic was lost".to_owned());
    }
    equal(&labels(db).await?, &Vec::new())?;
    write(&clients.strong(), &[row("one")])
        .await
        .map_err(message)?;
    equal(&labels(db).await?, &vec!["one".to_owned()])
}
