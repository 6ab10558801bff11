//! `cargo x tidy`: checks of the source that rustfmt and clippy do not make. Owns which files are read and which checks
//! run; each check is a module of its own.
//! Absent: the rules about lines, which are data: tidy.toml and tidy-language.toml.

mod documents;
mod glob;
mod identity;
mod imports;
mod rules;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, ui};

/// A longer file has two subjects.
const MAX_FILE_LINES: usize = 400;

/// The files that git keeps, by path. Only those that are text.
type Texts = BTreeMap<String, String>;

/// Runs every check, and reports everything that is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    ui::step("tidy", |step| {
        let files = Files::read(workspace)?;
        let complaints = files.complaints()?;
        if !complaints.is_empty() {
            bail!("{} complaints\n{}", complaints.len(), complaints.join("\n"));
        }
        step.note(format!("{} files", files.paths.len()));
        Ok(())
    })
}

/// The files that git keeps.
struct Files {
    paths: Vec<String>,
    texts: Texts,
}

impl Files {
    /// Reads tracked files, and new ones that are not ignored.
    fn read(workspace: &Workspace) -> Result<Self> {
        let mut git = Command::new("git");
        git.current_dir(&workspace.root).args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = process::output(&mut git)
            .context("cannot list files: tidy needs git and a repository")?;
        let paths: Vec<String> = listed
            .lines()
            .filter(|path| workspace.path(path).is_file())
            .map(str::to_owned)
            .collect();
        let text = |path: &String| {
            Some((
                path.clone(),
                std::fs::read_to_string(workspace.path(path)).ok()?,
            ))
        };
        let texts = paths.iter().filter_map(text).collect();
        Ok(Self { paths, texts })
    }

    fn complaints(&self) -> Result<Vec<String>> {
        let tests: BTreeSet<String> = self
            .texts
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .flat_map(|(path, text)| source::test_files(path, text))
            .collect();
        let rules = rules::read()?;
        let misnamed = self
            .paths
            .iter()
            .filter_map(|path| misnamed_migration(path));
        let mut complaints: Vec<String> = misnamed.collect();
        for (path, text) in &self.texts {
            complaints.extend(too_long(path, text));
            complaints.extend(rules::complaints(&rules, path, text, tests.contains(path)));
        }
        complaints.extend(rules::stale_rooms(&rules, &self.paths));
        complaints.extend(imports::cycles(&self.texts));
        complaints.extend(identity::complaints(&self.texts));
        complaints.extend(documents::complaints(&self.paths, &self.texts));
        Ok(complaints)
    }
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (path.ends_with(".rs") && lines > MAX_FILE_LINES).then(|| {
        format!("{path}: {lines} lines; more than {MAX_FILE_LINES} means two subjects: make it two files")
    })
}

/// Migrations are applied in the order of their names: `0001_accounts.sql`.
fn misnamed_migration(path: &str) -> Option<String> {
    let file = path.strip_prefix("migrations/").map(Path::new)?;
    let stem = file.file_stem()?.to_str()?;
    let is_named = |(number, name): (&str, &str)| {
        number.len() == 4
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let is_migration = file.extension().is_some_and(|extension| extension == "sql");
    let is_fine = !is_migration || stem.split_once('_').is_some_and(is_named);
    (!is_fine).then(|| format!("{path}: a migration is named 0001_what_it_does.sql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_subject() {
        let text = "fn a() {}\n".repeat(MAX_FILE_LINES);
        assert_eq!(too_long("app/src/lib.rs", &text), None);
        let longer = text + "fn b() {}\n";
        assert!(too_long("app/src/lib.rs", &longer).is_some());
        assert_eq!(too_long("style/main.css", &longer), None);
    }

    #[test]
    fn migrations_are_numbered() {
        for fine in [
            "migrations/sqlite/0001_init.sql",
            "migrations/sqlite/README.md",
            "app/x.sql",
        ] {
            assert_eq!(misnamed_migration(fine), None, "{fine}");
        }
        for wrong in [
            "1_init.sql",
            "0001-init.sql",
            "0001_Init.sql",
            "init.sql",
            "0001_.sql",
        ] {
            assert!(
                misnamed_migration(&format!("migrations/sqlite/{wrong}")).is_some(),
                "{wrong}"
            );
        }
    }
}
