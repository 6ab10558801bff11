//! A restore whose process dies: the database is as before.

use std::process::Command;
use std::time::Duration;

use db::Dialect;
use db_cli::dump::{Existing, Reporter, Restore, restore};

use super::support::{
    Folder, client, database, everything, exported, fill, native, restored, tables,
};

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
    let line = |line: &str| {
        if line.starts_with(&end) {
            // Ends at once, as by `kill -9`: nothing is dropped.
            std::process::abort();
        }
    };
    let reporter = Reporter {
        interval: Duration::ZERO,
        line: &line,
    };
    let done = restore(&wanted, reporter).await;
    panic!("it was to end at `{end}`: {done:?}");
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
        let mut ends = vec![
            "checking posts: 100 ",
            "writing users: 1 ",
            "writing posts: 300 ",
            "writing comments: 1000 ",
            "comparing users: ",
            "comparing comments: ",
        ];
        if dialect == Dialect::Sqlite {
            ends.push("building the full-text indexes");
        }
        for end in ends {
            let values = [url.as_str(), file.to_str().unwrap(), end];
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["interrupted::killed", "--exact", "--ignored", "--nocapture"])
                .envs(VARIABLES.into_iter().zip(values))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                !output.status.success() && !said.contains("it was to end"),
                "{end}: {said}"
            );
            assert!(everything(&url).await == before, "{dialect:?}, {end}");
        }
        // The next one goes through.
        restored(&url, &file, Existing::Replace).await.unwrap();
        assert!(everything(&url).await == whole, "{dialect:?}");
    }
}
