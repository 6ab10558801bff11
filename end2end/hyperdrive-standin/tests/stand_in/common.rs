//! What the tests of both engines share.
use std::future::Future;
use std::time::Duration;

use hyperdrive_standin::Plan;

/// The database's URL, which `cargo x test` gives.
pub(crate) fn url(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x test`, or `cargo x services up` and see its output")
    })
}

pub(crate) fn plan(text: &str) -> Plan {
    serde_json::from_str(text).unwrap()
}

/// Every way to cut and merge.
pub(crate) fn manners() -> Vec<Plan> {
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

/// Fails when it takes longer than anything here may.
pub(crate) async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work)
        .await
        .expect("it should have ended")
}

/// Whether it is still not done after a while.
pub(crate) async fn hangs<T>(work: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(300), work)
        .await
        .is_err()
}

/// Waits until this is so.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    soon(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
