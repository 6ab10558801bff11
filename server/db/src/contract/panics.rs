//! A panic within a transaction, natively. In a Worker it ends the whole instance, connections included: there is nothing
//! left that could look, and the database undoes what was not committed when the connection is gone.

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
            // As a panic, but without a message on the terminal of whoever runs the suite.
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
