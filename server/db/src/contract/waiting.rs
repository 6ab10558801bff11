//! Waiting: no longer than the limit, and well afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use web_time::Instant;

use super::Clients;
use super::support::{Checked, all, equal, fails, insert_one, labels, raw, row, told, write};
use super::transactions::begun;
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, Db, DbError, Dialect, Driver, Open, Rows,
    Statement, Timeouts, time,
};

/// How long the clients here wait for an answer.
const LIMIT: Duration = Duration::from_secs(1);
/// Longer than the limit, and shorter than anything slow takes.
const ENOUGH: Duration = Duration::from_millis(2_500);

/// A source whose clients wait for [`LIMIT`] alone. The first answers that they get, as many as `late` says, are late.
struct Hurried {
    source: Arc<dyn Connector>,
    late: Arc<AtomicU32>,
    asked: Arc<AtomicU32>,
}

impl Hurried {
    fn new(clients: &Clients, late: u32) -> Self {
        Self {
            source: Arc::clone(&clients.source),
            late: Arc::new(AtomicU32::new(late)),
            asked: Arc::default(),
        }
    }
}

impl Connector for Hurried {
    fn dialect(&self) -> Dialect {
        self.source.dialect()
    }

    fn connect(&self, need: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(async move {
            let driver = Slowed {
                driver: self.source.connect(need).await?,
                late: Arc::clone(&self.late),
                asked: Arc::clone(&self.asked),
            };
            Ok(Arc::new(driver) as Arc<dyn Driver>)
        })
    }

    fn is_split(&self) -> bool {
        self.source.is_split()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.source.token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            query: LIMIT,
            ..Timeouts::default()
        })
    }
}

struct Slowed {
    driver: Arc<dyn Driver>,
    late: Arc<AtomicU32>,
    asked: Arc<AtomicU32>,
}

impl Slowed {
    async fn wait(&self) {
        self.asked.fetch_add(1, Relaxed);
        let left = |late: u32| late.checked_sub(1);
        if self.late.fetch_update(Relaxed, Relaxed, left).is_ok() {
            time::sleep(LIMIT * 3).await;
        }
    }
}

impl Driver for Slowed {
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

    fn begin(self: Arc<Self>) -> Option<BoxFuture<'static, Result<Box<dyn Open>, DbError>>> {
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

pub(super) async fn a_late_answer_is_a_timeout_and_the_client_goes_on(
    db: &Db,
    clients: &Clients,
) -> Checked {
    write(db, &[row("one")]).await.map_err(told)?;
    let hurried = Hurried::new(clients, 1);
    let (late, asked) = (Arc::clone(&hurried.late), Arc::clone(&hurried.asked));
    let db = Db::new(hurried);
    db.require_strong_reads();
    let query = || crate::queries::contract::scratch_rows();
    let started = Instant::now();
    fails(&db.all(query()).await, "it waited", is_timeout)?;
    equal(&(started.elapsed() < ENOUGH), &true)?;
    equal(&labels(&db).await?, &vec!["one".to_owned()])?;

    // Nobody knows whether it was written, so nobody tries again.
    late.store(1, Relaxed);
    let before = asked.load(Relaxed);
    fails(&write(&db, &[row("two")]).await, "it waited", is_timeout)?;
    equal(&(asked.load(Relaxed) - before), &1)?;
    equal(
        &labels(&db).await?,
        &["one", "two"].map(str::to_owned).to_vec(),
    )
}

/// A client that waits for the engine's own slow statement; none where it has none, as SQLite, which counts and does not
/// wait.
fn hurried(clients: &Clients) -> Result<Option<(Db, Statement)>, String> {
    match clients.engine.slow {
        Some(sql) => {
            let db = Db::new(Hurried::new(clients, 0));
            db.require_strong_reads();
            Ok(Some((db, raw(sql))))
        }
        None => equal(&clients.source.dialect(), &Dialect::Sqlite).map(|()| None),
    }
}

pub(super) async fn a_slow_statement_is_a_timeout_and_the_client_goes_on(
    db: &Db,
    clients: &Clients,
) -> Checked {
    write(db, &[row("one")]).await.map_err(told)?;
    let Some((db, slow)) = hurried(clients)? else {
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
        equal(&(started.elapsed() < ENOUGH), &true)?;
        equal(&all(&db).await?.len(), &1)?;
        // Not behind the slow one.
        equal(&(started.elapsed() < ENOUGH), &true)?;
    }
    write(&db, &[row("two")]).await.map_err(told)?;
    equal(&all(&db).await?.len(), &2)
}

pub(super) async fn a_slow_statement_ends_its_transaction(_: &Db, clients: &Clients) -> Checked {
    let Some((db, slow)) = hurried(clients)? else {
        return Ok(());
    };
    let Some(transaction) = begun(&db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(&db, &row("one"));
    transaction.run(&[statement]).await.map_err(told)?;
    fails(&transaction.run(&[slow]).await, "it waited", is_timeout)?;
    fails(
        &transaction.commit().await,
        "what was given up was committed",
        |_| true,
    )?;
    equal(&all(&db).await?.len(), &0)?;
    write(&db, &[row("two")]).await.map_err(told)?;
    equal(&labels(&db).await?, &vec!["two".to_owned()])
}
