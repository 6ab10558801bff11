//! What goes wrong on order before PostgreSQL, and what the database knows of it then.

use std::time::Duration;

use tokio_postgres::NoTls;

use crate::common::{hangs, plan, soon, until};
use crate::postgres::{ask, count, direct, enter, table, upstream};

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
            let failed = soon(enter(&standin)).await.err().unwrap();
            let expected = match kind {
                "error_fatal" => Some("57P01"),
                "no_connection" => Some("58000"),
                _ => None,
            };
            assert_eq!(
                failed.code().map(|code| code.code()),
                expected,
                "{kind} at {at}"
            );
            soon(enter(&standin)).await.unwrap();
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
    let owner = table("hostile_faults").await;
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
                .batch_execute("TRUNCATE hostile_faults")
                .await
                .unwrap();
            standin.plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}","statement":"insert"}}}}"#
            )));
            let here = standin.url(&upstream()).unwrap();
            let (client, connection) = tokio_postgres::connect(&here, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            ask(&client, "SELECT 1").await.unwrap();
            let write = client.query_typed("INSERT INTO hostile_faults VALUES (1)", &[]);
            if kind == "stall" {
                assert!(hangs(write).await, "{at}");
            } else if kind == "garbage" {
                // It may mean a long packet, and then the client waits for the rest.
                let outcome = tokio::time::timeout(Duration::from_millis(200), write).await;
                assert!(!matches!(outcome, Ok(Ok(_))), "{at}");
            } else {
                let failed = soon(write).await.err().unwrap();
                let expected = (kind == "error_fatal").then_some("57P01");
                assert_eq!(
                    failed.code().map(|code| code.code()),
                    expected,
                    "{kind} at {at}"
                );
            }
            // By itself it would wait on for what was promised.
            connection.abort();
            until(|| standin.stats().upstream_open == 0).await;
            let expected = i64::from(is_done);
            assert_eq!(
                count(&owner, "hostile_faults").await,
                expected,
                "{kind} at {at}"
            );
        }
    }
    owner
        .batch_execute("DROP TABLE hostile_faults")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_lost_before_or_after() {
    let standin = direct().await;
    let owner = table("hostile_commit").await;
    for (at, expected) in [("before_commit", 0), ("after_commit_before_reply", 1)] {
        standin.plan(plan(&format!(
            r#"{{"fault":{{"kind":"drop","at":"{at}"}}}}"#
        )));
        let client = enter(&standin).await.unwrap();
        ask(&client, "BEGIN").await.unwrap();
        ask(&client, "INSERT INTO hostile_commit VALUES (1)")
            .await
            .unwrap();
        assert!(ask(&client, "COMMIT").await.is_err());
        until(|| standin.stats().upstream_open == 0).await;
        assert_eq!(count(&owner, "hostile_commit").await, expected, "{at}");
    }
    owner
        .batch_execute("DROP TABLE hostile_commit")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_reply_is_never_a_whole_one() {
    let standin = direct().await;
    for kind in ["drop", "half_packet", "reset"] {
        standin.plan(plan(&format!(
            r#"{{"fault":{{"kind":"{kind}","at":"mid_reply"}}}}"#
        )));
        let client = enter(&standin).await.unwrap();
        let rows = ask(&client, "SELECT n FROM generate_series(1, 1000) AS n").await;
        assert!(rows.is_err(), "{kind}");
    }
}
