//! The stand-in before a real PostgreSQL, with tokio-postgres as the client.

use std::time::{Duration, Instant};

use crate::common::{hangs, manners, plan, soon, until, url};
use hyperdrive_standin::{Options, StandIn};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, NoTls, Row};

pub(crate) fn upstream() -> String {
    url("TEST_POSTGRES_URL")
}

pub(crate) async fn direct() -> StandIn {
    hyperdrive_standin::start(Options::direct(&upstream()))
        .await
        .unwrap()
}

pub(crate) async fn open(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub(crate) async fn enter(standin: &StandIn) -> Result<Client, Error> {
    open(&standin.url(&upstream()).unwrap()).await
}

pub(crate) async fn ask(client: &Client, sql: &str) -> Result<Vec<Row>, Error> {
    soon(client.query_typed(sql, &[])).await
}

/// A table of one column, made behind the stand-in's back.
pub(crate) async fn table(name: &str) -> Client {
    let client = open(&upstream()).await.unwrap();
    let sql = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id bigint)");
    client.batch_execute(&sql).await.unwrap();
    client
}

pub(crate) async fn count(client: &Client, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    ask(client, &sql).await.unwrap()[0].get(0)
}

pub(crate) fn code(result: Result<impl Sized, Error>) -> Option<String> {
    result.err()?.code().map(|code| code.code().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_pass_however_replies_are_cut() {
    let standin = direct().await;
    for plan in manners() {
        standin.plan(plan);
        let client = soon(enter(&standin)).await.unwrap();
        let text = "Grüße, 世界 🦀";
        let sql = "SELECT n, $1 || n, NULL::text, repeat('x', n) FROM generate_series(1, $2) AS n";
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&text, Type::TEXT), (&300_i32, Type::INT4)];
        // Four times, because boundaries are cut in four ways; and some at once.
        for _ in 0..4 {
            let (rows, one, wrong, two) = soon(async {
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
async fn reads_are_cached_until_they_are_old() {
    let standin = hyperdrive_standin::start(Options::cached(&upstream()))
        .await
        .unwrap();
    let owner = table("hostile_cache").await;
    let client = enter(&standin).await.unwrap();
    assert_eq!(count(&client, "hostile_cache").await, 0);
    ask(&client, "INSERT INTO hostile_cache VALUES (1)")
        .await
        .unwrap();
    assert_eq!(
        count(&client, "hostile_cache").await,
        0,
        "no write empties the cache"
    );
    let other = enter(&standin).await.unwrap();
    assert_eq!(count(&other, "hostile_cache").await, 0, "it is everybody's");
    let more = "SELECT count(*) FROM hostile_cache WHERE id > $1";
    for (above, expected) in [(0_i64, 1_i64), (1, 0)] {
        let rows = client
            .query_typed(more, &[(&above, Type::INT8)])
            .await
            .unwrap();
        assert_eq!(
            rows[0].get::<_, i64>(0),
            expected,
            "other parameters are another question"
        );
    }
    ask(&client, "BEGIN").await.unwrap();
    assert_eq!(
        count(&client, "hostile_cache").await,
        1,
        "not in a transaction"
    );
    ask(&client, "COMMIT").await.unwrap();
    standin.advance(Duration::from_secs(50));
    assert_eq!(count(&client, "hostile_cache").await, 0);
    standin.advance(Duration::from_secs(11));
    assert_eq!(count(&client, "hostile_cache").await, 1);
    assert_ne!(
        ask(&client, "SELECT random()").await.unwrap()[0].get::<_, f64>(0),
        ask(&client, "SELECT random()").await.unwrap()[0].get::<_, f64>(0)
    );
    let stats = standin.stats();
    assert_eq!(
        (stats.cache_hits, stats.cache_misses, stats.writes),
        (3, 4, 1)
    );
    owner
        .batch_execute("DROP TABLE hostile_cache")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_connection_caches_nothing() {
    let standin = direct().await;
    let owner = table("hostile_direct").await;
    let client = enter(&standin).await.unwrap();
    assert_eq!(count(&client, "hostile_direct").await, 0);
    ask(&client, "INSERT INTO hostile_direct VALUES (1)")
        .await
        .unwrap();
    assert_eq!(count(&client, "hostile_direct").await, 1);
    owner
        .batch_execute("DROP TABLE hostile_direct")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hyperdrive_refuses_is_refused() {
    let standin = direct().await;
    let client = enter(&standin).await.unwrap();
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
        let before = standin.stats().refusals.get(kind).copied().unwrap_or(0);
        assert_eq!(
            code(ask(&client, sql).await).as_deref(),
            Some("0A000"),
            "{sql}"
        );
        assert_eq!(standin.stats().refusals[kind], before + 1, "{sql}");
    }
    assert_eq!(
        code(soon(client.query("SELECT 1", &[])).await).as_deref(),
        Some("0A000")
    );
    assert_eq!(standin.stats().refusals["named_statement"], 1);
    assert_eq!(
        code(soon(client.batch_execute("SELECT 1")).await).as_deref(),
        Some("58000")
    );
    let simple = enter(&standin).await.unwrap();
    simple.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(
        code(ask(&simple, "SELECT 1").await).as_deref(),
        Some("58000")
    );
    assert_eq!(standin.stats().refusals["mixed"], 2);
    assert_eq!(
        ask(&client, "SELECT 1").await.unwrap().len(),
        1,
        "all are survived"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_fails_the_transaction() {
    let standin = direct().await;
    let client = enter(&standin).await.unwrap();
    ask(&client, "BEGIN").await.unwrap();
    ask(&client, "SET LOCAL statement_timeout = 5000")
        .await
        .unwrap();
    assert_eq!(
        code(ask(&client, "DISCARD ALL").await).as_deref(),
        Some("0A000")
    );
    assert_eq!(
        code(ask(&client, "SELECT 1").await).as_deref(),
        Some("25P02")
    );
    ask(&client, "ROLLBACK").await.unwrap();
    ask(&client, "SELECT 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_state_lasts() {
    let standin = direct().await;
    let client = enter(&standin).await.unwrap();
    let read = "SELECT current_setting('standin.a', true)";
    ask(&client, "SELECT set_config('standin.a', 'set', false)")
        .await
        .unwrap();
    let rows = ask(&client, read).await.unwrap();
    assert_eq!(rows[0].get::<_, Option<String>>(0).unwrap_or_default(), "");
    ask(&client, "BEGIN").await.unwrap();
    ask(&client, "SET standin.a = 'set'").await.unwrap();
    assert_eq!(
        ask(&client, read).await.unwrap()[0].get::<_, String>(0),
        "set"
    );
    ask(&client, "COMMIT").await.unwrap();
    let rows = ask(&client, read).await.unwrap();
    assert_eq!(rows[0].get::<_, Option<String>>(0).unwrap_or_default(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_checked() {
    let standin = direct().await;
    let mut wrong = url::Url::parse(&standin.url(&upstream()).unwrap()).unwrap();
    wrong.set_password(Some("wrong")).unwrap();
    assert_eq!(code(open(wrong.as_str()).await).as_deref(), Some("28P01"));
    assert_eq!(standin.stats().refusals["wrong_password"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_close_with_their_client() {
    let standin = direct().await;
    let client = enter(&standin).await.unwrap();
    ask(&client, "BEGIN").await.unwrap();
    let stats = standin.stats();
    assert_eq!((stats.open, stats.upstream_open), (1, 1));
    drop(client);
    until(|| standin.stats().open == 0 && standin.stats().upstream_open == 0).await;
    // While the database is at work, too.
    let client = enter(&standin).await.unwrap();
    let (sleeping, connection) = tokio_postgres::connect(&standin.url(&upstream()).unwrap(), NoTls)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    assert!(hangs(sleeping.query_typed("SELECT pg_sleep(20)", &[])).await);
    connection.abort();
    let is_closed = || standin.stats().open == 1 && standin.stats().upstream_open == 0;
    // Well before the database wakes.
    assert!(!hangs(until(is_closed)).await);
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_together_are_one_round_trip() {
    let standin = direct().await;
    let client = enter(&standin).await.unwrap();
    standin.reset();
    standin.plan(plan(r#"{"delay_ms":50}"#));
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
    ask(&client, "SELECT 4").await.unwrap();
    assert_eq!(standin.stats().round_trips, 2);
}
