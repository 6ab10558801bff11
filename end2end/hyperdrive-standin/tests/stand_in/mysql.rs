//! The stand-in in front of a real MySQL or MariaDB, with `mysql_async` as the client.

use std::time::Duration;

use crate::common::{delivery_plans, env_url, hangs, plan, wait_until, within_timeout};
use hyperdrive_standin::{AuthPlugin, Options, StandIn};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Row};

fn upstream() -> String {
    env_url("TEST_MYSQL_URL")
}

async fn direct() -> StandIn {
    hyperdrive_standin::start(Options::direct(&upstream()))
        .await
        .unwrap()
}

fn options(url: &str) -> OptsBuilder {
    // Otherwise the client would connect to the server's Unix socket and bypass the stand-in.
    OptsBuilder::from_opts(Opts::from_url(url).unwrap()).prefer_socket(false)
}

async fn connect_to(url: &str) -> Result<Conn, Error> {
    Conn::new(options(url)).await
}

async fn connect(standin: &StandIn) -> Result<Conn, Error> {
    connect_to(&standin.url(&upstream()).unwrap()).await
}

async fn create_table(name: &str) -> Conn {
    let mut owner = connect_to(&upstream()).await.unwrap();
    owner
        .query_drop(format!("DROP TABLE IF EXISTS {name}"))
        .await
        .unwrap();
    owner
        .query_drop(format!("CREATE TABLE {name} (id BIGINT)"))
        .await
        .unwrap();
    owner
}

async fn count(conn: &mut Conn, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    within_timeout(conn.query_first(sql))
        .await
        .unwrap()
        .unwrap()
}

fn code(result: Result<impl Sized, Error>) -> Option<u16> {
    match result.err()? {
        Error::Server(error) => Some(error.code),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_succeed_however_responses_are_split() {
    let standin = direct().await;
    for plan in delivery_plans() {
        standin.set_plan(plan);
        let mut conn = within_timeout(connect(&standin)).await.unwrap();
        for _ in 0..4 {
            let sql = "SELECT seq, 'Grüße, 世界 🦀', NULL, repeat('x', seq) FROM seq_1_to_300";
            let rows: Vec<(i32, String, Option<String>, String)> =
                within_timeout(conn.query(sql)).await.unwrap();
            assert_eq!(rows.len(), 300);
            for (row, n) in rows.iter().zip(1_i32..) {
                assert_eq!(
                    (row.0, row.1.as_str(), &row.2),
                    (n, "Grüße, 世界 🦀", &None)
                );
                assert_eq!(row.3.len(), usize::try_from(n).unwrap());
            }
            assert_eq!(
                code(within_timeout(conn.query_drop("SELECT nonsense")).await),
                Some(1054)
            );
        }
        let long = "y".repeat(1 << 20);
        let length: Option<usize> =
            within_timeout(conn.query_first(format!("SELECT length('{long}')")))
                .await
                .unwrap();
        assert_eq!(length, Some(1 << 20));
        conn.disconnect().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_plugins_verify_the_password() {
    for auth in [AuthPlugin::CachingSha2, AuthPlugin::Native] {
        let standin = hyperdrive_standin::start(Options {
            auth,
            ..Options::direct(&upstream())
        })
        .await
        .unwrap();
        let wrong = options(&standin.url(&upstream()).unwrap()).pass(Some("wrong"));
        assert_eq!(
            code(within_timeout(Conn::new(wrong.clone())).await),
            Some(1045),
            "{auth:?}"
        );
        // Full authentication first, then the fast path, which saves round trips.
        let mut trips = Vec::new();
        for _ in 0..2 {
            standin.set_plan(plan(r#"{"delay_ms":2}"#));
            let before = standin.stats().round_trips;
            within_timeout(connect(&standin))
                .await
                .unwrap()
                .disconnect()
                .await
                .unwrap();
            trips.push(standin.stats().round_trips - before);
        }
        let saved = if auth == AuthPlugin::CachingSha2 {
            2
        } else {
            0
        };
        assert_eq!(trips[0] - trips[1], saved, "{auth:?}: {trips:?}");
        assert_eq!(
            code(within_timeout(Conn::new(wrong)).await),
            Some(1045),
            "{auth:?}"
        );
        assert_eq!(standin.stats().rejections["wrong_password"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_cached_until_they_expire() {
    let standin = hyperdrive_standin::start(Options::cached(&upstream()))
        .await
        .unwrap();
    let mut owner = create_table("standin_cache").await;
    let mut conn = connect(&standin).await.unwrap();
    assert_eq!(count(&mut conn, "standin_cache").await, 0);
    conn.query_drop("INSERT INTO standin_cache VALUES (1)")
        .await
        .unwrap();
    assert_eq!(
        count(&mut conn, "standin_cache").await,
        0,
        "writes do not invalidate the cache"
    );
    conn.query_drop("BEGIN").await.unwrap();
    assert_eq!(
        count(&mut conn, "standin_cache").await,
        1,
        "a transaction bypasses the cache"
    );
    conn.query_drop("COMMIT").await.unwrap();
    let mut other = connect(&standin).await.unwrap();
    assert_eq!(
        count(&mut other, "standin_cache").await,
        0,
        "shared by all clients"
    );
    standin.advance_clock(Duration::from_secs(61));
    assert_eq!(count(&mut conn, "standin_cache").await, 1);
    let one: Option<f64> = conn.query_first("SELECT rand()").await.unwrap();
    let two: Option<f64> = conn.query_first("SELECT rand()").await.unwrap();
    assert_ne!(one, two);
    let stats = standin.stats();
    assert_eq!(
        (stats.cache_hits, stats.cache_misses, stats.writes),
        (2, 2, 1)
    );
    owner.query_drop("DROP TABLE standin_cache").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_features_are_rejected() {
    let standin = direct().await;
    let mut conn = connect(&standin).await.unwrap();
    for (sql, kind) in [
        ("USE mysql", "use"),
        ("SELECT 1; SELECT 2", "multi_statements"),
        ("PREPARE a FROM 'SELECT 1'", "prepare"),
        ("EXECUTE a", "execute"),
        ("DEALLOCATE PREPARE a", "deallocate"),
        ("LOAD DATA LOCAL INFILE 'a' INTO TABLE b", "local_infile"),
    ] {
        assert_eq!(
            code(within_timeout(conn.query_drop(sql)).await),
            Some(1235),
            "{sql}"
        );
        assert_eq!(standin.stats().rejections[kind], 1, "{sql}");
    }
    assert_eq!(
        code(within_timeout(conn.query_drop(&b"SELECT '\xff'"[..])).await),
        Some(1235)
    );
    assert_eq!(standin.stats().rejections["not_utf8"], 1);
    assert_eq!(
        code(within_timeout(conn.prep("SELECT ?")).await),
        Some(1235)
    );
    assert_eq!(standin.stats().rejections["prepared_statement"], 1);
    within_timeout(conn.ping()).await.unwrap();
    within_timeout(conn.query_drop("SET time_zone = '+00:00'"))
        .await
        .unwrap();
    let one: Option<i64> = within_timeout(conn.query_first("SELECT 1")).await.unwrap();
    assert_eq!(one, Some(1), "the connection is still usable");
    let mut conn = connect(&standin).await.unwrap();
    assert!(
        within_timeout(conn.change_user(mysql_async::ChangeUserOpts::default()))
            .await
            .is_err()
    );
    assert_eq!(standin.stats().rejections["change_user"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_state_is_reset_between_transactions() {
    let standin = direct().await;
    let mut conn = connect(&standin).await.unwrap();
    let read = "SELECT @a, char_length('世')";
    let mut seen = Vec::new();
    conn.query_drop("SET @a = 1").await.unwrap();
    seen.push(
        conn.query_first::<(Option<i64>, i64), _>(read)
            .await
            .unwrap()
            .unwrap(),
    );
    conn.query_drop("BEGIN").await.unwrap();
    conn.query_drop("SET @a = 1").await.unwrap();
    seen.push(conn.query_first(read).await.unwrap().unwrap());
    conn.query_drop("COMMIT").await.unwrap();
    seen.push(conn.query_first(read).await.unwrap().unwrap());
    // One character, because the character set is restored too.
    assert_eq!(seen, [(None, 1), (Some(1), 1), (None, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn upstream_connections_close_with_their_client() {
    let standin = direct().await;
    let mut conn = connect(&standin).await.unwrap();
    conn.query_drop("BEGIN").await.unwrap();
    assert_eq!(
        (standin.stats().open, standin.stats().upstream_open),
        (1, 1)
    );
    drop(conn);
    wait_until(|| standin.stats().open == 0 && standin.stats().upstream_open == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_during_login() {
    let standin = direct().await;
    for at in ["connect", "auth"] {
        for kind in [
            "drop",
            "reset",
            "half_packet",
            "error_fatal",
            "no_connection",
        ] {
            standin.set_plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}"}}}}"#
            )));
            let failed = within_timeout(connect(&standin)).await;
            assert!(failed.is_err(), "{kind} at {at}");
            let expected = match kind {
                "error_fatal" => Some(1053),
                "no_connection" => Some(1105),
                _ => None,
            };
            assert_eq!(code(failed), expected, "{kind} at {at}");
            within_timeout(connect(&standin))
                .await
                .unwrap()
                .disconnect()
                .await
                .unwrap();
        }
        standin.set_plan(plan(&format!(
            r#"{{"fault":{{"kind":"stall","at":"{at}"}}}}"#
        )));
        assert!(hangs(connect(&standin)).await, "{at}");
        wait_until(|| standin.stats().open == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_injected_at_their_trigger() {
    let standin = direct().await;
    let mut owner = create_table("standin_faults").await;
    for (at, is_done) in [
        ("before_query", false),
        ("before_commit", false),
        ("after_query_before_reply", true),
        ("after_commit_before_reply", true),
        ("mid_reply", true),
    ] {
        for kind in [
            "drop",
            "reset",
            "half_packet",
            "error_fatal",
            "stall",
            "garbage",
        ] {
            owner
                .query_drop("DELETE FROM standin_faults")
                .await
                .unwrap();
            standin.set_plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}","statement":"insert"}}}}"#
            )));
            let mut conn = connect(&standin).await.unwrap();
            conn.query_drop("SELECT 1").await.unwrap();
            let write = conn.query_drop("INSERT INTO standin_faults VALUES (1)");
            if kind == "stall" {
                assert!(hangs(write).await, "{at}");
            } else if kind == "garbage" {
                let outcome = tokio::time::timeout(Duration::from_millis(200), write).await;
                assert!(!matches!(outcome, Ok(Ok(()))), "{at}");
            } else {
                let failed = within_timeout(write).await;
                assert!(failed.is_err(), "{kind} at {at}");
                let expected = (kind == "error_fatal").then_some(1053);
                assert_eq!(code(failed), expected, "{kind} at {at}");
            }
            drop(conn);
            wait_until(|| standin.stats().upstream_open == 0).await;
            let expected = i64::from(is_done);
            assert_eq!(
                count(&mut owner, "standin_faults").await,
                expected,
                "{kind} at {at}"
            );
        }
    }
    owner.query_drop("DROP TABLE standin_faults").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_can_be_lost_before_or_after_it_is_run() {
    let standin = direct().await;
    let mut owner = create_table("standin_commit").await;
    for (at, expected) in [("before_commit", 0), ("after_commit_before_reply", 1)] {
        standin.set_plan(plan(&format!(
            r#"{{"fault":{{"kind":"drop","at":"{at}"}}}}"#
        )));
        let mut conn = connect(&standin).await.unwrap();
        conn.query_drop("BEGIN").await.unwrap();
        conn.query_drop("INSERT INTO standin_commit VALUES (1)")
            .await
            .unwrap();
        assert!(within_timeout(conn.query_drop("COMMIT")).await.is_err());
        wait_until(|| standin.stats().upstream_open == 0).await;
        assert_eq!(count(&mut owner, "standin_commit").await, expected, "{at}");
    }
    owner.query_drop("DROP TABLE standin_commit").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_response_is_an_error() {
    let standin = direct().await;
    for kind in ["drop", "half_packet", "reset", "error_fatal"] {
        standin.set_plan(plan(&format!(
            r#"{{"fault":{{"kind":"{kind}","at":"mid_reply","statement":"seq_1"}}}}"#
        )));
        let mut conn = connect(&standin).await.unwrap();
        let rows: Result<Vec<Row>, _> =
            within_timeout(conn.query("SELECT seq FROM seq_1_to_1000")).await;
        assert!(rows.is_err(), "{kind}");
        assert_eq!(
            code(rows),
            (kind == "error_fatal").then_some(1053),
            "{kind}"
        );
    }
}
