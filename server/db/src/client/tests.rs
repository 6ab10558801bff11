use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures::executor::block_on;

use super::*;
use crate::BoxFuture;

/// Fails writes with `error` as often as `left` says, and counts them.
#[derive(Clone)]
struct Failing {
    error: DbError,
    left: Arc<AtomicU32>,
    writes: Arc<AtomicU32>,
}

impl Connector for Failing {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let driver: Arc<dyn Driver> = Arc::new(self.clone());
        Box::pin(std::future::ready(Ok(driver)))
    }
}

impl Driver for Failing {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.write(statements)
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.writes.fetch_add(1, Relaxed);
        let left = |left: u32| left.checked_sub(1);
        let fails = self.left.fetch_update(Relaxed, Relaxed, left).is_ok();
        Box::pin(std::future::ready(if fails {
            Err(self.error.clone())
        } else {
            Ok(vec![Rows::default(); statements.len()])
        }))
    }
}

/// Writes once, and returns the result and how often the driver was asked.
fn written(error: DbError, times: u32) -> (Result<(), DbError>, u32) {
    let failing = Failing {
        error,
        left: Arc::new(AtomicU32::new(times)),
        writes: Arc::default(),
    };
    let db = Db::new(failing.clone());
    let done = block_on(db.write(&[Statement::plain("UPDATE a SET b = 1")]));
    (done.map(drop), failing.writes.load(Relaxed))
}

#[test]
fn a_write_that_was_rolled_back_is_repeated_and_no_other() {
    let conflict = || DbError::Conflict("a deadlock".to_owned());
    assert_eq!(written(conflict(), 2), (Ok(()), 3));
    let (ended, asked) = written(conflict(), u32::MAX);
    assert_eq!((ended, asked), (Err(conflict()), MAX_REPETITIONS + 1));
    // It may have been done.
    for error in [
        DbError::Lost("gone".to_owned()),
        DbError::Timeout("late".to_owned()),
        DbError::Check("users.name".to_owned()),
    ] {
        assert_eq!(written(error.clone(), 1), (Err(error), 1));
    }
}
