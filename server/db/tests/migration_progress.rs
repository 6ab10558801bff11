//! Progress of migrations: each statement is told before it is run, on every engine.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "support/d1.rs"]
mod d1;
mod support;

use std::sync::{Arc, Mutex};

use db::Dialect;
use db::drivers::native::DatabaseUrl;
use db::drivers::sqlite::Sqlite;
use db::migrate::{MYSQL, Migration, POSTGRES, SQLITE, Step, apply_to_watched, check};
use support::{Brand, database};

/// The lines that are told while the site's migrations are applied.
async fn told(url: &DatabaseUrl) -> Vec<String> {
    let lines = Mutex::new(Vec::new());
    let watch = |step: &Step<'_>| lines.lock().unwrap().push(step.to_string());
    apply_to_watched(url, &watch).await.unwrap();
    lines.into_inner().unwrap()
}

/// The lines for these files, of which `line` makes those of one.
fn expected(
    dialect: Dialect,
    files: &[Migration],
    line: fn(&str, usize) -> Vec<String>,
) -> Vec<String> {
    let all = files.iter().zip(1..).flat_map(|(file, at)| {
        let statements = check(dialect, file.name, file.sql).unwrap();
        line(
            &format!("   Migrating {} ({at} of {})", file.name, files.len()),
            statements,
        )
    });
    all.collect()
}

fn each(file: &str, statements: usize) -> Vec<String> {
    let lines = (1..=statements).map(|at| format!("{file}, statement {at} of {statements}"));
    lines.collect()
}

#[tokio::test]
async fn each_statement_is_told_on_every_engine() {
    let path = std::env::temp_dir().join(format!("site-told-{}.sqlite", std::process::id()));
    let file = DatabaseUrl::from_file(path.clone());
    let server = async |brand, name| {
        let url = database(brand, name).await.to_url();
        DatabaseUrl::parse(url.expose(), |name| std::env::var(name).ok()).unwrap()
    };
    for (url, dialect, files) in [
        (file, Dialect::Sqlite, SQLITE),
        (
            server(Brand::Postgres, "site_test_told").await,
            Dialect::Postgres,
            POSTGRES,
        ),
        (
            server(Brand::MySql, "site_test_told").await,
            Dialect::MySql,
            MYSQL,
        ),
    ] {
        assert_eq!(told(&url).await, expected(dialect, files, each));
        assert!(told(&url).await.is_empty());
    }
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_d1_is_sent_whole_files() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    let (address, _) = d1::serve(d1::Answers::Runs(sqlite)).await;
    let url = DatabaseUrl::parse(d1::URL, |name| match name {
        "CLOUDFLARE_API_TOKEN" => Some(d1::TOKEN.to_owned()),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4/")),
        _ => None,
    });
    let whole =
        |file: &str, statements: usize| vec![format!("{file}, {statements} statements at once")];
    assert_eq!(
        told(&url.unwrap()).await,
        expected(Dialect::Sqlite, SQLITE, whole)
    );
}
