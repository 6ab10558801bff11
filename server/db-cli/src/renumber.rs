//! The command `renumber`: two branches wrote a migration with one number, or an earlier one than is applied. The one that no
//! database has gets the next number, for every engine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

/// The folders of migrations.
const FOLDERS: [&str; 3] = ["sqlite", "postgres", "mysql"];
/// The list that names files, beside them.
const LINTS: &str = "lints.txt";

/// Options of `renumber`.
#[derive(Args)]
pub(crate) struct RenumberArgs {
    /// The migration to give the next number; by default what the database does not have, and comes too early.
    name: Option<String>,
    /// The folder with the folders of migrations.
    #[arg(long, default_value = "migrations", value_name = "FOLDER")]
    folder: PathBuf,
    /// Print JSON: the files that were renamed.
    #[arg(long)]
    json: bool,
}

/// Renames files; `applied` are the names in the ledger of `database`. Returns the text to print.
///
/// # Errors
/// Says why it is not known which file to rename; nothing is renamed then.
pub(crate) fn run(args: &RenumberArgs, applied: &[String], database: &str) -> Result<String> {
    let names = names(&args.folder)?;
    let late = match &args.name {
        Some(name) => vec![given(&names, name, applied, database)?],
        None => late(&names, applied, database)?,
    };
    if late.is_empty() && !args.json {
        return Ok(
            "every migration has a number of its own, after those that are applied: nothing to do"
                .to_owned(),
        );
    }
    let mut next = names
        .iter()
        .filter_map(|name| number(name))
        .max()
        .unwrap_or(0);
    let (mut lines, mut renamed) = (Vec::new(), Vec::new());
    for name in late {
        next += 1;
        let rest = name.split_once('_').map_or(name.as_str(), |(_, rest)| rest);
        let new = format!("{next:04}_{rest}");
        let folders = rename(&args.folder, &name, &new)?;
        lines.push(format!("{name} is {new} now, in {}", folders.join(", ")));
        renamed.push(serde_json::json!({ "from": name, "to": new, "engines": folders }));
    }
    Ok(match args.json {
        true => serde_json::json!({ "renamed": renamed }).to_string(),
        false => lines.join("\n"),
    })
}

/// The files of all engines.
fn names(root: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in FOLDERS {
        let folder = root.join(folder);
        let files = std::fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        for file in files {
            let name = file?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".sql") {
                names.insert(name);
            }
        }
    }
    Ok(names)
}

fn number(name: &str) -> Option<u32> {
    name.split_once('_')?.0.parse().ok()
}

/// The file that a person named.
fn given(
    names: &BTreeSet<String>,
    name: &str,
    applied: &[String],
    database: &str,
) -> Result<String> {
    let file = format!("{}.sql", name.trim_end_matches(".sql"));
    ensure!(names.contains(&file), "there is no migration {file}");
    ensure!(
        !applied.contains(&file),
        "{file} is applied to {database}, which would lack it under another name: renumber the other one"
    );
    Ok(file)
}

/// The files that the database does not have, and that share a number or come before one that it has.
fn late(names: &BTreeSet<String>, applied: &[String], database: &str) -> Result<Vec<String>> {
    let newest = applied.iter().filter(|name| names.contains(*name)).max();
    let mut late = Vec::new();
    for name in names.iter().filter(|name| !applied.contains(name)) {
        let mut rivals = names.iter().filter(|other| *other != name);
        let rivals: Vec<&String> = rivals
            .by_ref()
            .filter(|other| number(other) == number(name))
            .collect();
        if newest.is_some_and(|newest| name < newest)
            || rivals.iter().any(|other| applied.contains(other))
        {
            late.push(name.clone());
        } else if let Some(other) = rivals.first() {
            bail!(
                "{name} and {other} have one number, and {database} has neither: name the one that is newer, such as \
                 `cargo x db renumber {}`, or the environment whose ledger tells, by --env. Nothing was renamed",
                name.trim_end_matches(".sql")
            );
        }
    }
    Ok(late)
}

/// Gives a file its new name in each folder that has it, and in the list of lints. Returns the folders.
fn rename(root: &Path, old: &str, new: &str) -> Result<Vec<&'static str>> {
    let mut done = Vec::new();
    for folder in FOLDERS {
        let (from, to) = (root.join(folder).join(old), root.join(folder).join(new));
        if !from.is_file() {
            continue;
        }
        if let Err(error) = std::fs::rename(&from, &to) {
            for folder in done {
                // What can be put back is.
                let _ = std::fs::rename(root.join(folder).join(new), root.join(folder).join(old));
            }
            return Err(error).with_context(|| format!("{} cannot be renamed", from.display()));
        }
        done.push(folder);
    }
    let list = root.join(LINTS);
    if let Ok(text) = std::fs::read_to_string(&list) {
        let changed = text.replace(&format!("/{old} "), &format!("/{new} "));
        if changed != text {
            std::fs::write(&list, changed)?;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, files: &[&str]) -> Self {
            let own = format!("site-renumber-{name}-{}", std::process::id());
            let root = std::env::temp_dir().join(own);
            for folder in FOLDERS {
                std::fs::create_dir_all(root.join(folder)).unwrap();
                for file in files {
                    let text = format!("-- {folder} {file}");
                    std::fs::write(root.join(folder).join(file), text).unwrap();
                }
            }
            Self(root)
        }

        fn run(&self, name: Option<&str>, applied: &[&str]) -> Result<String, String> {
            let args = RenumberArgs {
                name: name.map(str::to_owned),
                folder: self.0.clone(),
                json: false,
            };
            let applied: Vec<String> = applied.iter().map(|name| (*name).to_owned()).collect();
            run(&args, &applied, "the database").map_err(|error| error.to_string())
        }

        fn files(&self, folder: &str) -> Vec<String> {
            let files = std::fs::read_dir(self.0.join(folder)).unwrap();
            let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
            let mut names: Vec<String> = names.collect();
            names.sort();
            names
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_one_that_the_database_does_not_have_gets_the_next_number() {
        let scratch = Scratch::new(
            "twins",
            &["0001_a.sql", "0002_b.sql", "0002_c.sql", "0003_d.sql"],
        );
        let lints = "postgres/0002_c.sql lock: small\npostgres/0002_b.sql lock: small\n";
        std::fs::write(scratch.0.join(LINTS), lints).unwrap();
        let said = scratch.run(None, &["0001_a.sql", "0002_b.sql"]).unwrap();
        assert_eq!(
            said,
            "0002_c.sql is 0004_c.sql now, in sqlite, postgres, mysql"
        );
        for folder in FOLDERS {
            let files = ["0001_a.sql", "0002_b.sql", "0003_d.sql", "0004_c.sql"];
            assert_eq!(scratch.files(folder), files);
            let text = std::fs::read_to_string(scratch.0.join(folder).join("0004_c.sql"));
            assert_eq!(text.unwrap(), format!("-- {folder} 0002_c.sql"));
        }
        let lints = std::fs::read_to_string(scratch.0.join(LINTS)).unwrap();
        assert_eq!(
            lints,
            "postgres/0004_c.sql lock: small\npostgres/0002_b.sql lock: small\n"
        );
        let again = scratch.run(None, &["0001_a.sql", "0002_b.sql"]).unwrap();
        assert!(again.ends_with("nothing to do"), "{again}");
    }

    #[test]
    fn all_that_come_too_early_get_numbers_in_their_order() {
        let scratch = Scratch::new(
            "late",
            &["0001_a.sql", "0002_b.sql", "0003_c.sql", "0004_d.sql"],
        );
        let said = scratch.run(None, &["0001_a.sql", "0004_d.sql"]).unwrap();
        assert!(
            said.starts_with("0002_b.sql is 0005_b.sql now")
                && said.contains("0003_c.sql is 0006_c.sql now"),
            "{said}"
        );
        assert_eq!(
            scratch.files("mysql"),
            ["0001_a.sql", "0004_d.sql", "0005_b.sql", "0006_c.sql"]
        );
    }

    #[test]
    fn where_the_ledger_does_not_tell_a_person_does() {
        let files = ["0001_a.sql", "0002_b.sql", "0002_c.sql"];
        let scratch = Scratch::new("asked", &files);
        let error = scratch.run(None, &["0001_a.sql"]).unwrap_err();
        assert!(
            error.starts_with(
                "0002_b.sql and 0002_c.sql have one number, and the database has neither"
            ),
            "{error}"
        );
        assert_eq!(scratch.files("sqlite"), files);
        let error = scratch.run(Some("0001_a"), &["0001_a.sql"]).unwrap_err();
        assert!(
            error.starts_with("0001_a.sql is applied to the database"),
            "{error}"
        );
        assert_eq!(
            scratch.run(Some("0009_x"), &[]).unwrap_err(),
            "there is no migration 0009_x.sql"
        );
        scratch.run(Some("0002_b"), &["0001_a.sql"]).unwrap();
        assert_eq!(
            scratch.files("sqlite"),
            ["0001_a.sql", "0002_c.sql", "0003_b.sql"]
        );
    }
}
