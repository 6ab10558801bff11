//! Round trips of a page on the wire: a proxy between client and server counts how often the client waits.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use db::drivers::native::ServerConnector;
use db::drivers::server_options::{ServerOptions, Tls};
use db::queries::posts;
use db::{Db, Statement, Transaction, migrate};
use domain::{PageRequest, Slug};
use support::{Brand, database};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The delay of each response: whatever a client sends meanwhile, it sends without waiting for that response.
const RESPONSE_DELAY: Duration = Duration::from_millis(100);

/// Counts the requests of every connection through it: bytes from a client that follow bytes to it.
#[derive(Clone, Default)]
struct Exchanges {
    count: Arc<AtomicU64>,
    is_asking: Arc<AtomicBool>,
}

impl Exchanges {
    async fn pass(
        self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        is_client: bool,
    ) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            if !is_client {
                tokio::time::sleep(RESPONSE_DELAY).await;
            }
            if !self.is_asking.swap(is_client, SeqCst) && is_client {
                self.count.fetch_add(1, SeqCst);
            }
            if to.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    }

    /// Starts a counting proxy before `target`.
    async fn before(&self, target: &ServerOptions) -> ServerOptions {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (exchanges, host, server) = (self.clone(), target.host.clone(), target.port);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((host.as_str(), server)).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(exchanges.clone().pass(from_client, to_server, true));
                tokio::spawn(exchanges.clone().pass(from_server, to_client, false));
            }
        });
        ServerOptions {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
            tls: Tls::Off,
            ..target.clone()
        }
    }
}

/// Makes a database with the site's tables, and one client whose only connection is counted.
async fn counted(brand: Brand, name: &str) -> (Db, Exchanges) {
    let target = database(brand, name).await;
    let migrations = match brand {
        Brand::Postgres => migrate::POSTGRES,
        Brand::MySql => migrate::MYSQL,
    };
    migrate::apply_to_server(&target, migrations).await.unwrap();
    let exchanges = Exchanges::default();
    let db = Db::new(ServerConnector(exchanges.before(&target).await));
    (db, exchanges)
}

async fn read_a_post(db: &Db) {
    let slug = Slug::parse("no-such-post").unwrap();
    posts::read(db, &slug, &PageRequest::first(50))
        .await
        .unwrap();
}

/// Runs `work`. Returns the round trips that the proxy counted, and those that the client counted.
async fn trips(db: &Db, exchanges: &Exchanges, work: impl Future<Output = ()>) -> (u64, u64) {
    let (on_the_wire, said) = (exchanges.count.load(SeqCst), db.stats().round_trips);
    work.await;
    (
        exchanges.count.load(SeqCst) - on_the_wire,
        db.stats().round_trips - said,
    )
}

async fn a_post_is_one_exchange(brand: Brand, name: &str) {
    let (db, exchanges) = counted(brand, name).await;
    // Logs in; PostgreSQL caches the statements' types.
    read_a_post(&db).await;
    let before = db.stats().statements;
    for _ in 0..3 {
        assert_eq!(
            trips(&db, &exchanges, read_a_post(&db)).await,
            (1, 1),
            "exchanges on the wire, and in the statistics"
        );
    }
    assert_eq!(db.stats().statements - before, 12);
    assert_eq!(db.stats().connections, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_one_exchange_with_postgres() {
    a_post_is_one_exchange(Brand::Postgres, "site_test_trips").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_one_exchange_with_mysql() {
    a_post_is_one_exchange(Brand::MySql, "site_test_trips").await;
}

/// It holds for the first request too, because nothing is prepared.
#[tokio::test(flavor = "multi_thread")]
async fn mysql_prepares_nothing() {
    let (db, exchanges) = counted(Brand::MySql, "site_test_trips_first").await;
    db.read(&[Statement::plain("SELECT 1")]).await.unwrap();
    assert_eq!(trips(&db, &exchanges, read_a_post(&db)).await, (1, 1));
}

/// Statements that run together in a transaction are one exchange too.
#[tokio::test(flavor = "multi_thread")]
async fn a_mysql_transaction_is_one_exchange() {
    let (db, exchanges) = counted(Brand::MySql, "site_test_trips_open").await;
    let open: Transaction = db.begin().await.unwrap();
    let some: Vec<Statement> = (0..5)
        .map(|n| Statement::plain(format!("SELECT {n}")))
        .collect();
    let work = async {
        let rows = open.run(&some).await.unwrap();
        assert_eq!(rows.len(), 5);
    };
    assert_eq!(trips(&db, &exchanges, work).await, (1, 1));
    open.commit().await.unwrap();
}
