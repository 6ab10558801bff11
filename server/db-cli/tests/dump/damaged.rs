//! Files that are not what `export` wrote: refused before anything is written, with the place named.

use std::io::{Read, Write};
use std::path::Path;

use db::Dialect;
use db::queries::insert;
use db_cli::dump::Existing;
use db_cli::example_rows;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::support::{Folder, client, database, everything, exported, fill, restored};

/// A small dump, and a database that has other rows.
async fn prepared(folder: &Folder) -> (std::path::PathBuf, String) {
    let source = database(Dialect::Sqlite, folder, "source").await;
    let rows = example_rows();
    let db = client(&source);
    db.write(&insert(Dialect::Sqlite, &rows.users[..12]))
        .await
        .unwrap();
    let file = folder.path("dump.zip");
    exported(&source, &file, false).await.unwrap();
    let target = database(Dialect::Sqlite, folder, "target").await;
    fill(&target).await;
    (file, target)
}

async fn refused(target: &str, file: &Path) -> String {
    let refused = restored(target, file, Existing::Replace).await;
    let refused = refused.expect_err("a damaged file");
    let (place, why) = refused.split_once(": ").unwrap();
    assert_eq!(Path::new(place), file, "{refused}");
    why.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_byte_is_found_wherever_it_is() {
    let folder = Folder::new("altered");
    let (file, target) = prepared(&folder).await;
    let before = everything(&target).await;
    let whole = std::fs::read(&file).unwrap();
    let altered = folder.path("altered.zip");
    let mut named = 0;
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&altered, bytes).unwrap();
        let why = refused(&target, &altered).await;
        named += usize::from(why.starts_with("users.jsonl"));
    }
    // The rows are a large part of the file.
    assert!(named > whole.len() / 9, "{named} of {}", whole.len());
    assert!(everything(&target).await == before);
    restored(&target, &file, Existing::Replace).await.unwrap();
    assert_eq!(everything(&target).await[0].len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_is_refused() {
    let folder = Folder::new("cut");
    let (file, target) = prepared(&folder).await;
    let before = everything(&target).await;
    let whole = std::fs::read(&file).unwrap();
    let cut = folder.path("cut.zip");
    let steps = (0..whole.len()).step_by(29);
    for length in steps.chain(whole.len() - 70..whole.len()) {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let why = refused(&target, &cut).await;
        let words = if length < 4 {
            "it is not a dump"
        } else {
            "it is cut or damaged"
        };
        assert!(why.starts_with(words), "{length}: {why}");
    }
    std::fs::write(&cut, [&whole[..], b"more"].concat()).unwrap();
    refused(&target, &cut).await;
    assert!(everything(&target).await == before);
}

/// Packs a dump anew, with other contents.
fn packed(from: &Path, to: &Path, change: impl Fn(&str, String) -> Option<String>) {
    let mut zip = ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut other = ZipWriter::new(std::fs::File::create(to).unwrap());
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        if let Some(text) = change(&name, text) {
            other
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            other.write_all(text.as_bytes()).unwrap();
        }
    }
    other.finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_and_other_schemas_are_refused() {
    let folder = Folder::new("foreign");
    let (file, target) = prepared(&folder).await;
    let before = everything(&target).await;
    let other = folder.path("other.zip");
    std::fs::write(&other, "INSERT INTO users VALUES (1);").unwrap();
    let why = refused(&target, &other).await;
    assert!(
        why.starts_with("it is not a dump: it does not begin as a zip file"),
        "{why}"
    );

    const NEWEST: &str = "0009_posts_by_edit.sql";
    type Change = fn(&str, String) -> Option<String>;
    let cases: [(Change, &str); 11] = [
        (
            |name, text| (name != "manifest.json").then_some(text),
            "it is not a dump: manifest.json is missing",
        ),
        (
            |name, text| {
                Some(if name == "manifest.json" {
                    "{\"rows\": 3}".to_owned()
                } else {
                    text
                })
            },
            "manifest.json is not that of a dump",
        ),
        (
            |_, text| Some(text.replace("\"version\": 1", "\"version\": 2")),
            "manifest.json: the dump has version 2 of the format",
        ),
        (
            |_, text| Some(text.replace(NEWEST, "0002_public_by_date.sql")),
            "manifest.json: the dump has an older version of the schema: 0002_public_by_date.sql, and this one is 0009",
        ),
        (
            |_, text| Some(text.replace(NEWEST, "0099_tags.sql")),
            "manifest.json: the dump has a version unknown here of the schema: 0099_tags.sql",
        ),
        (
            |_, text| Some(text.replace("\"name\": \"bio\"", "\"name\": \"about\"")),
            "manifest.json: a column of users is `about` (text), declared is `bio` (text)",
        ),
        (
            |_, text| Some(text.replace("\"name\": \"comments\"", "\"name\": \"remarks\"")),
            "manifest.json: the table comments is not in its place",
        ),
        (
            |name, text| (name != "users.jsonl").then_some(text),
            "users.jsonl is missing or damaged",
        ),
        (
            |name, text| {
                Some(if name == "users.jsonl" {
                    ["reader", "author", "editor", "admin"]
                        .iter()
                        .fold(text, |text, role| text.replace(&format!("\"{role}\""), "7"))
                } else {
                    text
                })
            },
            "users.jsonl, line 1: `role` is not of the type text",
        ),
        (
            |name, text| {
                Some(if name == "users.jsonl" {
                    text.lines()
                        .take(2)
                        .map(|line| format!("{line}\n"))
                        .collect()
                } else {
                    text
                })
            },
            "users.jsonl has 2 rows, and the manifest says 12",
        ),
        (|_, text| Some(text), "it is not a dump, or was packed anew"),
    ];
    for (change, words) in cases {
        packed(&file, &other, change);
        let why = refused(&target, &other).await;
        assert!(why.starts_with(words), "{why}\n{words}");
    }
    // The way on is said.
    packed(&file, &other, |_, text| {
        Some(text.replace(NEWEST, "0001_initial.sql"))
    });
    let why = refused(&target, &other).await;
    assert!(
        why.contains("restore it with the version of the site that wrote it"),
        "{why}"
    );
    assert!(everything(&target).await == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_nul_is_named_and_not_exported() {
    let folder = Folder::new("nul");
    let url = database(Dialect::Sqlite, &folder, "nul").await;
    fill(&url).await;
    let nul = "UPDATE users SET bio = 'a' || char(0) || 'b' WHERE handle = (SELECT MIN(handle) FROM users)";
    client(&url).run(&db::Statement::plain(nul)).await.unwrap();
    let file = folder.path("dump.zip");
    let refused = exported(&url, &file, false).await.unwrap_err();
    assert!(
        refused.starts_with("users.bio of the row \"")
            && refused.contains("holds text with a NUL character"),
        "{refused}"
    );
    // Nothing is left.
    assert!(!file.exists() && !folder.path("dump.zip.part").exists());
}
