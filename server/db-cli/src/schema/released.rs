//! The version of the site that is served, as far as it reads the database: `released.json` beside the folders of migrations,
//! which a deployment writes and people commit. Without it nothing is served yet, and everything may be removed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use schema_diff::{Change, Difference, Renames, Served};

/// The name of the file.
const FILE: &str = "released.json";
const RELEASE: &str =
    "`cargo x deploy --env production`, which writes migrations/released.json: commit that";

/// Options of `released`.
#[derive(Args)]
pub(crate) struct ReleasedArgs {
    /// The folder with the folders of migrations.
    #[arg(long, default_value = "migrations", value_name = "FOLDER")]
    folder: PathBuf,
}

/// Notes that the version which is being compiled here is served now. Returns the file's path.
pub(crate) fn write(args: &ReleasedArgs) -> Result<String> {
    let path = args.folder.join(FILE);
    let text = serde_json::to_string_pretty(&Served::declared())?;
    std::fs::write(&path, text + "\n")
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path.display().to_string())
}

/// Reads the file; without one, nothing is served.
pub(super) fn read(root: &Path) -> Result<Served> {
    let path = root.join(FILE);
    if !path.is_file() {
        return Ok(Served::default());
    }
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is not what a deployment writes: put it back as it was committed",
            path.display()
        )
    })
}

/// The sentence about a table or column that is kept.
pub(super) fn kept(name: &str) -> String {
    format!(
        "{name} is kept, because the version that is served reads it. It goes in two steps: 1. release this version, which does \
         without it ({RELEASE}); 2. then `cargo x db generate --contract`"
    )
}

/// Refuses to rename what the served version reads by its old name.
pub(super) fn check_renames(served: &Served, renames: &Renames) -> Result<()> {
    for (table, column, to) in renames.names() {
        let (is_read, what) = match column {
            Some(column) => (served.reads(table, column), format!("{table}.{column}")),
            None => (served.reads_table(table), table.to_owned()),
        };
        if is_read {
            bail!(
                "{what} cannot be renamed to {to} at once, because the version that is served reads it. It is renamed in two steps: \
                 1. declare {to} as new, a column as an Option or with a default: `cargo x db generate` without --rename adds it and \
                 keeps {what}; fill it (`cargo x db generate --custom fill_{to}`), and release that version ({RELEASE}); 2. then \
                 `cargo x db generate --contract` removes {what}"
            );
        }
    }
    Ok(())
}

/// Refuses to remove what the served version reads.
pub(super) fn check_removals(served: &Served, difference: &Difference) -> Result<()> {
    for change in &difference.changes {
        let what = match change {
            Change::DropTable(table) if served.reads_table(&table.name) => table.name.clone(),
            Change::DropColumn(table, column) if served.reads(table, &column.name) => {
                format!("{table}.{}", column.name)
            }
            _ => continue,
        };
        bail!(
            "{what} cannot be removed yet, because the version that is served reads it. It goes in two steps: 1. `cargo x db \
             generate` without --contract keeps it; release a version that does without it ({RELEASE}); 2. then `cargo x db generate \
             --contract`"
        );
    }
    Ok(())
}
