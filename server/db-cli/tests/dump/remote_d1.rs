//! A remote D1, by its HTTP API: no transactions, no exact numbers.

use std::sync::Arc;

use db::drivers::native::DatabaseUrl;
use db::drivers::sqlite::Sqlite;
use db::{Dialect, Statement};
use db_cli::dump::{Existing, Export, Form, Reporter, Restore, Summary, export, restore};

use super::d1::{Answers, TOKEN, URL, serve};
use super::support::{
    Folder, SILENT, client, database, everything, exported, fill, native, tables,
};

/// A remote D1 that keeps its rows in a file.
async fn remote(file: &std::path::Path) -> DatabaseUrl {
    let sqlite = Arc::new(Sqlite::open(file).unwrap());
    let (address, _) = serve(Answers::Runs(sqlite)).await;
    let setting = |name: &str| match name {
        "CLOUDFLARE_API_TOKEN" => Some(TOKEN.to_owned()),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4")),
        _ => None,
    };
    DatabaseUrl::parse(URL, setting).unwrap()
}

async fn restored(
    url: &DatabaseUrl,
    file: &std::path::Path,
    existing: Existing,
) -> Result<Summary, String> {
    let tables = tables();
    let wanted = Restore {
        url,
        tables,
        file,
        existing,
    };
    restore(&wanted, SILENT)
        .await
        .map_err(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_and_go_in_parts() {
    let folder = Folder::new("d1");
    let source = database(Dialect::Sqlite, &folder, "d1_source").await;
    fill(&source).await;
    let original = everything(&source).await;
    let file = folder.path("dump.zip");
    exported(&source, &file, false).await.unwrap();

    let target = database(Dialect::Sqlite, &folder, "d1_target").await;
    let path = native(&target).file().unwrap().to_owned();
    let d1 = remote(&path).await;
    let refused = restored(&d1, &file, Existing::Replace).await.unwrap_err();
    assert!(
        refused.starts_with("a remote D1 has no transaction"),
        "{refused}"
    );
    // It stops on the way, and goes on.
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON posts WHEN (SELECT COUNT(1) FROM posts) >= 300 \
                BEGIN SELECT RAISE(ABORT, 'trap'); END";
    client(&target).run(&Statement::plain(trap)).await.unwrap();
    let stopped = restored(&d1, &file, Existing::Refuse).await.unwrap_err();
    assert!(
        stopped
            .starts_with("what was written until now stays; `--resume` goes on: writing posts: "),
        "{stopped}"
    );
    let part = everything(&target).await[1].len();
    assert!(part > 0 && part <= 300, "{part}");
    client(&target)
        .run(&Statement::plain("DROP TRIGGER trap"))
        .await
        .unwrap();
    let refused = restored(&d1, &file, Existing::Refuse).await.unwrap_err();
    assert!(
        refused.ends_with("`--resume` goes on with an interrupted restore"),
        "{refused}"
    );
    restored(&d1, &file, Existing::Resume).await.unwrap();
    assert!(everything(&target).await == original);

    // Its export is the same dump.
    let again = folder.path("again.zip");
    let wanted = Export {
        url: &d1,
        tables: tables(),
        file: &again,
        form: Form::Dump,
        anonymise: false,
    };
    export(&wanted, SILENT).await.unwrap();
    let third = database(Dialect::Sqlite, &folder, "d1_third").await;
    restored(&native(&third), &again, Existing::Refuse)
        .await
        .unwrap();
    assert!(everything(&third).await == original);

    // A write while it is read is noticed.
    let line = |line: &str| {
        if line.starts_with("reading posts") {
            let sql = "UPDATE users SET bio = 'changed' WHERE bio <> 'changed'";
            let sqlite = Sqlite::open(&path).unwrap();
            sqlite.script(sql).unwrap();
        }
    };
    let reporter = Reporter {
        interval: std::time::Duration::ZERO,
        line: &line,
    };
    let other = folder.path("other.zip");
    let refused = export(
        &Export {
            file: &other,
            ..wanted
        },
        reporter,
    )
    .await
    .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("users was changed while it was read"),
        "{refused}"
    );
    assert!(!other.exists());
}
