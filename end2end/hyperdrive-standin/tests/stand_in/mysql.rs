//! The stand-in before a real MySQL or MariaDB, with `mysql_async` as the client.

use std::time::Duration;

use crate::common::{hangs, manners, plan, soon, until, url};
use hyperdrive_standin::{Auth, Options, StandIn};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Row};

fn upstream() -> String {
    url("TEST_MYSQL_URL")
}

async fn direct() -> StandIn {
    hyperdrive_standin::start(Options::direct(&upstream()))
        .await
        .unwrap()
}

fn options(url: &str) -> OptsBuilder {
    // The client would look for the server's own socket, and go around the stand-in.
    OptsBuilder::from_opts(Opts::from_url(url).unwrap()).prefer_socket(false)
}

async fn open(url: &str) -> Result<Conn, Error> {
    Conn::new(options(url)).await
}

async fn enter(standin: &StandIn) -> Result<Conn, Error> {
    open(&standin.url(&upstream()).unwrap()).await
}

async fn table(name: &str) -> Conn {
    let mut owner = open(&upstream()).await.unwrap();
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
    soon(conn.query_first(sql)).await.unwrap().unwrap()
}

fn code(result: Result<impl Sized, Error>) -> Option<u16> {
    match result.err()? {
        Error::Server(error) => Some(error.code),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_pass_however_replies_are_cut() {
    let standin = direct().await;
    for plan in manners() {
        standin.plan(plan);
        let mut conn = soon(enter(&standin)).await.unwrap();
        for _ in 0..4 {
            let sql = "SELECT seq, 'Grüße, 世界 🦀', NULL, repeat('x', seq) FROM seq_1_to_300";
            let rows: Vec<(i32, String, Option<String>, String)> =
                soon(conn.query(sql)).await.unwrap();
            assert_eq!(rows.len(), 300);
            for (row, n) in rows.iter().zip(1_i32..) {
                assert_eq!(
                    (row.0, row.1.as_str(), &row.2),
                    (n, "Grüße, 世界 🦀", &None)
                );
                assert_eq!(row.3.len(), usize::try_from(n).unwrap());
            }
            assert_eq!(
                code(soon(conn.query_drop("SELECT nonsense")).await),
                Some(1054)
            );
        }
        let long = "y".repeat(1 << 20);
        let length: Option<usize> = soon(conn.query_first(format!("SELECT length('{long}')")))
            .await
            .unwrap();
        assert_eq!(length, Some(1 << 20));
        conn.disconnect().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_plugins_check_the_password() {
    for auth in [Auth::CachingSha2, Auth::Native] {
        let standin = hyperdrive_standin::start(Options {
            auth,
            ..Options::direct(&upstream())
        })
        .await
        .unwrap();
        let wrong = options(&standin.url(&upstream()).unwrap()).pass(Some("wrong"));
        assert_eq!(
            code(soon(Conn::new(wrong.clone())).await),
            Some(1045),
            "{auth:?}"
        );
        // In full, then by the fast path, which leaves a round trip out.
        let mut trips = Vec::new();
        for _ in 0..2 {
            standin.plan(plan(r#"{"delay_ms":2}"#));
            let before = standin.stats().round_trips;
            soon(enter(&standin))
                .await
                .unwrap()
                .disconnect()
                .await
                .unwrap();
            trips.push(standin.stats().round_trips - before);
        }
        let saved = if auth == Auth::CachingSha2 { 2 } else { 0 };
        assert_eq!(trips[0] - trips[1], saved, "{auth:?}: {trips:?}");
        assert_eq!(code(soon(Conn::new(wrong)).await), Some(1045), "{auth:?}");
        assert_eq!(standin.stats().refusals["wrong_password"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_cached_until_they_are_old() {
    let standin = hyperdrive_standin::start(Options::cached(&upstream()))
        .await
        .unwrap();
    let mut owner = table("hostile_cache").await;
    let mut conn = enter(&standin).await.unwrap();
    assert_eq!(count(&mut conn, "hostile_cache").await, 0);
    conn.query_drop("INSERT INTO hostile_cache VALUES (1)")
        .await
        .unwrap();
    assert_eq!(
        count(&mut conn, "hostile_cache").await,
        0,
        "no write empties the cache"
    );
    conn.query_drop("BEGIN").await.unwrap();
    assert_eq!(
        count(&mut conn, "hostile_cache").await,
        1,
        "not in a transaction"
    );
    conn.query_drop("COMMIT").await.unwrap();
    let mut other = enter(&standin).await.unwrap();
    assert_eq!(
        count(&mut other, "hostile_cache").await,
        0,
        "it is everybody's"
    );
    standin.advance(Duration::from_secs(61));
    assert_eq!(count(&mut conn, "hostile_cache").await, 1);
    let one: Option<f64> = conn.query_first("SELECT rand()").await.unwrap();
    let two: Option<f64> = conn.query_first("SELECT rand()").await.unwrap();
    assert_ne!(one, two);
    let stats = standin.stats();
    assert_eq!(
        (stats.cache_hits, stats.cache_misses, stats.writes),
        (2, 2, 1)
    );
    owner.query_drop("DROP TABLE hostile_cache").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hyperdrive_refuses_is_refused() {
    let standin = direct().await;
    let mut conn = enter(&standin).await.unwrap();
    for (sql, kind) in [
        ("USE mysql", "use"),
        ("SELECT 1; SELECT 2", "multi_statements"),
        ("PREPARE a FROM 'SELECT 1'", "prepare"),
        ("EXECUTE a", "execute"),
        ("DEALLOCATE PREPARE a", "deallocate"),
        ("LOAD DATA LOCAL INFILE 'a' INTO TABLE b", "local_infile"),
    ] {
        assert_eq!(code(soon(conn.query_drop(sql)).await), Some(1235), "{sql}");
        assert_eq!(standin.stats().refusals[kind], 1, "{sql}");
    }
    assert_eq!(
        code(soon(conn.query_drop(&b"SELECT '\xff'"[..])).await),
        Some(1235)
    );
    assert_eq!(standin.stats().refusals["not_utf8"], 1);
    assert_eq!(code(soon(conn.prep("SELECT ?")).await), Some(1235));
    assert_eq!(standin.stats().refusals["prepared_statement"], 1);
    soon(conn.ping()).await.unwrap();
    soon(conn.query_drop("SET time_zone = '+00:00'"))
        .await
        .unwrap();
    let one: Option<i64> = soon(conn.query_first("SELECT 1")).await.unwrap();
    assert_eq!(one, Some(1), "all are survived");
    let mut conn = enter(&standin).await.unwrap();
    assert!(
        soon(conn.change_user(mysql_async::ChangeUserOpts::default()))
            .await
            .is_err()
    );
    assert_eq!(standin.stats().refusals["change_user"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_state_lasts() {
    let standin = direct().await;
    let mut conn = enter(&standin).await.unwrap();
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
    // One character, because the character set is back too.
    let with = |a| (a, 1);
    assert_eq!(seen, [with(None), with(Some(1)), with(None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_close_with_their_client() {
    let standin = direct().await;
    let mut conn = enter(&standin).await.unwrap();
    conn.query_drop("BEGIN").await.unwrap();
    assert_eq!(
        (standin.stats().open, standin.stats().upstream_open),
        (1, 1)
    );
    drop(conn);
    until(|| standin.stats().open == 0 && standin.stats().upstream_open == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_before_the_first_question() {
    let standin = direct().await;
    for at in ["connect", "auth"] {
        for kind in [
            "drop",
            "reset",
            "half_packet",
            "error_fatal",
            "no_connection",
        ] {
            standin.plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}"}}}}"#
            )));
            let failed = soon(enter(&standin)).await;
            assert!(failed.is_err(), "{kind} at {at}");
            let expected = match kind {
                "error_fatal" => Some(1053),
                "no_connection" => Some(1105),
                _ => None,
            };
            assert_eq!(code(failed), expected, "{kind} at {at}");
            soon(enter(&standin))
                .await
                .unwrap()
                .disconnect()
                .await
                .unwrap();
        }
        standin.plan(plan(&format!(
            r#"{{"fault":{{"kind":"stall","at":"{at}"}}}}"#
        )));
        assert!(hangs(enter(&standin)).await, "{at}");
        until(|| standin.stats().open == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_happen_where_they_are_told() {
    let standin = direct().await;
    let mut owner = table("hostile_faults").await;
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
                .query_drop("DELETE FROM hostile_faults")
                .await
                .unwrap();
            standin.plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}","statement":"insert"}}}}"#
            )));
            let mut conn = enter(&standin).await.unwrap();
            conn.query_drop("SELECT 1").await.unwrap();
            let write = conn.query_drop("INSERT INTO hostile_faults VALUES (1)");
            if kind == "stall" {
                assert!(hangs(write).await, "{at}");
            } else if kind == "garbage" {
                let outcome = tokio::time::timeout(Duration::from_millis(200), write).await;
                assert!(!matches!(outcome, Ok(Ok(()))), "{at}");
            } else {
                let failed = soon(write).await;
                assert!(failed.is_err(), "{kind} at {at}");
                let expected = (kind == "error_fatal").then_some(1053);
                assert_eq!(code(failed), expected, "{kind} at {at}");
            }
            drop(conn);
            until(|| standin.stats().upstream_open == 0).await;
            let expected = i64::from(is_done);
            assert_eq!(
                count(&mut owner, "hostile_faults").await,
                expected,
                "{kind} at {at}"
            );
        }
    }
    owner.query_drop("DROP TABLE hostile_faults").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_lost_before_or_after() {
    let standin = direct().await;
    let mut owner = table("hostile_commit").await;
    for (at, expected) in [("before_commit", 0), ("after_commit_before_reply", 1)] {
        standin.plan(plan(&format!(
            r#"{{"fault":{{"kind":"drop","at":"{at}"}}}}"#
        )));
        let mut conn = enter(&standin).await.unwrap();
        conn.query_drop("BEGIN").await.unwrap();
        conn.query_drop("INSERT INTO hostile_commit VALUES (1)")
            .await
            .unwrap();
        assert!(soon(conn.query_drop("COMMIT")).await.is_err());
        until(|| standin.stats().upstream_open == 0).await;
        assert_eq!(count(&mut owner, "hostile_commit").await, expected, "{at}");
    }
    owner.query_drop("DROP TABLE hostile_commit").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_reply_is_never_a_whole_one() {
    let standin = direct().await;
    for kind in ["drop", "half_packet", "reset", "error_fatal"] {
        standin.plan(plan(&format!(
            r#"{{"fault":{{"kind":"{kind}","at":"mid_reply","statement":"seq_1"}}}}"#
        )));
        let mut conn = enter(&standin).await.unwrap();
        let rows: Result<Vec<Row>, _> = soon(conn.query("SELECT seq FROM seq_1_to_1000")).await;
        assert!(rows.is_err(), "{kind}");
        assert_eq!(
            code(rows),
            (kind == "error_fatal").then_some(1053),
            "{kind}"
        );
    }
}
