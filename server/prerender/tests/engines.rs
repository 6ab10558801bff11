//! Every engine gives the same pages.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::{Db, migrate};
use prerender::args::Args;

use self::d1::Answers;
use self::support::Brand;

#[path = "../../db/tests/support/d1.rs"]
#[expect(dead_code, reason = "it can also give answers that are none")]
mod d1;
#[path = "../../db/tests/support/mod.rs"]
#[expect(dead_code, reason = "it also has the contract")]
mod support;

/// The files rendered from a database, by their path without the version, which each engine hashes in its own way; and the
/// summary.
async fn pages(
    url: &str,
    setting: impl Fn(&str) -> Option<String>,
) -> (BTreeMap<String, String>, String) {
    let name = url.split(':').next().unwrap();
    let out = std::env::temp_dir().join(format!("prerendered-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&out);
    let args = Args {
        out: out.clone(),
        site_url: "https://site.test".to_owned(),
        database_url: Some(url.to_owned()),
        no_database: false,
        limit: 6_000,
        jobs: None,
    };
    let said = prerender::run(&args, setting, |_| ()).await.unwrap();
    let mut found = BTreeMap::new();
    collect(&out, &out, &mut found);
    fs::remove_dir_all(&out).unwrap();
    (found, said)
}

fn collect(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(root, &path, into);
        } else if !name.starts_with("_pages/manifest/") {
            let has_version =
                |end: &str| end.len() == 16 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
            let name = match name.rsplit_once('.') {
                Some((name, end)) if has_version(end) => name,
                _ => name,
            };
            into.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
        }
    }
}

/// Checks the requests to Cloudflare, which counts them: few, and none reads a column that no page shows.
fn check_requests(requests: &[serde_json::Value]) {
    assert!(
        (4..=12).contains(&requests.len()),
        "{} requests",
        requests.len()
    );
    for one in requests {
        let sql = one["sql"].as_str().unwrap();
        for private in ["password_hash", "email", "\"content\"", "search_text"] {
            assert!(!sql.contains(private), "{sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_engine_gives_the_same_pages() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    let (address, requests) = d1::serve(Answers::Runs(Arc::clone(&sqlite))).await;
    let setting = |name: &str| match name {
        "CLOUDFLARE_API_TOKEN" => Some(d1::TOKEN.to_owned()),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4/")),
        _ => None,
    };
    let name = format!("prerender_{}", std::process::id());
    let mut urls = vec![d1::URL.to_owned()];
    for brand in [Brand::Postgres, Brand::MySql] {
        let target = support::database(brand, &name).await;
        urls.push(target.to_url().expose().to_owned());
    }
    let mut made = Vec::new();
    for url in &urls {
        let native = DatabaseUrl::parse(url, setting).unwrap();
        if url == d1::URL {
            migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
        } else {
            migrate::apply_to(&native).await.unwrap();
        }
        let source = native.connector(PoolSize::default()).unwrap();
        db_cli::insert_example(&Db::new(source)).await.unwrap();
        requests.lock().unwrap().clear();
        made.push(pages(url, setting).await);
        if url == d1::URL {
            check_requests(&requests.lock().unwrap());
        }
    }
    let (expected, _) = &made[0];
    assert!(expected.len() > 400, "{} files", expected.len());
    for ((found, said), url) in made.iter().zip(&urls) {
        for (path, page) in expected {
            assert!(found.get(path) == Some(page), "{path} differs: {said}");
        }
        assert_eq!(found.len(), expected.len(), "{said}");
        // The summary names the database and never its password.
        let password = url.split(['/', ':', '@']).nth(4).unwrap_or(d1::TOKEN);
        assert!(
            !said.contains(password) && !said.contains(d1::TOKEN),
            "{said}"
        );
    }
}
