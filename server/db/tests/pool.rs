//! The pool: its size, waiting, and reuse of connections. On PostgreSQL; MySQL's own suite runs through the pool too.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use db::drivers::native::{Pool, PoolSize, ServerConnector};
use db::drivers::server_options::ServerOptions;
use db::{
    BoxFuture, Connector, Consistency, Db, DbError, Dialect, Driver, Statement, Timeouts, Value,
};
use support::Brand;
use tokio::time::{sleep, timeout};

/// A connector that counts its connections, with short timeouts.
#[derive(Clone)]
struct Counted {
    server: ServerConnector,
    opened: Arc<AtomicUsize>,
}

impl Connector for Counted {
    fn dialect(&self) -> Dialect {
        self.server.dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        self.opened.fetch_add(1, SeqCst);
        self.server.connect(consistency)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            connect: Duration::from_millis(300),
            query: Duration::from_secs(10),
        })
    }
}

fn pool(brand: Brand, size: usize) -> (Pool, Arc<AtomicUsize>) {
    let opened = Arc::new(AtomicUsize::new(0));
    let source = Counted {
        server: ServerConnector(
            ServerOptions::parse(&support::url(brand, &support::trusted())).unwrap(),
        ),
        opened: Arc::clone(&opened),
    };
    (
        Pool::new(source, PoolSize(NonZeroUsize::new(size).unwrap())),
        opened,
    )
}

fn who(brand: Brand) -> [Statement; 1] {
    [Statement::plain(match brand {
        Brand::Postgres => "SELECT pg_backend_pid()::bigint",
        Brand::MySql => "SELECT CONNECTION_ID()",
    })]
}

async fn session(brand: Brand, driver: &dyn Driver) -> Value {
    driver
        .read(&who(brand))
        .await
        .unwrap()
        .remove(0)
        .cells
        .remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_open_on_demand_and_are_reused() {
    for brand in [Brand::Postgres, Brand::MySql] {
        let (pool, opened) = pool(brand, 2);
        assert_eq!(opened.load(SeqCst), 0);
        for _ in 0..20 {
            let db = Db::new(pool.clone());
            db.read(&who(brand)).await.unwrap();
            db.close();
        }
        assert_eq!(opened.load(SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_not_shared_and_waiting_for_one_times_out() {
    let (pool, opened) = pool(Brand::Postgres, 2);
    let one = pool.connect(Consistency::Eventual).await.unwrap();
    let two = pool.connect(Consistency::Eventual).await.unwrap();
    assert_ne!(
        session(Brand::Postgres, &*one).await,
        session(Brand::Postgres, &*two).await
    );

    let began = Instant::now();
    let refused = pool.connect(Consistency::Eventual).await.err().unwrap();
    assert!(
        matches!(&refused, DbError::Unavailable(why) if why.contains("all 2 connections are in use")),
        "{refused:?}"
    );
    assert!(
        (200..900).contains(&began.elapsed().as_millis()),
        "{:?}",
        began.elapsed()
    );

    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.connect(Consistency::Eventual).await.map(drop) }
    });
    sleep(Duration::from_millis(100)).await;
    drop(one);
    waiting.await.unwrap().unwrap();
    assert_eq!(opened.load(SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_connection_is_not_reused() {
    for brand in [Brand::Postgres, Brand::MySql] {
        let (pool, opened) = pool(brand, 1);
        let one = pool.connect(Consistency::Eventual).await.unwrap();
        one.discard();
        drop(one);
        let two = pool.connect(Consistency::Eventual).await.unwrap();
        session(brand, &*two).await;
        assert_eq!(opened.load(SeqCst), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_a_pending_response_is_not_reused() {
    for (brand, slow) in [
        (Brand::Postgres, "SELECT pg_sleep(2)::text"),
        (Brand::MySql, "SELECT SLEEP(2)"),
    ] {
        let (pool, opened) = pool(brand, 1);
        let one = pool.connect(Consistency::Eventual).await.unwrap();
        let slow = [Statement::plain(slow)];
        assert!(
            timeout(Duration::from_millis(50), one.read(&slow))
                .await
                .is_err()
        );
        drop(one);
        let began = Instant::now();
        let two = pool.connect(Consistency::Eventual).await.unwrap();
        session(brand, &*two).await;
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(opened.load(SeqCst), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_transaction_keeps_its_connection_and_is_rolled_back() {
    for brand in [Brand::Postgres, Brand::MySql] {
        let name = "site_test_pool";
        let target = support::database(brand, name).await;
        support::run(&*support::open(&target).await, "CREATE TABLE one (n INT)").await;
        let pool = Pool::new(ServerConnector(target), PoolSize(NonZeroUsize::MIN));
        let driver = pool.connect(Consistency::Strong).await.unwrap();
        let open = Arc::clone(&driver).begin().unwrap().await.unwrap();
        open.run(&[Statement::plain("INSERT INTO one VALUES (1)")])
            .await
            .unwrap();
        drop(driver);
        assert!(
            timeout(
                Duration::from_millis(100),
                pool.connect(Consistency::Strong)
            )
            .await
            .is_err()
        );
        drop(open);
        let next = pool.connect(Consistency::Strong).await.unwrap();
        let left = next
            .read(&[Statement::plain("SELECT n FROM one")])
            .await
            .unwrap();
        assert!(left[0].is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_closed_by_the_server_is_replaced() {
    for brand in [Brand::Postgres, Brand::MySql] {
        let (pool, opened) = pool(brand, 1);
        let db = Db::new(pool.clone());
        let id = db
            .read(&who(brand))
            .await
            .unwrap()
            .remove(0)
            .cells
            .remove(0);
        db.close();
        let Value::Int(id) = id else { panic!("{id:?}") };
        let target = ServerOptions::parse(&support::url(brand, &support::trusted())).unwrap();
        let end = match brand {
            Brand::Postgres => format!("SELECT pg_terminate_backend({id})"),
            Brand::MySql => format!("KILL {id}"),
        };
        support::run(&*support::open(&target).await, &end).await;
        sleep(Duration::from_millis(3_200)).await;
        // A write is never retried: it must not get the dead connection.
        let db = Db::new(pool.clone());
        db.write(&who(brand)).await.unwrap();
        assert_eq!(opened.load(SeqCst), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_concurrent_requests_stay_within_the_pool() {
    let (pool, opened) = pool(Brand::Postgres, 5);
    let pool = &pool;
    let all = (0..500).map(|_| async move {
        let driver = loop {
            match pool.connect(Consistency::Eventual).await {
                Ok(driver) => break driver,
                Err(DbError::Unavailable(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        };
        session(Brand::Postgres, &*driver).await;
    });
    futures::future::join_all(all).await;
    assert!(opened.load(SeqCst) <= 5, "{opened:?}");
}
