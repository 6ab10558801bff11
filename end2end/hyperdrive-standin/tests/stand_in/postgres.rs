//! The stand-in in front of a real PostgreSQL, with tokio-postgres as the client.

use std::time::{Duration, Instant};

use crate::common::{delivery_plans, env_url, hangs, plan, wait_until, within_timeout};
use hyperdrive_standin::{Options, StandIn};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, NoTls, Row};

pub(crate) fn upstream() -> String {
    env_url("TEST_POSTGRES_URL")
}

pub(crate) async fn direct() -> StandIn {
    hyperdrive_standin::start(Options::direct(&upstream()))
        .await
        .unwrap()
}

pub(crate) async fn connect_to(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub(crate) async fn connect(standin: &StandIn) -> Result<Client, Error> {
    connect_to(&standin.url(&upstream()).unwrap()).await
}

pub(crate) async fn query(client: &Client, sql: &str) -> Result<Vec<Row>, Error> {
    within_timeout(client.query_typed(sql, &[])).await
}

/// Creates a table with one column, bypassing the stand-in.
pub(crate) async fn create_table(name: &str) -> Client {
    let client = connect_to(&upstream()).await.unwrap();
    let sql = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id bigint)");
    client.batch_execute(&sql).await.unwrap();
    client
}

pub(crate) async fn count(client: &Client, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    query(client, &sql).await.unwrap()[0].get(0)
}

pub(crate) fn code(result: Result<impl Sized, Error>) -> Option<String> {
    result.err()?.code().map(|code| code.code().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_succeed_however_responses_are_split() {
    let standin = direct().await;
    for plan in delivery_plans() {
        standin.set_plan(plan);
        let client = within_timeout(connect(&standin)).await.unwrap();
        let text = "Grüße, 世界 🦀";
        let sql = "SELECT n, $1 || n, NULL::text, repeat('x', n) FROM generate_series(1, $2) AS n";
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&text, Type::TEXT), (&300_i32, Type::INT4)];
        // Four times, because boundary splits have four variants; and pipelined.
        for _ in 0..4 {
            let (rows, one, wrong, two) = within_timeout(async {
                tokio::join!(
                    client.query_typed(sql, &parameters),
                    client.query_typed("SELECT 1::bigint", &[]),
                    client.query_typed("SELECT nonsense", &[]),
                    client.query_typed("SELECT 2::bigint", &[]),
                )
            })
            .await;
            let rows = rows.unwrap();
            assert_eq!(rows.len(), 300);
            for (row, n) in rows.iter().zip(1_i32..) {
                assert_eq!(row.get::<_, i32>(0), n);
                assert_eq!(row.get::<_, String>(1), format!("{text}{n}"));
                assert_eq!(row.get::<_, Option<String>>(2), None);
                assert_eq!(row.get::<_, String>(3).len(), usize::try_from(n).unwrap());
            }
            assert_eq!(one.unwrap()[0].get::<_, i64>(0), 1);
            assert_eq!(code(wrong).as_deref(), Some("42703"));
            assert_eq!(two.unwrap()[0].get::<_, i64>(0), 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_cached_until_they_expire() {
    let standin = hyperdrive_standin::start(Options::cached(&upstream()))
        .await
        .unwrap();
    let owner = create_table("standin_cache").await;
    let client = connect(&standin).await.unwrap();
    assert_eq!(count(&client, "standin_cache").await, 0);
    query(&client, "INSERT INTO standin_cache VALUES (1)")
        .await
        .unwrap();
    assert_eq!(
        count(&client, "standin_cache").await,
        0,
        "writes do not invalidate the cache"
    );
    let other = connect(&standin).await.unwrap();
    assert_eq!(
        count(&other, "standin_cache").await,
        0,
        "shared by all clients"
    );
    let more = "SELECT count(*) FROM standin_cache WHERE id > $1";
    for (above, expected) in [(0_i64, 1_i64), (1, 0)] {
        let rows = client
            .query_typed(more, &[(&above, Type::INT8)])
            .await
            .unwrap();
        assert_eq!(
            rows[0].get::<_, i64>(0),
            expected,
            "other parameters are another request"
        );
    }
    query(&client, "BEGIN").await.unwrap();
    assert_eq!(
        count(&client, "standin_cache").await,
        1,
        "a transaction bypasses the cache"
    );
    query(&client, "COMMIT").await.unwrap();
    standin.advance_clock(Duration::from_secs(50));
    assert_eq!(count(&client, "standin_cache").await, 0);
    standin.advance_clock(Duration::from_secs(11));
    assert_eq!(count(&client, "standin_cache").await, 1);
    assert_ne!(
        query(&client, "SELECT random()").await.unwrap()[0].get::<_, f64>(0),
        query(&client, "SELECT random()").await.unwrap()[0].get::<_, f64>(0)
    );
    let stats = standin.stats();
    assert_eq!(
        (stats.cache_hits, stats.cache_misses, stats.writes),
        (3, 4, 1)
    );
    owner
        .batch_execute("DROP TABLE standin_cache")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_connection_caches_nothing() {
    let standin = direct().await;
    let owner = create_table("standin_direct").await;
    let client = connect(&standin).await.unwrap();
    assert_eq!(count(&client, "standin_direct").await, 0);
    query(&client, "INSERT INTO standin_direct VALUES (1)")
        .await
        .unwrap();
    assert_eq!(count(&client, "standin_direct").await, 1);
    owner
        .batch_execute("DROP TABLE standin_direct")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_features_are_rejected() {
    let standin = direct().await;
    let client = connect(&standin).await.unwrap();
    for (sql, kind) in [
        ("PREPARE a AS SELECT 1", "prepare"),
        ("EXECUTE a", "execute"),
        ("DEALLOCATE ALL", "deallocate"),
        ("DISCARD ALL", "discard"),
        ("LISTEN a", "listen"),
        ("NOTIFY a", "notify"),
        ("SELECT pg_advisory_lock(1)", "advisory_lock"),
        ("SET statement_timeout = 1", "set"),
        ("RESET ALL", "set"),
        ("COPY a FROM STDIN", "copy"),
    ] {
        let before = standin.stats().rejections.get(kind).copied().unwrap_or(0);
        assert_eq!(
            code(query(&client, sql).await).as_deref(),
            Some("0A000"),
            "{sql}"
        );
        assert_eq!(standin.stats().rejections[kind], before + 1, "{sql}");
    }
    assert_eq!(
        code(within_timeout(client.query("SELECT 1", &[])).await).as_deref(),
        Some("0A000")
    );
    assert_eq!(standin.stats().rejections["named_statement"], 1);
    assert_eq!(
        code(within_timeout(client.batch_execute("SELECT 1")).await).as_deref(),
        Some("58000")
    );
    let simple = connect(&standin).await.unwrap();
    simple.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(
        code(query(&simple, "SELECT 1").await).as_deref(),
        Some("58000")
    );
    assert_eq!(standin.stats().rejections["mixed"], 2);
    assert_eq!(
        query(&client, "SELECT 1").await.unwrap().len(),
        1,
        "the connection is still usable"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_fails_the_transaction() {
    let standin = direct().await;
    let client = connect(&standin).await.unwrap();
    query(&client, "BEGIN").await.unwrap();
    query(&client, "SET LOCAL statement_timeout = 5000")
        .await
        .unwrap();
    assert_eq!(
        code(query(&client, "DISCARD ALL").await).as_deref(),
        Some("0A000")
    );
    assert_eq!(
        code(query(&client, "SELECT 1").await).as_deref(),
        Some("25P02")
    );
    query(&client, "ROLLBACK").await.unwrap();
    query(&client, "SELECT 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn session_state_is_reset_between_transactions() {
    let standin = direct().await;
    let client = connect(&standin).await.unwrap();
    let read = "SELECT current_setting('standin.a', true)";
    query(&client, "SELECT set_config('standin.a', 'set', false)")
        .await
        .unwrap();
    let rows = query(&client, read).await.unwrap();
    assert_eq!(rows[0].get::<_, Option<String>>(0).unwrap_or_default(), "");
    query(&client, "BEGIN").await.unwrap();
    query(&client, "SET standin.a = 'set'").await.unwrap();
    assert_eq!(
        query(&client, read).await.unwrap()[0].get::<_, String>(0),
        "set"
    );
    query(&client, "COMMIT").await.unwrap();
    let rows = query(&client, read).await.unwrap();
    assert_eq!(rows[0].get::<_, Option<String>>(0).unwrap_or_default(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_rejected() {
    let standin = direct().await;
    let mut wrong = url::Url::parse(&standin.url(&upstream()).unwrap()).unwrap();
    wrong.set_password(Some("wrong")).unwrap();
    assert_eq!(
        code(connect_to(wrong.as_str()).await).as_deref(),
        Some("28P01")
    );
    assert_eq!(standin.stats().rejections["wrong_password"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn upstream_connections_close_with_their_client() {
    let standin = direct().await;
    let client = connect(&standin).await.unwrap();
    query(&client, "BEGIN").await.unwrap();
    let stats = standin.stats();
    assert_eq!((stats.open, stats.upstream_open), (1, 1));
    drop(client);
    wait_until(|| standin.stats().open == 0 && standin.stats().upstream_open == 0).await;
    // Also while the database is running a query.
    let client = connect(&standin).await.unwrap();
    let (sleeping, connection) = tokio_postgres::connect(&standin.url(&upstream()).unwrap(), NoTls)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    assert!(hangs(sleeping.query_typed("SELECT pg_sleep(20)", &[])).await);
    connection.abort();
    let is_closed = || standin.stats().open == 1 && standin.stats().upstream_open == 0;
    // Well before the database wakes.
    assert!(!hangs(wait_until(is_closed)).await);
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_queries_are_one_round_trip() {
    let standin = direct().await;
    let client = connect(&standin).await.unwrap();
    standin.reset();
    standin.set_plan(plan(r#"{"delay_ms":50}"#));
    let started = Instant::now();
    let (a, b, c) = tokio::join!(
        client.query_typed("SELECT 1", &[]),
        client.query_typed("SELECT 2", &[]),
        client.query_typed("SELECT 3", &[]),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(standin.stats().round_trips, 1);
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(50) && took < Duration::from_millis(140),
        "{took:?}"
    );
    query(&client, "SELECT 4").await.unwrap();
    assert_eq!(standin.stats().round_trips, 2);
}
