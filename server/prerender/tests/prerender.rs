//! The program, as `cargo x prerender` runs it, on databases of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, Driver, Statement, Value};
use futures::executor::block_on;

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("prerender-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    /// Creates a database with the example site.
    fn site(&self) -> Arc<Sqlite> {
        let sqlite = Arc::new(Sqlite::open(&self.0.join("site.sqlite")).unwrap());
        block_on(db::migrate::apply(&sqlite, db::migrate::SQLITE)).unwrap();
        block_on(db_cli::insert_example(&Db::new(SqliteConnector::Open(
            Arc::clone(&sqlite),
        ))))
        .unwrap();
        sqlite
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let url = format!("sqlite:{}", self.0.join("site.sqlite").display());
        Command::new(env!("CARGO_BIN_EXE_prerender"))
            .args(["--site-url", "https://site.test", "--out"])
            .arg(self.out())
            .args(arguments)
            .env("DATABASE_URL", url)
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn change(sqlite: &Sqlite, sql: &str) {
    block_on(sqlite.write(&[Statement::plain(sql)]))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn texts(sqlite: &Sqlite, sql: &str) -> Vec<String> {
    let rows = block_on(sqlite.read(&[Statement::plain(sql)]))
        .unwrap()
        .remove(0);
    let text = |cell| match cell {
        Value::Text(text) => text,
        other => panic!("{sql}: {other:?}"),
    };
    rows.cells.into_iter().map(text).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Puts a mark into every private column and every environment variable, and searches every file for the marks.
#[test]
fn nothing_private_is_in_any_file() {
    let folder = Folder::new("private");
    let sqlite = folder.site();
    let mut marks: Vec<String> = Vec::new();
    let mut mark = |name: &str| {
        let mark = format!("MARK-{name}-KRAM");
        marks.push(mark.clone());
        mark
    };
    for (column, sql) in [
        ("password", "UPDATE users SET password_hash = '{}'"),
        ("email", "UPDATE users SET email = '{}' || id"),
        ("source", "UPDATE posts SET content = '{}'"),
        ("search", "UPDATE posts SET search_text = '{}'"),
        ("search-user", "UPDATE users SET search_text = '{}'"),
        (
            "closed-name",
            "UPDATE users SET name = '{}', bio = '{}' WHERE deleted_at IS NOT NULL",
        ),
        (
            "hidden-post",
            "UPDATE posts SET title = '{}', excerpt = '{}', content_html = '{}' WHERE status <> 'published' OR deleted_at IS NOT NULL",
        ),
        (
            "hidden-comment",
            "UPDATE comments SET body = '{}', body_html = '{}' WHERE deleted_at IS NOT NULL",
        ),
        (
            "comment-source",
            "UPDATE comments SET body = '{}' || body WHERE deleted_at IS NOT NULL",
        ),
        (
            "session",
            "INSERT INTO sessions (id, user_id, created_at, expires_at, user_agent) SELECT '{}', id, 0, 0, '{}-agent' FROM users LIMIT 1",
        ),
        (
            "token",
            "INSERT INTO api_tokens (id, user_id, name, token_hash, scopes, created_at) SELECT '{}', id, '{}-name', '{}-hash', '{}-scope', 0 FROM users LIMIT 1",
        ),
        (
            "key",
            "INSERT INTO idempotency_keys (key, user_id, request_hash, response, created_at) SELECT '{}', id, '{}-hash', '{}-response', 0 FROM users LIMIT 1",
        ),
        ("suspension", "UPDATE users SET suspended_reason = '{}'"),
        (
            "passkey",
            "INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, sign_count, name, transports, backup_eligible, backed_up, created_at) \
             SELECT '{}', id, CAST('{}-credential' AS BLOB), CAST('{}-key' AS BLOB), -7, 0, '{}-name', '{}-transport', 1, 1, 0 FROM users LIMIT 1",
        ),
        (
            "code",
            "INSERT INTO codes (id, purpose, user_id, email, code_hash, browser_hash, attempts, expires_at, created_at) \
             SELECT '{}', 'sign_in', id, '{}-email', '{}-hash', '{}-browser', 0, 0, 0 FROM users LIMIT 1",
        ),
        (
            "invite",
            "INSERT INTO invites (id, token_hash, created_by, role, note, expires_at, created_at) SELECT '{}', '{}-hash', id, 'author', '{}-note', 0, 0 FROM users LIMIT 1",
        ),
        (
            "event",
            "INSERT INTO events (id, kind, detail, address, created_at) VALUES ('{}', '{}-kind', '{}-detail', '{}-address', 0)",
        ),
    ] {
        change(&sqlite, &sql.replace("{}", &mark(column)));
    }
    // There is something to hide, else its absence would say nothing.
    let hidden = "SELECT title FROM posts WHERE title LIKE 'MARK-%'";
    assert!(!texts(&sqlite, hidden).is_empty());
    let names = [
        "SESSION_SECRET",
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
        "AWS_SECRET_ACCESS_KEY",
        "HOME",
        "USER",
        "ANYTHING",
    ];
    let environment: Vec<(&str, String)> = names.iter().map(|name| (*name, mark(name))).collect();
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();

    let output = folder.run(&[], &environment);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("reading SQLite in "), "{said}");
    let files = files(&folder.out());
    assert!(files.len() > 400, "{} files", files.len());
    let database = folder.0.display().to_string();
    for file in files {
        let content = text(&fs::read(&file).unwrap());
        for mark in marks.iter().chain([&database]) {
            assert!(
                !content.contains(mark.as_str()),
                "{mark} in {}",
                file.display()
            );
            assert!(
                !file.to_string_lossy().contains("MARK-"),
                "{}",
                file.display()
            );
        }
    }
    // The marks would be found: a public column is in the files.
    change(&sqlite, "UPDATE users SET bio = 'MARK-public-KRAM'");
    fs::remove_dir_all(folder.out()).unwrap();
    assert!(folder.run(&[], &[]).status.success());
    let found = self::files(&folder.out())
        .iter()
        .any(|file| text(&fs::read(file).unwrap()).contains("MARK-public-KRAM"));
    assert!(found);
}

#[test]
fn a_page_that_does_not_render_fails_the_run_with_its_path_and_reason() {
    let folder = Folder::new("fails");
    let sqlite = folder.site();
    let slug = texts(
        &sqlite,
        "SELECT slug FROM posts WHERE status = 'published' AND deleted_at IS NULL LIMIT 1",
    )
    .remove(0);
    change(
        &sqlite,
        &format!("UPDATE posts SET reading_minutes = 'many' WHERE slug = '{slug}'"),
    );
    let output = folder.run(&[], &[]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("/posts/{slug}: status 500")),
        "{said}"
    );
    assert!(said.contains("did not render"), "{said}");
    assert!(
        !folder.out().join("_pages/build").exists(),
        "without this file the Worker looks at none of the others"
    );
}

#[test]
fn without_a_database_the_fixed_pages_are_rendered() {
    let folder = Folder::new("none");
    let output = folder.run(&["--no-database"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut made: Vec<String> = files(&folder.out())
        .iter()
        .map(|file| {
            file.strip_prefix(folder.out())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    made.sort();
    let errors =
        ["403", "404", "410", "500", "503"].map(|status| format!("_pages/errors/{status}"));
    let mut expected = vec![
        "_headers".to_owned(),
        "_pages/build".to_owned(),
        "about".to_owned(),
    ];
    expected.extend(errors);
    expected.sort();
    assert_eq!(made, expected);
    let about = fs::read_to_string(folder.out().join("about")).unwrap();
    assert!(
        about.contains("<link rel=\"canonical\" href=\"https://site.test/about\">"),
        "{about}"
    );
    let headers = fs::read_to_string(folder.out().join("_headers")).unwrap();
    assert!(
        headers.contains("\n/about\n")
            && headers.contains("content-security-policy: default-src 'none'"),
        "{headers}"
    );
    for status in ["404", "500"] {
        let page = fs::read_to_string(folder.out().join("_pages/errors").join(status)).unwrap();
        assert!(
            page.contains(&format!("<p class=\"meta\">{status}</p>")),
            "{page}"
        );
    }
}

#[test]
fn a_limit_renders_the_newest() {
    let folder = Folder::new("limit");
    let sqlite = folder.site();
    assert!(folder.run(&["--limit", "3"], &[]).status.success());
    let newest = texts(
        &sqlite,
        "SELECT posts.slug FROM posts JOIN users ON users.id = posts.author_id WHERE posts.status = 'published' AND posts.deleted_at IS NULL \
         AND users.deleted_at IS NULL ORDER BY published_at DESC, posts.id DESC LIMIT 3",
    );
    let made: Vec<String> = files(&folder.out().join("_pages/posts"))
        .iter()
        .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(made.len(), 3);
    assert!(
        newest.iter().all(|slug| made.contains(slug)),
        "{newest:?} {made:?}"
    );
}

#[test]
fn bad_arguments_are_reported() {
    let folder = Folder::new("wrong");
    for (arguments, url, why) in [
        (&["--site-url", "site.test"][..], "sqlite:x", "is no site"),
        (&[], "", "no database is named"),
        (&[], "oracle://x", "DATABASE_URL cannot be used"),
        (&[], "sqlite:/no/such/folder/x.sqlite", "cannot be"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_prerender"))
            .args(["--site-url", "https://site.test", "--out"])
            .arg(folder.out())
            .args(arguments)
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success());
        assert!(
            said.contains(why) || said.contains("used multiple times"),
            "{url}: {said}"
        );
    }
    folder.site();
    fs::create_dir_all(folder.out()).unwrap();
    fs::write(folder.out().join("here"), "already").unwrap();
    let output = folder.run(&[], &[]);
    assert!(
        text(&output.stderr).contains("is not empty"),
        "{}",
        text(&output.stderr)
    );
}
