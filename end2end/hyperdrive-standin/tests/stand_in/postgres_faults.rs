//! Faults in front of PostgreSQL, and their effect on the database.

use std::time::Duration;

use tokio_postgres::NoTls;

use crate::common::{hangs, plan, wait_until, within_timeout};
use crate::postgres::{connect, count, create_table, direct, query, upstream};

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
            let failed = within_timeout(connect(&standin)).await.err().unwrap();
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
            within_timeout(connect(&standin)).await.unwrap();
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
    let owner = create_table("standin_faults").await;
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
                .batch_execute("TRUNCATE standin_faults")
                .await
                .unwrap();
            standin.set_plan(plan(&format!(
                r#"{{"fault":{{"kind":"{kind}","at":"{at}","statement":"insert"}}}}"#
            )));
            let here = standin.url(&upstream()).unwrap();
            let (client, connection) = tokio_postgres::connect(&here, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            query(&client, "SELECT 1").await.unwrap();
            let write = client.query_typed("INSERT INTO standin_faults VALUES (1)", &[]);
            if kind == "stall" {
                assert!(hangs(write).await, "{at}");
            } else if kind == "garbage" {
                // The bytes may look like the start of a long message, and then the client waits for the rest.
                let outcome = tokio::time::timeout(Duration::from_millis(200), write).await;
                assert!(!matches!(outcome, Ok(Ok(_))), "{at}");
            } else {
                let failed = within_timeout(write).await.err().unwrap();
                let expected = (kind == "error_fatal").then_some("57P01");
                assert_eq!(
                    failed.code().map(|code| code.code()),
                    expected,
                    "{kind} at {at}"
                );
            }
            // Otherwise the client would keep waiting for the rest.
            connection.abort();
            wait_until(|| standin.stats().upstream_open == 0).await;
            let expected = i64::from(is_done);
            assert_eq!(
                count(&owner, "standin_faults").await,
                expected,
                "{kind} at {at}"
            );
        }
    }
    owner
        .batch_execute("DROP TABLE standin_faults")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_can_be_lost_before_or_after_it_is_run() {
    let standin = direct().await;
    let owner = create_table("standin_commit").await;
    for (at, expected) in [("before_commit", 0), ("after_commit_before_reply", 1)] {
        standin.set_plan(plan(&format!(
            r#"{{"fault":{{"kind":"drop","at":"{at}"}}}}"#
        )));
        let client = connect(&standin).await.unwrap();
        query(&client, "BEGIN").await.unwrap();
        query(&client, "INSERT INTO standin_commit VALUES (1)")
            .await
            .unwrap();
        assert!(query(&client, "COMMIT").await.is_err());
        wait_until(|| standin.stats().upstream_open == 0).await;
        assert_eq!(count(&owner, "standin_commit").await, expected, "{at}");
    }
    owner
        .batch_execute("DROP TABLE standin_commit")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_response_is_an_error() {
    let standin = direct().await;
    for kind in ["drop", "half_packet", "reset"] {
        standin.set_plan(plan(&format!(
            r#"{{"fault":{{"kind":"{kind}","at":"mid_reply"}}}}"#
        )));
        let client = connect(&standin).await.unwrap();
        let rows = query(&client, "SELECT n FROM generate_series(1, 1000) AS n").await;
        assert!(rows.is_err(), "{kind}");
    }
}
