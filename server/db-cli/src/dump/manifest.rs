//! The manifest of a dump: what it holds, of which schema, and by which hashes that can be proved.

use anyhow::{Result, bail, ensure};
use db::schema::{Column, Table};
use db::{Dialect, Kind};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::line::hex;
use crate::ledger::migrations;

/// The name of the format.
const FORMAT: &str = "site-dump";
/// The version of the format that is written, and the only one that is read.
const VERSION: u32 = 1;

/// The manifest.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    /// The time of the export.
    created_at: String,
    /// The engine that the rows come from.
    engine: String,
    schema: SchemaVersion,
    /// True if personal values were replaced.
    pub(super) is_anonymised: bool,
    /// Every table, parents first.
    pub(super) tables: Vec<DumpedTable>,
}

/// The version of the schema.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SchemaVersion {
    /// The newest migration.
    migration: String,
    /// The SHA-256 of the declared tables and columns.
    fingerprint: String,
}

/// A table in a dump.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DumpedTable {
    /// Its name.
    pub(super) name: String,
    columns: Vec<DumpedColumn>,
    /// The number of its rows.
    pub(super) rows: u64,
    /// The SHA-256 of its file.
    pub(super) sha256: String,
    /// The hash of its rows, whatever their order.
    pub(super) rows_hash: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
struct DumpedColumn {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    is_nullable: bool,
}

impl Manifest {
    /// The manifest of a dump of these tables, whose rows are still to come.
    pub(super) fn new(dialect: Dialect, tables: &[Table], is_anonymised: bool) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            created_at: Timestamp::now().rfc3339(),
            engine: dialect.name().to_owned(),
            schema: SchemaVersion {
                migration: newest(dialect).to_owned(),
                fingerprint: fingerprint(tables),
            },
            is_anonymised,
            tables: Vec::new(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// Says that it is none, or of another version of the format.
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let head: Head = match serde_json::from_slice::<Head>(text) {
            Ok(head) if head.format == FORMAT => head,
            _ => bail!("manifest.json is not that of a dump: `cargo x db export` makes dumps"),
        };
        ensure!(
            head.version == VERSION,
            "manifest.json: the dump has version {} of the format, and this program reads version {VERSION}: use the version \
             of the site that wrote it",
            head.version
        );
        serde_json::from_slice(text).map_err(|error| anyhow::anyhow!("manifest.json: {error}"))
    }

    /// Checks that the dump is of the schema that `tables` declare.
    ///
    /// # Errors
    /// Names the first difference, and says how to go on.
    pub(super) fn check(&self, dialect: Dialect, tables: &[Table]) -> Result<()> {
        let (dumped, declared) = (&self.schema.migration, newest(dialect));
        if dumped != declared {
            let known = migrations(dialect).iter().any(|one| one.name == dumped);
            let (age, advice) = if known {
                (
                    "an older version",
                    "restore it with the version of the site that wrote it, run `cargo x db migrate` with this one, and export again",
                )
            } else {
                (
                    "a version unknown here",
                    "update the site to the version that wrote it",
                )
            };
            bail!(
                "manifest.json: the dump has {age} of the schema: {dumped}, and this one is {declared}. To go on, {advice}"
            );
        }
        for (n, table) in tables.iter().enumerate() {
            let Some(dumped) = self
                .tables
                .get(n)
                .filter(|dumped| dumped.name == table.name)
            else {
                bail!(
                    "manifest.json: the table {} is not in its place: {} of {} tables are there",
                    table.name,
                    self.tables.len(),
                    tables.len()
                );
            };
            let declared: Vec<DumpedColumn> = table.columns.iter().map(column).collect();
            let (mut there, mut wanted) = (dumped.columns.iter(), declared.iter());
            loop {
                match (there.next(), wanted.next()) {
                    (None, None) => break,
                    (there, wanted) if there == wanted => {}
                    (there, wanted) => bail!(
                        "manifest.json: a column of {} is {}, declared is {}",
                        table.name,
                        shown(there),
                        shown(wanted)
                    ),
                }
            }
        }
        ensure!(
            self.tables.len() == tables.len(),
            "manifest.json: {} tables, declared are {}",
            self.tables.len(),
            tables.len()
        );
        ensure!(
            self.schema.fingerprint == fingerprint(tables),
            "manifest.json: the fingerprint of its schema is not that of its tables: the file was altered"
        );
        Ok(())
    }

    /// The number of rows of all tables.
    pub(super) fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

impl DumpedTable {
    /// A table with its rows.
    pub(super) fn new(table: &Table, rows: u64, sha256: String, rows_hash: String) -> Self {
        Self {
            name: table.name.to_owned(),
            columns: table.columns.iter().map(column).collect(),
            rows,
            sha256,
            rows_hash,
        }
    }
}

/// The name of a table's file in a dump.
pub(super) fn file_name(table: &str) -> String {
    format!("{table}.jsonl")
}

fn newest(dialect: Dialect) -> &'static str {
    migrations(dialect).last().map_or("none", |one| one.name)
}

fn column(column: &Column) -> DumpedColumn {
    let kind = match column.kind {
        Kind::Bool => "boolean",
        Kind::Int => "integer",
        Kind::Float => "float",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
        Kind::Uuid => "uuid",
        Kind::Time => "milliseconds",
    };
    DumpedColumn {
        name: column.name.to_owned(),
        kind: kind.to_owned(),
        is_nullable: column.is_nullable,
    }
}

fn shown(column: Option<&DumpedColumn>) -> String {
    column.map_or_else(
        || "none".to_owned(),
        |column| {
            let null = if column.is_nullable { " or NULL" } else { "" };
            format!("`{}` ({}{null})", column.name, column.kind)
        },
    )
}

fn fingerprint(tables: &[Table]) -> String {
    let mut hash = Sha256::new();
    for column in tables.iter().flat_map(|table| table.columns) {
        let (key, type_) = (column.is_key, self::column(column));
        hash.update(format!(
            "{}.{} {} {} {key}\n",
            column.table, type_.name, type_.kind, type_.is_nullable
        ));
    }
    hex(&hash.finalize())
}
