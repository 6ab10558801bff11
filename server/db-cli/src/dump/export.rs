//! Export: a database's rows into a dump, or into a file of SQL.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use db::Value;
use db::drivers::native::DatabaseUrl;
use db::schema::Table;

use super::anonymise::Anonymiser;
use super::archive::Writer;
use super::line::{self, RowsHash};
use super::manifest::Manifest;
use super::progress::{Progress, Reporter};
use super::session::Session;
use super::sql::SqlWriter;
use super::summary::Summary;

/// The form of an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A dump, which any engine can be filled from.
    Dump,
    /// INSERT statements in the database's own dialect.
    Sql,
}

/// An export.
pub struct Export<'a> {
    /// The database, which is not changed.
    pub url: &'a DatabaseUrl,
    /// The tables, parents first.
    pub tables: &'static [Table],
    /// The file to write. It must not exist.
    pub file: &'a Path,
    /// The form of the file.
    pub form: Form,
    /// Replaces what is personal, by the rule that is declared with each column.
    pub anonymise: bool,
}

/// Writes every row of a database, as they are at one moment, into a file. The file appears when it is complete.
///
/// # Errors
/// Fails if the file exists, if the database lacks migrations or holds a value that no dump can hold, and if a remote D1, which
/// cannot show one moment, was changed meanwhile.
pub async fn export(export: &Export<'_>, reporter: Reporter<'_>) -> Result<Summary> {
    let session = Session::reading(export.url).await;
    write(export, session, reporter).await
}

/// Writes every row of a database that lacks migrations, as [`export`] does, in the database's own SQL: no dump is of another
/// schema than this program's. `tables` are those that the database has.
///
/// # Errors
/// Fails like [`export`], and if a table has no key by which its rows are read.
pub async fn export_older(export: &Export<'_>, reporter: Reporter<'_>) -> Result<Summary> {
    for table in export.tables {
        ensure!(
            table.columns.iter().any(|column| column.is_key),
            "the table {} has no primary key, by which its rows are read",
            table.name
        );
    }
    let session = Session::reading_older(export.url).await;
    write(export, session, reporter).await
}

async fn write(
    export: &Export<'_>,
    session: Result<Session>,
    reporter: Reporter<'_>,
) -> Result<Summary> {
    let started = Instant::now();
    let file = export.file;
    ensure!(
        !file.exists(),
        "{} exists: nothing is written over it. Give another name, or remove it",
        file.display()
    );
    let session = session?;
    let part = Part::new(file)?;
    let output = part.create()?;
    let mut sink = match export.form {
        Form::Dump => {
            let manifest = Manifest::new(session.dialect(), export.tables, export.anonymise);
            Sink::Dump(Box::new(Writer::create(output, manifest)))
        }
        Form::Sql => Sink::Sql(SqlWriter::create(
            output,
            session.dialect(),
            export.anonymise,
        )?),
    };
    let tables = write_all(export, &session, &mut sink, reporter).await?;
    sink.finish()?;
    let bytes = part.finish()?;
    Ok(Summary {
        tables,
        bytes,
        took: started.elapsed(),
    })
}

async fn write_all(
    export: &Export<'_>,
    session: &Session,
    sink: &mut Sink,
    reporter: Reporter<'_>,
) -> Result<Vec<(&'static str, u64)>> {
    let anonymiser = export.anonymise.then(Anonymiser::new).transpose()?;
    let total = session.counts(export.tables).await?.iter().sum();
    let mut progress = Progress::start("reading", total, reporter);
    let (mut written, mut read) = (Vec::new(), Vec::new());
    for table in export.tables {
        sink.begin(table)?;
        let mut count = 0;
        if anonymiser.is_none() || !Anonymiser::leaves_out(table) {
            let mut hash = RowsHash::default();
            let mut rows = session.rows(table);
            loop {
                let chunk = rows.next().await?;
                if chunk.is_empty() {
                    break;
                }
                count += chunk.len() as u64;
                progress.add(table.name, chunk.len() as u64);
                for row in chunk {
                    if session.is_d1 {
                        hash.add(&line::write(&row));
                    }
                    let row = match &anonymiser {
                        Some(anonymiser) => anonymiser.row(table, row)?,
                        None => row,
                    };
                    sink.row(table, &row)?;
                }
            }
            read.push((table, hash));
        }
        sink.end(table)?;
        written.push((table.name, count));
    }
    if session.is_d1 {
        check_unchanged(session, &read, total, reporter).await?;
    }
    Ok(written)
}

/// Reads everything again. If every table is the same, there was a moment between the two at which all were as they were read.
async fn check_unchanged(
    session: &Session,
    read: &[(&Table, RowsHash)],
    total: u64,
    reporter: Reporter<'_>,
) -> Result<()> {
    let mut progress = Progress::start("comparing", total, reporter);
    for (table, before) in read {
        let now = hash(session, table, &mut progress).await?;
        ensure!(
            now == *before,
            "{} was changed while it was read, and D1 cannot show one moment over HTTP: run it again when nobody writes",
            table.name
        );
    }
    Ok(())
}

/// Reads a table and hashes its rows.
pub(super) async fn hash(
    session: &Session,
    table: &Table,
    progress: &mut Progress<'_>,
) -> Result<RowsHash> {
    let mut hash = RowsHash::default();
    let mut rows = session.rows(table);
    loop {
        let chunk = rows.next().await?;
        if chunk.is_empty() {
            return Ok(hash);
        }
        progress.add(table.name, chunk.len() as u64);
        for row in chunk {
            hash.add(&line::write(&row));
        }
    }
}

/// The file in which rows end.
enum Sink {
    Dump(Box<Writer>),
    Sql(SqlWriter),
}

impl Sink {
    fn begin(&mut self, table: &Table) -> Result<()> {
        match self {
            Self::Dump(dump) => dump.begin(table),
            Self::Sql(_) => Ok(()),
        }
    }

    fn row(&mut self, table: &Table, row: &[Value]) -> Result<()> {
        match self {
            Self::Dump(dump) => dump.row(row),
            Self::Sql(sql) => sql.row(table, row),
        }
    }

    fn end(&mut self, table: &Table) -> Result<()> {
        match self {
            Self::Dump(dump) => {
                dump.end(table);
                Ok(())
            }
            Self::Sql(sql) => sql.end(),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Dump(dump) => dump.finish(),
            Self::Sql(sql) => sql.finish(),
        }
    }
}

/// A file under another name until it is complete. Dropped before, it is removed; one that a killed program left is written
/// over.
struct Part<'a> {
    whole: &'a Path,
    part: PathBuf,
}

impl<'a> Part<'a> {
    fn new(whole: &'a Path) -> Result<Self> {
        let name = whole.file_name().context("the file has no name")?;
        let mut part = name.to_owned();
        part.push(".part");
        Ok(Self {
            whole,
            part: whole.with_file_name(part),
        })
    }

    fn create(&self) -> Result<File> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        // It holds what its database holds: nobody else has to read it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&self.part)
            .with_context(|| format!("{} cannot be written", self.part.display()))
    }

    /// Gives it its name; returns its size.
    fn finish(self) -> Result<u64> {
        let bytes = self.part.metadata()?.len();
        std::fs::rename(&self.part, self.whole)?;
        Ok(bytes)
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        // After its rename there is none.
        let _ = std::fs::remove_file(&self.part);
    }
}
