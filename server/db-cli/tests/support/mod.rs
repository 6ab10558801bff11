//! Databases of a test's own, and the program as a person runs it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::schema::ddl;
use db::{Connector, Consistency, Dialect, Driver, Statement, Value};

/// An empty database that a test has for itself.
pub(crate) struct Database {
    pub(crate) url: String,
    /// The folder of a file, removed at the end.
    folder: Option<PathBuf>,
}

impl Database {
    /// Makes one: a file that is a local D1 by its folder, or one on the server that the tests use.
    pub(crate) async fn new(dialect: Dialect, name: &str) -> Self {
        let own = format!("site_{name}_{}", std::process::id());
        let Some(server) = server(dialect) else {
            let top = std::env::temp_dir().join(own);
            let folder = top.join("miniflare-D1DatabaseObject");
            std::fs::create_dir_all(&folder).unwrap();
            let file = folder.join("site.sqlite");
            Sqlite::open(&file).unwrap();
            return Self {
                url: format!("sqlite:{}", file.display()),
                folder: Some(top),
            };
        };
        let admin = open(&server).await;
        for sql in [
            format!("DROP DATABASE IF EXISTS {own}"),
            format!("CREATE DATABASE {own}"),
        ] {
            admin.write(&[Statement::plain(sql)]).await.unwrap();
        }
        let (front, options) = server.split_once('?').unwrap();
        let (front, _) = front.rsplit_once('/').unwrap();
        Self {
            url: format!("{front}/{own}?{options}"),
            folder: None,
        }
    }

    pub(crate) async fn driver(&self) -> Arc<dyn Driver> {
        open(&self.url).await
    }

    /// Runs SQL as the engine's own client would: no ledger knows of it.
    pub(crate) async fn run(&self, sql: &str) {
        if let Some(file) = self.url.strip_prefix("sqlite:") {
            return Sqlite::open(Path::new(file)).unwrap().script(sql).unwrap();
        }
        let driver = self.driver().await;
        for statement in sql.split(";\n").filter(|one| !one.trim().is_empty()) {
            let done = driver.write(&[Statement::plain(statement)]).await;
            done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    /// Every row of the declared tables that are in `tables`.
    pub(crate) async fn rows(&self, tables: &[&str]) -> Vec<Vec<Value>> {
        let driver = self.driver().await;
        let mut all = Vec::new();
        for table in db::schema::TABLES {
            if !tables.contains(&table.name) {
                continue;
            }
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let columns = columns.join(", ");
            let sql = format!("SELECT {columns} FROM {} ORDER BY {columns}", table.name);
            let rows = driver.read(&[Statement::plain(sql)]).await.unwrap();
            all.extend(rows.into_iter().map(|rows| rows.cells));
        }
        all
    }

    /// Runs the program on it. Returns its exit code and what it printed, but for the progress of migrations.
    pub(crate) fn db_cli(&self, arguments: &[&str]) -> (i32, String) {
        let (code, text) = self.db_cli_whole(arguments);
        (code, without_progress(&text))
    }

    /// Runs the program on it. Returns its exit code and all that it printed.
    pub(crate) fn db_cli_whole(&self, arguments: &[&str]) -> (i32, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
        program
            .args(arguments)
            .env("RUST_LIB_BACKTRACE", "0")
            .env("DATABASE_URL", &self.url);
        run(with_servers(&mut program))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A copy of the site's migrations, removed at its end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("site-generate-{name}-{}", std::process::id()));
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(from.join("lints.txt"), folder.join("lints.txt")).unwrap();
        for engine in ["sqlite", "postgres", "mysql"] {
            std::fs::create_dir_all(folder.join(engine)).unwrap();
            for file in std::fs::read_dir(from.join(engine)).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), folder.join(engine).join(file.file_name())).unwrap();
            }
        }
        Self(folder)
    }

    /// The names of an engine's files, in order.
    pub(crate) fn files(&self, engine: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.0.join(engine)).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn remove(&self, name: &str) {
        for engine in ["sqlite", "postgres", "mysql"] {
            std::fs::remove_file(self.0.join(engine).join(name)).unwrap();
        }
    }

    /// Runs `generate`. Returns its exit code and all that it printed.
    pub(crate) fn generate(&self, arguments: &[&str]) -> (i32, String) {
        let mut program = self.program(arguments);
        run(with_servers(&mut program))
    }

    /// `generate` without servers.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
        program
            .args(["generate", "--folder"])
            .arg(&self.0)
            .args(arguments)
            .env("RUST_LIB_BACKTRACE", "0");
        program
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Names the servers that may hold scratch databases.
pub(crate) fn with_servers(program: &mut Command) -> &mut Command {
    for (dialect, variable) in [
        (Dialect::Postgres, "SCRATCH_POSTGRES_URL"),
        (Dialect::MySql, "SCRATCH_MYSQL_URL"),
    ] {
        program.env(variable, server(dialect).unwrap());
    }
    program
}

/// The URL of the server that tests use.
pub(crate) fn server(dialect: Dialect) -> Option<String> {
    let variable = match dialect {
        Dialect::Sqlite => return None,
        Dialect::Postgres => "TEST_POSTGRES_URL",
        Dialect::MySql => "TEST_MYSQL_URL",
    };
    let url = std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run `cargo x test`, or `cargo x services up` and see its output"
        )
    });
    Some(format!("{url}?sslmode=disable"))
}

/// Connects to a URL.
pub(crate) async fn open(url: &str) -> Arc<dyn Driver> {
    let url = DatabaseUrl::parse(url, |_| None).unwrap();
    let connector = url.connector(PoolSize::default()).unwrap();
    connector.connect(Consistency::Strong).await.unwrap()
}

/// The declared schema as SQL, with parts of it replaced; each must be there.
pub(crate) fn declared_but(dialect: Dialect, replaced: &[(&str, &str)]) -> String {
    let mut sql = ddl::create_all(dialect);
    for (from, to) in replaced {
        assert!(sql.contains(from), "{from} is not in\n{sql}");
        sql = sql.replace(from, to);
    }
    sql
}

/// The lines that matter after they were shown.
pub(crate) fn without_progress(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| !line.starts_with("   Migrating "))
        .collect()
}

/// Runs a program. Returns its exit code and all that it printed.
pub(crate) fn run(program: &mut Command) -> (i32, String) {
    let output = program.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}
