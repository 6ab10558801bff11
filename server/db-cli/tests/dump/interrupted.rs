//! A restore whose process dies: the database is as before.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use db::Dialect;
use db_cli::dump::{Existing, Reporter, Restore, restore};

use super::support::{
    Folder, client, database, everything, exported, fill, native, restored, tables,
};

/// The distance of the places at which a restore is killed; 1 tries each, and takes half an hour.
const EVERY: usize = 163;

/// The variables by which this program, started by itself, knows what to do.
const VARIABLES: [&str; 3] = ["RESTORE_INTO", "RESTORE_FILE", "RESTORE_ENDS_AT"];

#[tokio::test]
#[ignore = "another test starts it as a process of its own"]
async fn killed() {
    let [url, file, end] = VARIABLES.map(|name| std::env::var(name).unwrap());
    let wanted = Restore {
        url: &native(&url),
        tables: tables(),
        file: file.as_ref(),
        existing: Existing::Replace,
    };
    let end: usize = end.parse().unwrap();
    let lines = AtomicUsize::new(0);
    let line = |_: &str| {
        if lines.fetch_add(1, SeqCst) + 1 == end {
            // Ends at once, as by `kill -9`: nothing is dropped.
            std::process::abort();
        }
    };
    let reporter = Reporter {
        interval: Duration::ZERO,
        line: &line,
    };
    restore(&wanted, reporter).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_leaves_the_database_as_before() {
    let folder = Folder::new("killed");
    let source = database(Dialect::Sqlite, &folder, "killed_source").await;
    fill(&source).await;
    let file = folder.path("dump.zip");
    exported(&source, &file, false).await.unwrap();
    let whole = everything(&source).await;
    for dialect in Dialect::ALL {
        let url = database(dialect, &folder, &format!("killed_{}", dialect.name())).await;
        restored(&url, &file, Existing::Refuse).await.unwrap();
        let change = "UPDATE users SET bio = 'before', search_text = 'before'";
        client(&url)
            .run(&db::Statement::plain(change))
            .await
            .unwrap();
        let before = everything(&url).await;
        // It says something before each part that it checks, writes and compares, some 2,200 times; a run that is not ended has
        // been through all.
        let (mut kills, mut end) = (0, 1);
        loop {
            let end_at = end.to_string();
            let values = [url.as_str(), file.to_str().unwrap(), &end_at];
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["interrupted::killed", "--exact", "--ignored", "--nocapture"])
                .envs(VARIABLES.into_iter().zip(values))
                .output()
                .unwrap();
            if output.status.success() {
                break;
            }
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("panicked"), "{end}: {said}");
            assert!(everything(&url).await == before, "{dialect:?}, {end}");
            kills += 1;
            end += EVERY;
        }
        assert!(kills >= 12, "{dialect:?}: {kills}");
        // The next one goes through.
        restored(&url, &file, Existing::Replace).await.unwrap();
        assert!(everything(&url).await == whole, "{dialect:?}");
    }
}
