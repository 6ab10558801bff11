//! Restore: the rows of a dump into a database, all of them or none.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use db::drivers::native::DatabaseUrl;
use db::queries::dump::{any_row, delete_all, insert_sql, lock, rebuild_search, triggers};
use db::schema::Table;
use db::{Dialect, Statement, Value};

use super::archive::Reader;
use super::export::hash;
use super::line;
use super::manifest::{DumpedTable, Manifest};
use super::progress::{Progress, Reporter};
use super::session::{Session, size};
use super::summary::Summary;

/// The most rows of a statement.
const STATEMENT_ROWS: usize = 100;
/// The bytes after which a statement, or what is sent at once, ends: every server is configured to accept that much.
const MAX_BYTES: u64 = 1 << 20;
/// The most statements that are sent at once.
const MAX_STATEMENTS: usize = 50;

/// The treatment of rows that the database already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// A database with rows is refused.
    Refuse,
    /// They are deleted, in the same transaction.
    Replace,
    /// They are those that an interrupted restore of the same dump has written into a remote D1.
    Resume,
}

/// A restore.
pub struct Restore<'a> {
    /// The database.
    pub url: &'a DatabaseUrl,
    /// The tables, parents first.
    pub tables: &'static [Table],
    /// The dump.
    pub file: &'a Path,
    /// The treatment of rows that are there.
    pub existing: Existing,
}

/// Fills a database from a dump: checks the whole dump first, writes in one transaction, and compares what it wrote before it
/// ends that. A remote D1, which has no transactions, is filled in parts.
///
/// # Errors
/// Fails if the dump is none, was cut or altered, or is of another schema; if the database lacks migrations, has rows or
/// refuses some. Nothing has changed then, except in a remote D1.
pub async fn restore(restore: &Restore<'_>, reporter: Reporter<'_>) -> Result<Summary> {
    let started = Instant::now();
    let shown = restore.file.display();
    let (mut reader, manifest) = Reader::open(restore.file).with_context(|| shown.to_string())?;
    check(restore, &mut reader, &manifest, reporter).with_context(|| shown.to_string())?;
    match (restore.url.is_d1(), restore.existing) {
        (true, Existing::Replace) => bail!(
            "a remote D1 has no transaction in which its rows could be replaced: restore into a new one, and bind that"
        ),
        (false, Existing::Resume) => bail!(
            "there is nothing to resume: only a remote D1 is filled in parts, everything else as a whole"
        ),
        _ => {}
    }
    let session = Session::writing(restore.url).await?;
    if let Err(error) = fill(restore, &session, &mut reader, &manifest, reporter).await {
        let is_d1 = session.is_d1;
        session.roll_back().await;
        return Err(error.context(if is_d1 {
            "what was written until now stays; `--resume` goes on"
        } else {
            "nothing was changed"
        }));
    }
    session.commit().await?;
    let rows = restore.tables.iter().zip(&manifest.tables);
    Ok(Summary {
        tables: rows
            .map(|(table, dumped)| (table.name, dumped.rows))
            .collect(),
        bytes: restore.file.metadata()?.len(),
        took: started.elapsed(),
    })
}

/// Reads the whole dump once.
fn check(
    restore: &Restore<'_>,
    reader: &mut Reader,
    manifest: &Manifest,
    reporter: Reporter<'_>,
) -> Result<()> {
    let dialect = restore.url.dialect();
    manifest.check(dialect, restore.tables)?;
    let mut progress = Progress::start("checking", manifest.rows(), reporter);
    for (table, dumped) in restore.tables.iter().zip(&manifest.tables) {
        let mut rows = reader.rows(table, dumped)?;
        while let Some(row) = rows.next()? {
            check_size(dialect, table, &row)?;
            progress.add(table.name, 1);
        }
    }
    reader.check_frame(manifest)
}

fn check_size(dialect: Dialect, table: &Table, row: &[Value]) -> Result<()> {
    let limit = dialect.max_value_bytes() as u64;
    let cells = table.columns.iter().zip(row);
    let bytes: u64 = cells.map(|(_, value)| size(value)).sum();
    ensure!(
        bytes <= limit,
        "the row {} of {} has {bytes} bytes; {} allows {limit}",
        line::key(table, row),
        table.name,
        dialect.name()
    );
    Ok(())
}

async fn fill(
    restore: &Restore<'_>,
    session: &Session,
    reader: &mut Reader,
    manifest: &Manifest,
    reporter: Reporter<'_>,
) -> Result<()> {
    let (dialect, tables) = (session.dialect(), restore.tables);
    let locks: Vec<Statement> = lock(dialect, tables).into_iter().collect();
    session.run(&locks).await?;
    let mut present = vec![0; tables.len()];
    match restore.existing {
        Existing::Refuse => check_empty(session, tables).await?,
        Existing::Resume => present = session.counts(tables).await?,
        Existing::Replace => {}
    }
    let suspended = if session.is_d1 {
        Vec::new()
    } else {
        suspend_triggers(session, tables).await?
    };
    if restore.existing == Existing::Replace {
        let deletes = tables.iter().rev().map(|table| delete_all(dialect, table));
        session.run(&deletes.collect::<Vec<_>>()).await?;
    }
    let mut progress = Progress::start("writing", manifest.rows(), reporter);
    let tables_of_dump = tables.iter().zip(&manifest.tables).zip(present);
    for ((table, dumped), present) in tables_of_dump {
        ensure!(
            present <= dumped.rows,
            "{} has {present} rows, and the dump {}: they are not those of an interrupted restore of it",
            table.name,
            dumped.rows
        );
        write(session, reader, (table, dumped), present, &mut progress)
            .await
            .with_context(|| format!("writing {}", table.name))?;
    }
    if !suspended.is_empty() {
        session.run(&suspended).await?;
        (reporter.line)("building the full-text indexes");
        let rebuilds = tables
            .iter()
            .filter_map(|table| rebuild_search(dialect, table));
        session.run(&rebuilds.collect::<Vec<_>>()).await?;
    }
    let mut progress = Progress::start("comparing", manifest.rows(), reporter);
    for (table, dumped) in tables.iter().zip(&manifest.tables) {
        let written = hash(session, table, &mut progress).await?;
        ensure!(
            written.rows() == dumped.rows && written.text() == dumped.rows_hash,
            "{} does not hold what the dump does: {} rows were written and {} are there, or values differ",
            table.name,
            dumped.rows,
            written.rows()
        );
    }
    Ok(())
}

async fn check_empty(session: &Session, tables: &[Table]) -> Result<()> {
    for table in tables {
        let rows = session.run(&[any_row(session.dialect(), table)]).await?;
        let is_empty = rows.iter().all(db::Rows::is_empty);
        let advice = if session.is_d1 {
            "`--resume` goes on with an interrupted restore"
        } else {
            "`--replace` deletes all its rows first"
        };
        ensure!(
            is_empty,
            "the database is not empty: {} has rows. {advice}",
            table.name
        );
    }
    Ok(())
}

/// Drops the triggers that would change other tables with each row; the dump has what they have done. Returns the statements
/// that bring them back.
async fn suspend_triggers(session: &Session, tables: &[Table]) -> Result<Vec<Statement>> {
    let Some(select) = triggers(session.dialect(), tables) else {
        return Ok(Vec::new());
    };
    let rows = session.run(&[select]).await?;
    let mut cells = rows.into_iter().flat_map(|rows| rows.cells);
    let (mut drops, mut creates) = (Vec::new(), Vec::new());
    while let (Some(Value::Text(name)), Some(Value::Text(sql))) = (cells.next(), cells.next()) {
        let name = name.replace('"', "\"\"");
        drops.push(Statement::plain(format!("DROP TRIGGER \"{name}\"")));
        creates.push(Statement::plain(sql));
    }
    session.run(&drops).await?;
    Ok(creates)
}

/// Writes the rows of a table, without the first `present`.
async fn write(
    session: &Session,
    reader: &mut Reader,
    (table, dumped): (&Table, &DumpedTable),
    present: u64,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let mut rows = reader.rows(table, dumped)?;
    let mut batch = Batch::new(session, table);
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number += 1;
        if number > present {
            let row = row.into_iter().map(|value| session.parameter(value));
            batch.add(row.collect()).await?;
        }
        progress.add(table.name, 1);
    }
    batch.send().await
}

/// Rows on their way.
struct Batch<'a> {
    session: &'a Session,
    table: &'a Table,
    rows_per_statement: usize,
    /// The SQL of a statement of that many rows.
    sql: String,
    statements: Vec<Statement>,
    bytes: u64,
    /// The values of the next statement, and their bytes.
    values: Vec<Value>,
    value_bytes: u64,
}

impl<'a> Batch<'a> {
    fn new(session: &'a Session, table: &'a Table) -> Self {
        let most = session.dialect().max_parameters() / table.columns.len();
        let rows_per_statement = most.clamp(1, STATEMENT_ROWS);
        Self {
            session,
            table,
            rows_per_statement,
            sql: insert_sql(session.dialect(), table, rows_per_statement),
            statements: Vec::new(),
            bytes: 0,
            values: Vec::new(),
            value_bytes: 0,
        }
    }

    async fn add(&mut self, row: Vec<Value>) -> Result<()> {
        let bytes: u64 = row.iter().map(size).sum();
        if self.value_bytes + bytes > MAX_BYTES {
            self.end_statement();
        }
        if self.bytes + self.value_bytes + bytes > MAX_BYTES
            || self.statements.len() >= MAX_STATEMENTS
        {
            self.send().await?;
        }
        self.values.extend(row);
        self.value_bytes += bytes;
        if self.values.len() == self.rows_per_statement * self.table.columns.len() {
            self.end_statement();
        }
        Ok(())
    }

    fn end_statement(&mut self) {
        let rows = self.values.len() / self.table.columns.len();
        if rows == 0 {
            return;
        }
        let sql = if rows == self.rows_per_statement {
            self.sql.clone()
        } else {
            insert_sql(self.session.dialect(), self.table, rows)
        };
        let values = std::mem::take(&mut self.values);
        self.statements.push(Statement { sql, values });
        self.bytes += std::mem::take(&mut self.value_bytes);
    }

    async fn send(&mut self) -> Result<()> {
        self.end_statement();
        if !self.statements.is_empty() {
            self.session.run(&self.statements).await?;
        }
        self.statements.clear();
        self.bytes = 0;
        Ok(())
    }
}
