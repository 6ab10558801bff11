//! `sqlite-cli`: migrates and seeds a SQLite file, and makes the link to its first administrator, as `db-cli` does. It needs no driver of a server, whose compilation takes
//! most of the time of a first start. `cargo x` runs it for the local D1.
//! Absent: other databases, bulk data and everything else; see `db-cli`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use db::Db;
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::migrate::{self, Step, apply_to_file_watched};
use db_cli::admin::first_admin;
use db_cli::{insert_example, is_empty};
use futures::executor::block_on;

const USAGE: &str = "usage: sqlite-cli migrate FILE
       sqlite-cli seed FILE               insert the example site into an empty database
       sqlite-cli seed --if-empty FILE    do nothing if the database already has users
       sqlite-cli admin FILE              print a link by which the first administrator is made, if there is none";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (file, done) = match arguments.as_slice() {
        ["migrate", file] => (file, migrate(Path::new(file))?),
        ["seed", file] => (file, seed(Path::new(file), false)?),
        ["seed", "--if-empty", file] => (file, seed(Path::new(file), true)?),
        ["admin", file] => (file, link_to_first_admin(Path::new(file))?),
        _ => bail!("{USAGE}"),
    };
    print(&format!("SQLite in {file}: {done}"));
    Ok(())
}

/// Applies the migrations that the file lacks; it is made, if there is none.
fn migrate(file: &Path) -> Result<String> {
    let watch = |step: &Step<'_>| tell(&step.to_string());
    let applied = block_on(apply_to_file_watched(file, migrate::SQLITE, &watch))?;
    Ok(format!("applied {} migrations", applied.len()))
}

fn seed(file: &Path, only_if_empty: bool) -> Result<String> {
    let db = open(file)?;
    if only_if_empty && !block_on(is_empty(&db))? {
        return Ok("already has users; nothing was changed".to_owned());
    }
    block_on(insert_example(&db))
}

fn link_to_first_admin(file: &Path) -> Result<String> {
    let done = block_on(first_admin(&open(file)?))?;
    let link = done.link.map(|link| format!("\nlink: {link}"));
    Ok(done.sentence + &link.unwrap_or_default())
}

fn open(file: &Path) -> Result<Db> {
    ensure!(
        file.is_file(),
        "{} does not exist; migrate it first",
        file.display()
    );
    let sqlite = Arc::new(Sqlite::open(file)?);
    Ok(Db::new(SqliteConnector::Open(sqlite)))
}

#[expect(clippy::print_stdout, reason = "a command prints its result")]
fn print(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a command tells its progress")]
fn tell(text: &str) {
    eprintln!("{text}");
}
