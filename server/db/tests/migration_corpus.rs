//! The corpus of `tests/migrations`: each file is applied to one database by the runner, and to another by the engine's own
//! client; then both databases must hold the same. A file that is refused must be refused with the sentence that stands
//! beside it (`name.refused`), before anything of it runs.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use db::drivers::server_options::ServerOptions;
use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply_to_file, apply_to_server};
use db::{DbError, Driver, Statement, Value};
use support::{Brand, database};

/// One file of the corpus.
struct Case {
    path: PathBuf,
    migration: Migration,
    /// A part of the sentence with which it is refused.
    refused: Option<String>,
}

fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/migrations")
        .join(folder);
    let mut all: Vec<Case> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let migration = Migration {
                name: name.leak(),
                sql: std::fs::read_to_string(&path).unwrap().leak(),
            };
            let refused = std::fs::read_to_string(path.with_extension("refused")).ok();
            Case {
                path,
                migration,
                refused: refused.map(|text| text.trim_end().to_owned()),
            }
        })
        .collect();
    all.sort_by_key(|case| case.migration.name);
    all
}

/// The difference that one file made, if it made one.
fn verdict(
    case: &Case,
    ours: &Result<Vec<&'static str>, DbError>,
    theirs: Option<&Output>,
    states: [&str; 2],
) -> Option<String> {
    let name = case.migration.name;
    let [here, there] = states;
    let outcome = match (&case.refused, ours) {
        (Some(expected), Err(error)) if error.to_string().contains(expected) => {
            return (here != there).then(|| format!("{name} is refused, and left this:\n{here}"));
        }
        (Some(_), other) => return Some(format!("{name} is not refused as told: {other:?}")),
        (None, outcome) => outcome,
    };
    let output = theirs.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if outcome.is_ok() != output.status.success() {
        return Some(format!("{name}: here {outcome:?}, there {said}"));
    }
    (here != there).then(|| {
        let only = |one: &str, other: &str| {
            let lines: Vec<&str> = one
                .lines()
                .filter(|line| !other.lines().any(|theirs| theirs == *line))
                .collect();
            lines.join("\n")
        };
        format!(
            "{name}: only here\n{}\nonly there\n{}",
            only(here, there),
            only(there, here)
        )
    })
}

fn program(names: &[&str]) -> Command {
    let found = names.iter().find(|name| {
        let version = Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        version.is_ok_and(|status| status.success())
    });
    Command::new(found.unwrap_or_else(|| panic!("no program {}: install it", names.join(" or "))))
}

fn lines(output: Output, unlike: &[&str]) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8_lossy(&output.stdout);
    let kept = text
        .lines()
        .filter(|line| !unlike.iter().any(|start| line.starts_with(start)));
    kept.collect::<Vec<_>>().join("\n")
}

fn postgres(program_name: &str, target: &ServerOptions) -> Command {
    let mut command = program(&[program_name]);
    command
        .env("PGHOST", &target.host)
        .env("PGPORT", target.port.to_string())
        .env("PGUSER", &target.user)
        .env("PGPASSWORD", target.password.expose())
        .env("PGDATABASE", &target.database)
        .env("PGSSLMODE", "require")
        .env("PGCLIENTENCODING", "UTF8");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_files_do_what_psql_does() {
    let state = |target: &ServerOptions| {
        let mut dump = postgres("pg_dump", target);
        // The ledger has a name that a file may use in another schema.
        dump.args(["--inserts", "-T", "public.schema_migrations"]);
        lines(dump.output().unwrap(), &["\\", "--"])
    };
    let mut there = database(Brand::Postgres, "site_test_corpus_there").await;
    let empty = state(&there);
    let mut wrong = Vec::new();
    for case in cases("postgres") {
        let here = database(Brand::Postgres, "site_test_corpus_here").await;
        let ours = apply_to_server(&here, &[case.migration]).await;
        if case.refused.is_some() {
            wrong.extend(verdict(&case, &ours, None, [&state(&here), &empty]));
            continue;
        }
        there = database(Brand::Postgres, "site_test_corpus_there").await;
        let theirs = postgres("psql", &there)
            .args(["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(&case.path)
            .output()
            .unwrap();
        let states = [&*state(&here), &state(&there)];
        wrong.extend(verdict(&case, &ours, Some(&theirs), states));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn mysql(names: &[&str], target: &ServerOptions) -> Command {
    let mut command = program(names);
    command
        .arg("--no-defaults")
        .arg(format!("--host={}", target.host))
        .arg(format!("--port={}", target.port))
        .arg(format!("--user={}", target.user))
        .arg("--ssl")
        .arg("--default-character-set=utf8mb4")
        .env("MYSQL_PWD", target.password.expose());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_files_do_what_the_client_does() {
    let settings = "SET sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', time_zone = '+00:00', \
                    NAMES utf8mb4";
    let state = |target: &ServerOptions| {
        let mut dump = mysql(&["mariadb-dump", "mysqldump"], target);
        let ledger = format!("--ignore-table={}.schema_migrations", target.database);
        dump.args([
            "--routines",
            "--events",
            "--triggers",
            "--skip-comments",
            "--skip-lock-tables",
            &ledger,
        ]);
        lines(dump.arg(&target.database).output().unwrap(), &[]).replace("_there", "_here")
    };
    let mut there = database(Brand::MySql, "site_test_corpus_there").await;
    let empty = state(&there);
    let mut wrong = Vec::new();
    for case in cases("mysql") {
        let here = database(Brand::MySql, "site_test_corpus_here").await;
        let ours = apply_to_server(&here, &[case.migration]).await;
        if case.refused.is_some() {
            wrong.extend(verdict(&case, &ours, None, [&state(&here), &empty]));
            continue;
        }
        there = database(Brand::MySql, "site_test_corpus_there").await;
        let theirs = mysql(&["mariadb", "mysql"], &there)
            .arg(format!("--init-command={settings}"))
            // Otherwise it leaves comments out, those in bodies too; with it, it sends what only itself takes for one.
            .args((!case.migration.sql.contains("\n--no space")).then_some("--comments"))
            .arg(&there.database)
            .stdin(std::fs::File::open(&case.path).unwrap())
            .output()
            .unwrap();
        let states = [&*state(&here), &state(&there)];
        wrong.extend(verdict(&case, &ours, Some(&theirs), states));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Runs a file by the sqlite3 program, each statement by itself.
fn by_sqlite3(case: &Case, file: &Path) -> Output {
    program(&["sqlite3"])
        .args(["-bail", "-cmd", "PRAGMA foreign_keys = ON"])
        .arg(file)
        .stdin(std::fs::File::open(&case.path).unwrap())
        .output()
        .unwrap()
}

/// Everything in a SQLite file apart from the ledger.
async fn contents(file: &Path) -> String {
    let sqlite = Sqlite::open(file).unwrap();
    let run = async |sql: String| {
        let rows = sqlite.read(&[Statement::plain(sql)]).await.unwrap();
        rows.into_iter().next().unwrap()
    };
    let schema = "SELECT type, name, sql FROM sqlite_master WHERE name NOT IN ('d1_migrations', 'schema_migrations', 'sqlite_sequence') \
                  AND tbl_name NOT IN ('d1_migrations', 'schema_migrations') ORDER BY type, name";
    let rows = run(schema.to_owned()).await;
    let mut all = Vec::new();
    for row in rows.cells.chunks_exact(3) {
        all.push(format!("{row:?}"));
        if let [Value::Text(kind), Value::Text(name), _] = row
            && kind == "table"
        {
            let name = name.replace('"', "\"\"");
            all.push(format!(
                "{:?}",
                run(format!("SELECT * FROM \"{name}\"")).await.cells
            ));
        }
    }
    all.join("\n")
}

#[tokio::test]
async fn sqlite_files_do_what_sqlite3_does() {
    let folder = std::env::temp_dir().join(format!("site-corpus-{}", std::process::id()));
    let mut wrong = Vec::new();
    for case in cases("sqlite") {
        std::fs::create_dir_all(&folder).unwrap();
        let [here, there] = ["here", "there"].map(|name| folder.join(name));
        let ours = apply_to_file(&here, &[case.migration]).await;
        let theirs = case.refused.is_none().then(|| by_sqlite3(&case, &there));
        let failed = theirs
            .as_ref()
            .is_some_and(|output| !output.status.success());
        // The program keeps what stands before a failure; the runner keeps nothing.
        if failed {
            std::fs::remove_file(&there).unwrap();
        }
        let states = [contents(&here).await, contents(&there).await];
        wrong.extend(verdict(
            &case,
            &ours,
            theirs.as_ref(),
            [&states[0], &states[1]],
        ));
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
