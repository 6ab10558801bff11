//! Timeouts: a client waits no longer than its limit, and stays usable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use web_time::Instant;

use super::Clients;
use super::support::{CaseResult, all, equal, fails, insert_one, labels, message, raw, row, write};
use super::transactions::begun;
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, Db, DbError, Dialect, Driver,
    OpenTransaction, Rows, Statement, Timeouts, time,
};

/// The query timeout of the clients here.
const TIMEOUT: Duration = Duration::from_secs(1);
/// Longer than the timeout, and shorter than the slow query and the delay.
const MAX_WAIT: Duration = Duration::from_millis(2_500);

/// A connector whose clients wait for [`TIMEOUT`]. Their first `late` responses are delayed beyond it.
struct ShortTimeout {
    connector: Arc<dyn Connector>,
    late: Arc<AtomicU32>,
    requests: Arc<AtomicU32>,
}

impl ShortTimeout {
    fn new(clients: &Clients, late: u32) -> Self {
        Self {
            connector: Arc::clone(&clients.connector),
            late: Arc::new(AtomicU32::new(late)),
            requests: Arc::default(),
        }
    }
}

impl Connector for ShortTimeout {
    fn dialect(&self) -> Dialect {
        self.connector.dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(async move {
            let driver = DelayedDriver {
                driver: self.connector.connect(consistency).await?,
                late: Arc::clone(&self.late),
                requests: Arc::clone(&self.requests),
            };
            Ok(Arc::new(driver) as Arc<dyn Driver>)
        })
    }

    fn is_split(&self) -> bool {
        self.connector.is_split()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.connector.token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            query: TIMEOUT,
            ..Timeouts::default()
        })
    }
}

struct DelayedDriver {
    driver: Arc<dyn Driver>,
    late: Arc<AtomicU32>,
    requests: Arc<AtomicU32>,
}

impl DelayedDriver {
    async fn wait(&self) {
        self.requests.fetch_add(1, Relaxed);
        let left = |late: u32| late.checked_sub(1);
        if self.late.fetch_update(Relaxed, Relaxed, left).is_ok() {
            time::sleep(TIMEOUT * 3).await;
        }
    }
}

impl Driver for DelayedDriver {
    fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let rows = self.driver.read(statements).await;
            self.wait().await;
            rows
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let rows = self.driver.write(statements).await;
            self.wait().await;
            rows
        })
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Arc::clone(&self.driver).begin()
    }

    fn bookmark(&self) -> Option<String> {
        self.driver.bookmark()
    }

    fn discard(&self) {
        self.driver.discard();
    }

    fn is_broken(&self) -> bool {
        self.driver.is_broken()
    }
}

fn is_timeout(error: &DbError) -> bool {
    matches!(error, DbError::Timeout(_))
}

pub(super) async fn a_late_response_is_a_timeout_and_the_client_stays_usable(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let connector = ShortTimeout::new(clients, 1);
    let (late, requests) = (Arc::clone(&connector.late), Arc::clone(&connector.requests));
    let db = Db::new(connector);
    db.require_strong_reads();
    let query = || crate::queries::contract::scratch_rows();
    let started = Instant::now();
    fails(&db.all(query()).await, "it waited", is_timeout)?;
    equal(&(started.elapsed() < MAX_WAIT), &true)?;
    equal(&labels(&db).await?, &vec!["one".to_owned()])?;

    // It is not known whether it was written, so it is not retried.
    late.store(1, Relaxed);
    let before = requests.load(Relaxed);
    fails(&write(&db, &[row("two")]).await, "it waited", is_timeout)?;
    equal(&(requests.load(Relaxed) - before), &1)?;
    equal(
        &labels(&db).await?,
        &["one", "two"].map(str::to_owned).to_vec(),
    )
}

/// A client with a short timeout and the engine's slow query; `None` on SQLite, which cannot be made to wait.
fn impatient_client(clients: &Clients) -> Result<Option<(Db, Statement)>, String> {
    match clients.traits.slow_query {
        Some(sql) => {
            let db = Db::new(ShortTimeout::new(clients, 0));
            db.require_strong_reads();
            Ok(Some((db, raw(sql))))
        }
        None => equal(&clients.connector.dialect(), &Dialect::Sqlite).map(|()| None),
    }
}

pub(super) async fn a_slow_statement_is_a_timeout_and_the_client_stays_usable(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let Some((db, slow)) = impatient_client(clients)? else {
        return Ok(());
    };
    for writes in [false, true] {
        let started = Instant::now();
        let answer = if writes {
            db.run(&slow).await.map(drop)
        } else {
            db.read(std::slice::from_ref(&slow)).await.map(drop)
        };
        fails(&answer, "it waited", is_timeout)?;
        equal(&(started.elapsed() < MAX_WAIT), &true)?;
        equal(&all(&db).await?.len(), &1)?;
        // It did not queue behind the slow one.
        equal(&(started.elapsed() < MAX_WAIT), &true)?;
    }
    write(&db, &[row("two")]).await.map_err(message)?;
    equal(&all(&db).await?.len(), &2)
}

pub(super) async fn a_slow_statement_ends_its_transaction(_: &Db, clients: &Clients) -> CaseResult {
    let Some((db, slow)) = impatient_client(clients)? else {
        return Ok(());
    };
    let Some(transaction) = begun(&db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(&db, &row("one"));
    transaction.run(&[statement]).await.map_err(message)?;
    fails(&transaction.run(&[slow]).await, "it waited", is_timeout)?;
    fails(
        &transaction.commit().await,
        "a cancelled transaction was committed",
        |_| true,
    )?;
    equal(&all(&db).await?.len(), &0)?;
    write(&db, &[row("two")]).await.map_err(message)?;
    equal(&labels(&db).await?, &vec!["two".to_owned()])
}
