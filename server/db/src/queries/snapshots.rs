//! Snapshots of statements: for each file of queries one file with their SQL in each dialect, and the plan by which SQLite
//! runs them.
//!
//! A file of queries ends with a test that hands all of them to [`check`]. They are run on a driver that records statements
//! and gives no rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::{Cursor, Direction, Handle, PageRequest, PostId, Search, Slug, Timestamp};
use futures::executor::block_on;
use uuid::Uuid;

use super::health;
use crate::drivers::sqlite::Sqlite;
use crate::schema::TABLES;
use crate::{
    BoxFuture, Connector, Consistency, Db, DbError, Dialect, Driver, Rows, Statement, Value,
    migrate,
};

/// Records statements.
#[derive(Clone)]
struct Recorder {
    dialect: Dialect,
    statements: Arc<Mutex<Vec<Statement>>>,
}

impl Recorder {
    fn record(&self, statements: &[Statement]) -> BoxFuture<'_, Result<Vec<Rows>, DbError>> {
        let rows = vec![Rows::default(); statements.len()];
        let mut recorded = self.statements.lock().expect("nothing panicked");
        recorded.extend_from_slice(statements);
        Box::pin(std::future::ready(Ok(rows)))
    }
}

impl Connector for Recorder {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let driver: Arc<dyn Driver> = Arc::new(self.clone());
        Box::pin(std::future::ready(Ok(driver)))
    }
}

impl Driver for Recorder {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.record(statements)
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.record(statements)
    }
}

/// A client that records what it is asked, and arguments for queries.
pub(super) struct Arguments {
    pub(super) db: Db,
    pub(super) slug: Slug,
    pub(super) handle: Handle,
    pub(super) ids: [PostId; 2],
    pub(super) first: PageRequest,
    pub(super) older: PageRequest,
    pub(super) newer: PageRequest,
    /// No search.
    pub(super) none: Search,
    /// A search.
    pub(super) words: Search,
}

impl Arguments {
    fn new(recorder: Recorder) -> Self {
        let db = Db::new(recorder);
        db.set_now(Timestamp::from_millis(1_800_000_000_000));
        let beyond = |direction| PageRequest {
            limit: 10,
            cursor: Some(Cursor {
                direction,
                at: Timestamp::from_millis(1_700_000_000_000),
                id: Uuid::from_u128(7),
            }),
        };
        Self {
            db,
            slug: Slug::parse("a-post").expect("a slug"),
            handle: Handle::parse("ada").expect("a handle"),
            ids: [PostId(Uuid::from_u128(1)), PostId(Uuid::from_u128(2))],
            first: PageRequest::first(10),
            older: beyond(Direction::Older),
            newer: beyond(Direction::Newer),
            none: Search::default(),
            words: Search::parse("night tra"),
        }
    }
}

/// The queries of one file that were run, and their statements.
pub(super) struct Recording {
    recorder: Recorder,
    queries: Vec<&'static str>,
    statements: Vec<(String, Statement)>,
}

impl Recording {
    /// Runs a query. Its name is that of its function, and words that tell this call from others; the statements of a batch
    /// are numbered.
    pub(super) fn query<T>(
        &mut self,
        name: &'static str,
        query: impl Future<Output = Result<T, DbError>>,
    ) {
        block_on(query).expect("the recorder answers");
        let mut recorded = self.recorder.statements.lock().expect("nothing panicked");
        let count = recorded.len();
        assert!(count > 0, "{name} sent nothing");
        for (n, statement) in recorded.drain(..).enumerate() {
            let name = match count {
                1 => name.to_owned(),
                _ => format!("{name}, {} of {count}", n + 1),
            };
            self.statements.push((name, statement));
        }
        self.queries.push(name);
    }
}

/// Runs the queries of one file in each dialect, compares their statements with the file's snapshot, and checks them.
///
/// `run` has to run every public async function of `module`.
pub(super) fn check(module: &str, run: impl Fn(&mut Recording, &Arguments)) {
    let recordings = Dialect::ALL.map(|dialect| {
        let recorder = Recorder {
            dialect,
            statements: Arc::default(),
        };
        let mut recording = Recording {
            recorder: recorder.clone(),
            queries: Vec::new(),
            statements: Vec::new(),
        };
        run(&mut recording, &Arguments::new(recorder));
        recording
    });
    assert_every_query_is_run(module, &recordings[0].queries);
    let (sqlite, health) = (migrated(), health_check());
    let mut text = String::new();
    for n in 0..recordings[0].statements.len() {
        for recording in &recordings {
            let (name, statement) = &recording.statements[n];
            let dialect = recording.recorder.dialect;
            assert_selects_what_it_names(module, name, statement);
            if dialect == Dialect::MySql {
                assert_changes_no_table_that_it_reads(name, &statement.sql);
            }
            if dialect == recordings[0].recorder.dialect {
                let _ = writeln!(text, "-- {module}::{name}");
            }
            let _ = writeln!(
                text,
                "{}\n{}\n{:?}",
                dialect.name(),
                statement.sql,
                statement.values
            );
            if dialect == Dialect::Sqlite {
                assert_health_reads_its_tables(name, statement, &health);
                let steps = plan(&sqlite, statement);
                assert_walks_along_an_index(module, name, &steps);
                let _ = writeln!(text, "plan\n{}", steps.join("\n"));
            }
        }
        text.push('\n');
    }
    insta::assert_snapshot!(module, text);
}

/// The statement by which the site tells whether it can read what its pages need.
fn health_check() -> Statement {
    let recorder = Recorder {
        dialect: Dialect::Sqlite,
        statements: Arc::default(),
    };
    block_on(health::check(&Db::new(recorder.clone()))).expect("the recorder answers");
    let mut recorded = recorder.statements.lock().expect("nothing panicked");
    recorded.pop().expect("one statement")
}

fn assert_health_reads_its_tables(name: &str, statement: &Statement, health: &Statement) {
    for table in TABLES {
        let quoted = format!("\"{}\"", table.name);
        assert!(
            !statement.sql.contains(&quoted) || health.sql.contains(&quoted),
            "{name} reads {quoted}, and the health check does not: add it to fingerprints::nobodys_page"
        );
    }
}

fn assert_selects_what_it_names(module: &str, name: &str, statement: &Statement) {
    assert!(!statement.sql.contains('*'), "{name}");
    if !statement.sql.starts_with("SELECT") {
        let widest = TABLES.iter().map(|table| table.columns.len()).max();
        // A whole row, and conditions.
        let most = widest.unwrap_or(0) + 20;
        assert!(statement.values.len() <= most, "{name}");
        return;
    }
    // A condition may read it.
    let selected = statement.sql.split(" FROM ").next().unwrap_or_default();
    let selects_password = selected.contains("password_hash");
    assert!(!selects_password || module == "sign_in", "{name}");
    // The stored number is no number that readers may see: the clock changes theirs.
    let counts = statement.sql.contains("post_count");
    assert!(
        !counts || statement.sql.contains("coming.status IN"),
        "{name}"
    );
    // The health check is all of these in one statement.
    let most = if module == "health" { 30 } else { 20 };
    assert!(
        statement.values.len() <= most,
        "{name}: {}",
        statement.values.len()
    );
}

/// MySQL refuses to update or delete from a table that a condition of the statement reads, other than as a table made before
/// (`FROM (SELECT … LIMIT 1) AS …`). MariaDB, which the tests run on, does not.
fn assert_changes_no_table_that_it_reads(name: &str, sql: &str) {
    let changed = ["UPDATE ", "DELETE FROM "]
        .iter()
        .find_map(|verb| sql.strip_prefix(verb));
    let Some(table) = changed.and_then(|rest| rest.split(' ').next()) else {
        return;
    };
    let reads = format!(" FROM {table} ");
    for (at, _) in sql.match_indices(&reads) {
        let is_made_before = sql[..at]
            .rsplit_once("(SELECT")
            .is_some_and(|(outside, _)| outside.ends_with("FROM "));
        let is_the_deletion = at + 1 == "DELETE ".len();
        assert!(is_made_before || is_the_deletion, "{name}: {sql}");
    }
}

/// Lists walk along an index from where they begin; nothing is scanned or sorted. Search is an exception that its index
/// requires: matches come by row number and are sorted by time.
fn assert_walks_along_an_index(module: &str, name: &str, steps: &[String]) {
    let is_search = name.contains(" search");
    // It reads whole tables, once for a build.
    let is_copy = module == "public_copy";
    for step in steps {
        let scans =
            step.starts_with("SCAN") && !step.contains("INDEX") && !step.contains("VIRTUAL TABLE");
        // json_each is the list of ids itself; the others are results of an inner select.
        let inner = [
            "SCAN part",
            "SCAN found",
            "SCAN rows_found",
            "SCAN only_if",
            "SCAN other_admins",
            "SCAN CONSTANT ROW",
        ];
        let is_found = step.contains("json_each") || inner.contains(&step.as_str());
        assert!(!scans || is_found || is_copy, "{name}: {steps:?}");
        let sorts = step.contains("TEMP B-TREE");
        assert!(is_search || is_copy || !sorts, "{name}: {steps:?}");
    }
}

/// A database with the tables of the site.
fn migrated() -> Sqlite {
    let sqlite = Sqlite::in_memory().expect("memory");
    block_on(migrate::apply(&sqlite, migrate::SQLITE)).expect("the migrations apply");
    sqlite
}

/// The steps by which SQLite would run a statement.
fn plan(sqlite: &Sqlite, statement: &Statement) -> Vec<String> {
    let explained = Statement {
        sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
        ..statement.clone()
    };
    let rows = block_on(sqlite.read(&[explained]))
        .expect("it can be explained")
        .remove(0);
    let text = |cell| match cell {
        Value::Text(text) => Some(text),
        _ => None,
    };
    rows.cells.into_iter().filter_map(text).collect()
}

/// Fails for a query of `module` that is not among those that were `run`.
fn assert_every_query_is_run(module: &str, run: &[&str]) {
    let files = files();
    let (_, source) = files
        .iter()
        .find(|(name, _)| name == module)
        .unwrap_or_else(|| panic!("there is no file queries/{module}.rs"));
    for query in queries(source) {
        let is_run = run.iter().any(|name| name.split(' ').next() == Some(query));
        assert!(
            is_run,
            "{module}::{query} is not run by the file's test of its statements"
        );
    }
}

/// The names of the public async functions in a source text.
fn queries(source: &str) -> impl Iterator<Item = &str> {
    let functions = source.split("\npub async fn ").skip(1);
    functions.filter_map(|rest| rest.split(['(', '<']).next())
}

/// The files of this folder, by the name of their module, with their text.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/queries");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let module = path
                    .strip_prefix(&root)
                    .expect("below it")
                    .with_extension("");
                let module = module.to_str().expect("a name in letters");
                let module = module.strip_suffix("/mod").unwrap_or(module).to_owned();
                files.push((
                    module,
                    std::fs::read_to_string(path).expect("a source file"),
                ));
            }
        }
    }
    files
}

#[test]
fn every_file_of_queries_checks_its_statements() {
    let files = files();
    let with_queries = files
        .iter()
        .filter(|(_, text)| queries(text).next().is_some());
    let expected: BTreeSet<String> = with_queries
        .map(|(module, text)| {
            let call = format!("check(\"{module}\", ");
            assert!(
                text.contains(&call),
                "queries/{module}.rs has no test with `{call}…)`"
            );
            format!("db__queries__snapshots__{module}.snap")
        })
        .collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/queries/snapshots");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a name in letters");
        assert!(
            expected.contains(name.trim_end_matches(".new")),
            "{name} belongs to no file of queries: remove it"
        );
    }
}
