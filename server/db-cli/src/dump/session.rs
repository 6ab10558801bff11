//! A session with a database that sees one state of it, or changes it as one.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::queries::dump::{self, NextRows};
use db::schema::Table;
use db::{Connector, Consistency, Dialect, Driver, OpenTransaction, Rows, Statement, Value};

use super::line::{self, MAX_SAFE_INTEGER};
use crate::ledger::pending;

/// The bytes of rows that one statement reads, about.
const CHUNK_BYTES: u64 = 2 << 20;
/// The rows of the first statement, and the most rows of a later one.
const CHUNK_ROWS: (u64, u64) = (100, 1_000);

/// An open session.
pub(super) struct Session {
    dialect: Dialect,
    /// True for a remote D1, which has neither transactions nor exact numbers.
    pub(super) is_d1: bool,
    way: Way,
}

enum Way {
    Transaction(Box<dyn OpenTransaction>),
    Connection(Arc<dyn Driver>),
}

impl Session {
    /// Opens a session that sees one state of the database, and changes nothing. A remote D1 has no such thing: see
    /// [`Session::is_d1`].
    ///
    /// # Errors
    /// Fails if the database cannot be reached, or lacks migrations.
    pub(super) async fn reading(url: &DatabaseUrl) -> Result<Self> {
        Self::reading_of(url, Schemas::Newest).await
    }

    /// Opens a session as [`Session::reading`] does, with a database that may lack migrations.
    ///
    /// # Errors
    /// Fails if the database cannot be reached.
    pub(super) async fn reading_older(url: &DatabaseUrl) -> Result<Self> {
        Self::reading_of(url, Schemas::Any).await
    }

    async fn reading_of(url: &DatabaseUrl, schemas: Schemas) -> Result<Self> {
        let way = match url.file() {
            Some(file) => {
                let sqlite = Sqlite::open(file)?;
                schemas.check(&sqlite).await?;
                // One that does not lock for writing: the site goes on. It ends with the connection.
                sqlite.script("BEGIN")?;
                Way::Connection(Arc::new(sqlite))
            }
            None => Self::transaction(url, schemas).await?,
        };
        let session = Self::new(url, way);
        if let (_, Some(first)) = dump::one_state(session.dialect) {
            session.run(&[first]).await?;
        }
        Ok(session)
    }

    /// Opens a session that changes the database as one.
    ///
    /// # Errors
    /// Fails if the database cannot be reached, or lacks migrations.
    pub(super) async fn writing(url: &DatabaseUrl) -> Result<Self> {
        let way = Self::transaction(url, Schemas::Newest).await?;
        Ok(Self::new(url, way))
    }

    fn new(url: &DatabaseUrl, way: Way) -> Self {
        Self {
            dialect: url.dialect(),
            is_d1: url.is_d1(),
            way,
        }
    }

    async fn transaction(url: &DatabaseUrl, schemas: Schemas) -> Result<Way> {
        let connector = url.connector(PoolSize::default())?;
        let driver = connector.connect(Consistency::Strong).await?;
        schemas.check(&*driver).await?;
        if let (Some(before), _) = dump::one_state(driver.dialect()) {
            driver.write(&[before]).await?;
        }
        Ok(match Arc::clone(&driver).begin() {
            Some(begin) => Way::Transaction(begin.await?),
            None => Way::Connection(driver),
        })
    }

    /// The dialect of its statements.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The parameter for a value. D1 takes whole numbers beyond 2^53 as text only; where a column of numbers is compared with
    /// it or filled, it is a number again.
    pub(super) fn parameter(&self, value: Value) -> Value {
        match value {
            Value::Int(number) if self.is_d1 && number.unsigned_abs() > MAX_SAFE_INTEGER => {
                Value::Text(number.to_string())
            }
            value => value,
        }
    }

    /// Runs statements: atomically where the session is not a transaction.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>> {
        Ok(match &self.way {
            Way::Transaction(open) => open.run(statements).await?,
            Way::Connection(driver) if self.is_d1 => driver.write(statements).await?,
            Way::Connection(driver) => driver.read(statements).await?,
        })
    }

    /// Makes all changes final.
    ///
    /// # Errors
    /// The database's: nothing has happened then.
    pub(super) async fn commit(self) -> Result<()> {
        match self.way {
            Way::Transaction(open) => Ok(open.commit().await?),
            Way::Connection(_) => Ok(()),
        }
    }

    /// Takes all changes back.
    pub(super) async fn roll_back(self) {
        if let Way::Transaction(open) = self.way {
            // Otherwise the end of the connection does it.
            let _ = open.roll_back().await;
        }
    }

    /// Counts the rows of each table.
    pub(super) async fn counts(&self, tables: &[Table]) -> Result<Vec<u64>> {
        let counts = tables.iter().map(|table| dump::count(self.dialect, table));
        let rows = self.run(&counts.collect::<Vec<_>>()).await?;
        let cells = rows.into_iter().flat_map(|rows| rows.cells);
        cells
            .map(|cell| match cell {
                Value::Int(count) => Ok(u64::try_from(count)?),
                // D1's numbers.
                Value::Float(count) => Ok(count as u64),
                _ => bail!("the database cannot count its rows"),
            })
            .collect()
    }

    /// Starts to read a table.
    pub(super) fn rows<'a>(&'a self, table: &'a Table) -> TableRows<'a> {
        TableRows {
            session: self,
            table,
            after: Vec::new(),
            limit: CHUNK_ROWS.0,
        }
    }
}

/// The rows of a table, in the order of its key.
pub(super) struct TableRows<'a> {
    session: &'a Session,
    table: &'a Table,
    after: Vec<Value>,
    limit: u64,
}

impl TableRows<'_> {
    /// Reads the next rows; none at the end.
    ///
    /// # Errors
    /// The database's, or one that names a value that no dump can hold.
    pub(super) async fn next(&mut self) -> Result<Vec<Vec<Value>>> {
        let request = NextRows {
            table: self.table,
            after: &self.after,
            limit: self.limit,
            numbers_as_text: self.session.is_d1,
        };
        let statement = dump::next_rows(self.session.dialect, request);
        let read = self.session.run(&[statement]).await;
        let mut read = read.with_context(|| format!("reading {}", self.table.name))?;
        let cells = read.pop().unwrap_or_default().cells;
        let size = cells.iter().map(size).sum::<u64>().max(1);
        self.limit = (self.limit * CHUNK_BYTES / size).clamp(1, CHUNK_ROWS.1);
        let mut cells = cells.into_iter();
        let mut rows = Vec::new();
        while cells.len() > 0 {
            let row = cells.by_ref().take(self.table.columns.len()).collect();
            rows.push(line::declared(self.table, row)?);
        }
        if let Some(last) = rows.last() {
            let keys = self.table.columns.iter().zip(last);
            let keys = keys.filter(|(column, _)| column.is_key);
            let session = self.session;
            self.after = keys
                .map(|(_, value)| session.parameter(value.clone()))
                .collect();
        }
        Ok(rows)
    }
}

/// The bytes of a value in memory, about.
pub(super) fn size(value: &Value) -> u64 {
    let bytes = match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Uuid(_)
        | Value::Time(_) => 0,
    };
    bytes as u64 + size_of::<Value>() as u64
}

/// The schemas that a database may have.
#[derive(Clone, Copy)]
enum Schemas {
    /// This program's.
    Newest,
    /// An earlier one, too.
    Any,
}

impl Schemas {
    async fn check(self, driver: &dyn Driver) -> Result<()> {
        match self {
            Self::Newest => check_migrated(driver).await,
            Self::Any => Ok(()),
        }
    }
}

async fn check_migrated(driver: &dyn Driver) -> Result<()> {
    match pending(driver).await.as_slice() {
        [] => Ok(()),
        files => bail!(
            "the database lacks migrations ({}): run `cargo x db migrate` first",
            files.join(", ")
        ),
    }
}
