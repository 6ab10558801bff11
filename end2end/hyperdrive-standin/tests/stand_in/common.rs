//! Helpers for the tests of both databases.

use std::future::Future;
use std::time::Duration;

use hyperdrive_standin::FaultPlan;

/// Returns a database's URL from the environment.
pub(crate) fn env_url(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x test`, or `cargo x services up` and see its output")
    })
}

pub(crate) fn plan(text: &str) -> FaultPlan {
    serde_json::from_str(text).unwrap()
}

/// Plans for every way to split, merge and delay responses.
pub(crate) fn delivery_plans() -> Vec<FaultPlan> {
    [
        r#"{}"#,
        r#"{"split":"bytes"}"#,
        r#"{"split":"boundaries"}"#,
        r#"{"split":3}"#,
        r#"{"split":1000}"#,
        r#"{"merge":true}"#,
        r#"{"merge":true,"split":"boundaries"}"#,
        r#"{"merge":true,"split":"bytes"}"#,
        r#"{"delay_ms":5}"#,
    ]
    .map(plan)
    .to_vec()
}

/// Panics if `work` takes longer than 20 seconds.
pub(crate) async fn within_timeout<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work)
        .await
        .expect("finished within 20 seconds")
}

/// Returns true if `work` has not finished after 300 ms.
pub(crate) async fn hangs<T>(work: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(300), work)
        .await
        .is_err()
}

/// Waits until the condition holds.
pub(crate) async fn wait_until(mut condition: impl FnMut() -> bool) {
    within_timeout(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
