//! The file of a dump: a zip file, and at its end the SHA-256 of everything before.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Error, Result, bail, ensure};
use db::Value;
use db::schema::Table;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::line::{self, RowsHash, hex};
use super::manifest::{DumpedTable, Manifest, file_name};

const MANIFEST: &str = "manifest.json";
/// The beginning of the zip file's comment; the hash follows.
const SEAL: &str = "site-dump; SHA-256 of everything before: ";
const HASH_DIGITS: usize = 64;
/// The longest line that is read: the longest text that a database holds, escaped.
const MAX_LINE_BYTES: u64 = 256 << 20;
const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// Writes a dump.
pub(super) struct Writer {
    zip: ZipWriter<BufWriter<File>>,
    manifest: Manifest,
    /// Of the table that is being written.
    file_hash: Sha256,
    rows_hash: RowsHash,
}

impl Writer {
    /// Makes the file.
    ///
    /// # Errors
    /// Fails if it cannot be made.
    pub(super) fn create(file: File, manifest: Manifest) -> Self {
        Self {
            zip: ZipWriter::new(BufWriter::new(file)),
            manifest,
            file_hash: Sha256::new(),
            rows_hash: RowsHash::default(),
        }
    }

    fn options() -> SimpleFileOptions {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(true)
    }

    /// Begins the file of a table.
    pub(super) fn begin(&mut self, table: &Table) -> Result<()> {
        self.zip
            .start_file(file_name(table.name), Self::options())?;
        self.file_hash = Sha256::new();
        self.rows_hash = RowsHash::default();
        Ok(())
    }

    /// Writes a row of the table that was begun.
    pub(super) fn row(&mut self, row: &[Value]) -> Result<()> {
        let line = line::write(row);
        self.file_hash.update(&line);
        self.rows_hash.add(&line);
        self.zip.write_all(&line)?;
        Ok(())
    }

    /// Ends the file of a table.
    pub(super) fn end(&mut self, table: &Table) {
        let sha256 = hex(&std::mem::take(&mut self.file_hash).finalize());
        let (rows, hash) = (self.rows_hash.rows(), self.rows_hash.text());
        let table = DumpedTable::new(table, rows, sha256, hash);
        self.manifest.tables.push(table);
    }

    /// Ends the dump, and returns once it is on the disk.
    pub(super) fn finish(mut self) -> Result<()> {
        self.zip.start_file(MANIFEST, Self::options())?;
        serde_json::to_writer_pretty(&mut self.zip, &self.manifest)?;
        self.zip
            .set_comment(format!("{SEAL}{}", "0".repeat(HASH_DIGITS)))?;
        let mut file = self
            .zip
            .finish()?
            .into_inner()
            .map_err(|error| error.into_error())?;
        let hash = hash_before_seal(&mut file)?;
        file.write_all(hash.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }
}

/// The hash of everything before the last characters of the file, at which it is left.
fn hash_before_seal(file: &mut File) -> Result<String> {
    let size = file.seek(SeekFrom::End(0))?;
    let before = size.saturating_sub(HASH_DIGITS as u64);
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut input = BufReader::with_capacity(1 << 16, file.take(before));
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        let read = bytes.len();
        input.consume(read);
    }
    file.seek(SeekFrom::Start(before))?;
    Ok(hex(&hash.finalize()))
}

/// Reads a dump.
pub(super) struct Reader {
    zip: ZipArchive<BufReader<File>>,
    file: File,
}

impl Reader {
    /// Opens a dump, and reads its manifest.
    ///
    /// # Errors
    /// Says whether the file is another one, or was cut.
    pub(super) fn open(path: &Path) -> Result<(Self, Manifest)> {
        let mut file = File::open(path)?;
        let mut head = [0; 4];
        let read = file.read(&mut head)?;
        ensure!(
            read == head.len() && head == *b"PK\x03\x04",
            "it is not a dump: it does not begin as a zip file. `cargo x db export` makes dumps"
        );
        file.rewind()?;
        let zip = ZipArchive::new(BufReader::new(file.try_clone()?)).map_err(|error| {
            Error::msg(format!(
                "it is cut or damaged: its end is not that of a zip file ({error})"
            ))
        })?;
        let mut reader = Self { zip, file };
        let manifest = reader.manifest()?;
        Ok((reader, manifest))
    }

    fn manifest(&mut self) -> Result<Manifest> {
        let Ok(file) = self.zip.by_name(MANIFEST) else {
            bail!("it is not a dump: {MANIFEST} is missing. `cargo x db export` makes dumps");
        };
        let mut text = Vec::new();
        file.take(MAX_MANIFEST_BYTES)
            .read_to_end(&mut text)
            .context("manifest.json is damaged")?;
        Manifest::parse(&text)
    }

    /// Checks that nothing was altered outside the tables' files and that there are no others.
    ///
    /// # Errors
    /// Says what is wrong.
    pub(super) fn check_frame(&mut self, manifest: &Manifest) -> Result<()> {
        let tables = manifest.tables.iter().map(|table| file_name(&table.name));
        let known: Vec<String> = tables.chain([MANIFEST.to_owned()]).collect();
        for name in self.zip.file_names() {
            let name = name?;
            ensure!(
                known.iter().any(|one| *one == name),
                "{name} is in it, which the manifest does not know"
            );
        }
        let comment = String::from_utf8_lossy(self.zip.comment()).into_owned();
        let Some(sealed) = comment.strip_prefix(SEAL) else {
            bail!("it is not a dump, or was packed anew: the hash at its end is missing");
        };
        ensure!(
            hash_before_seal(&mut self.file)? == sealed,
            "it was altered outside the tables' files: its SHA-256 is not the one at its end"
        );
        Ok(())
    }

    /// Opens the file of a table.
    ///
    /// # Errors
    /// Says that it is missing.
    pub(super) fn rows<'a>(
        &'a mut self,
        table: &'a Table,
        dumped: &'a DumpedTable,
    ) -> Result<TableReader<'a, impl BufRead + 'a>> {
        let name = file_name(table.name);
        let file = self
            .zip
            .by_name(&name)
            .with_context(|| format!("{name} is missing or damaged"))?;
        Ok(TableReader {
            input: BufReader::with_capacity(1 << 16, file),
            name,
            table,
            dumped,
            file_hash: Sha256::new(),
            rows_hash: RowsHash::default(),
        })
    }
}

/// The rows of a table in a dump, one after the other.
pub(super) struct TableReader<'a, R> {
    input: R,
    name: String,
    table: &'a Table,
    dumped: &'a DumpedTable,
    file_hash: Sha256,
    rows_hash: RowsHash,
}

impl<R: BufRead> TableReader<'_, R> {
    /// Reads the next row; `None` after the last, when the hashes have been compared.
    ///
    /// # Errors
    /// Names the line that cannot be read, or the file that was altered.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Value>>> {
        let number = self.rows_hash.rows() + 1;
        let place = || format!("{}, line {number}", self.name);
        let mut line = Vec::new();
        let read = (&mut self.input)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line);
        if read.with_context(|| format!("{} is damaged", place()))? == 0 {
            self.check_end()?;
            return Ok(None);
        }
        let row = line::read(self.table, &line).with_context(place)?;
        self.file_hash.update(&line);
        self.rows_hash.add(&line);
        Ok(Some(row))
    }

    fn check_end(&self) -> Result<()> {
        let Self { name, dumped, .. } = self;
        let rows = self.rows_hash.rows();
        ensure!(
            rows == dumped.rows,
            "{name} has {rows} rows, and the manifest says {}",
            dumped.rows
        );
        ensure!(
            hex(&self.file_hash.clone().finalize()) == dumped.sha256,
            "{name} was altered: its SHA-256 is not the one in the manifest"
        );
        ensure!(
            self.rows_hash.text() == dumped.rows_hash,
            "manifest.json was altered: the hash of the rows of {} is not theirs",
            dumped.name
        );
        Ok(())
    }
}
