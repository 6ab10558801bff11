//! Folders of the machine that builds. What is shipped names none of them: rustc writes other names for them, and a
//! build that holds one all the same fails. So it tells nothing of the builder, and is the same on every machine.
//! Absent: development, whose messages should name files that are there.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{files, process};

/// A folder, and its name in what is shipped. Relative names cannot be a folder of another builder.
type Rename = (PathBuf, &'static str);

/// The folders of this machine that rustc may write into a program, those within others after them.
fn folders(workspace: &Workspace) -> Result<Vec<Rename>> {
    let home = std::env::home_dir().unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let mut rustc = workspace.command("rustc");
    let sysroot = process::output(rustc.args(["--print", "sysroot"])).unwrap_or_default();
    let mut all = vec![
        (home, "home"),
        (cargo.clone(), "cargo"),
        (PathBuf::from(sysroot), "rust"),
        (workspace.root.clone(), "."),
        (workspace.cargo_target()?, "target"),
        (cargo.join("git/checkouts"), "crates"),
    ];
    // Named after the registry, which may be a mirror.
    let registries = std::fs::read_dir(cargo.join("registry/src"))
        .into_iter()
        .flatten();
    all.extend(registries.filter_map(|entry| Some((entry.ok()?.path(), "crates"))));
    // `/` and a relative path would be found everywhere.
    all.retain(|(folder, _)| folder.is_absolute() && folder.parent().is_some());
    Ok(all)
}

/// Makes cargo, also inside of another program that passes arguments on, rename the folders in what it builds for
/// `target`, a triple or a `cfg`.
pub(super) fn rename(workspace: &Workspace, command: &mut Command, target: &str) -> Result<()> {
    let folders = folders(workspace)?;
    let flags: Vec<String> = folders
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect();
    // Either variable hides the setting below, which is added to those of cargo's configuration.
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let given = variable("CARGO_ENCODED_RUSTFLAGS").or_else(|| {
        let flags = variable("RUSTFLAGS")?;
        Some(flags.split_whitespace().collect::<Vec<_>>().join("\u{1f}"))
    });
    match given {
        Some(given) => {
            let all = [given, flags.join("\u{1f}")].join("\u{1f}");
            command.env("CARGO_ENCODED_RUSTFLAGS", all);
        }
        None => {
            let flags = serde_json::to_string(&flags)?;
            command.args(["--config", &format!("target.{target}.rustflags={flags}")]);
        }
    }
    Ok(())
}

/// Fails where a file names a folder of this machine.
pub(super) fn ensure_absent(workspace: &Workspace, paths: &[PathBuf]) -> Result<()> {
    let folders = folders(workspace)?;
    for path in paths {
        if let Some(found) = first(&files::read(path)?, &folders) {
            bail!(
                "{} names a folder of this machine, which is nothing that others should see: {found}. A crate keeps it by \
                 itself, as `env!(\"CARGO_MANIFEST_DIR\")` and `include!(concat!(env!(\"OUT_DIR\"), …))` do",
                workspace.shown(path)
            );
        }
    }
    Ok(())
}

/// The first path below one of the folders, as far as it can be read.
fn first(content: &[u8], folders: &[Rename]) -> Option<String> {
    folders.iter().find_map(|(folder, _)| {
        let start = format!("{}/", folder.display());
        let at = find(content, start.as_bytes())?;
        let text = content[at..].iter().take(120);
        let is_part = |byte: &&u8| byte.is_ascii_graphic() && **byte != b'"';
        Some(
            text.take_while(is_part)
                .map(|byte| char::from(*byte))
                .collect(),
        )
    })
}

fn find(content: &[u8], part: &[u8]) -> Option<usize> {
    content
        .windows(part.len())
        .position(|window| window == part)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_folder_of_this_machine_is_found_and_others_are_not() {
        let folders = [
            (PathBuf::from("/people/ada"), "home"),
            (PathBuf::from("/src/site"), "."),
        ];
        for (content, expected) in [
            (&b"\0asm crates/a-1.0.0/src/lib.rs /people/adam/x"[..], None),
            (
                b"\0\0/people/ada/.cargo/a.rs\0",
                Some("/people/ada/.cargo/a.rs"),
            ),
            (
                b"see \"/src/site/app/a.rs\" there",
                Some("/src/site/app/a.rs"),
            ),
            (b"/rustc/5980/library/core/src/str.rs", None),
        ] {
            assert_eq!(first(content, &folders).as_deref(), expected);
        }
    }

    #[test]
    fn the_folders_of_this_machine_are_known() {
        let workspace = Workspace::find().unwrap();
        let folders = folders(&workspace).unwrap();
        let names: Vec<&str> = folders.iter().map(|(_, name)| *name).collect();
        for name in [".", "rust", "cargo", "target", "crates"] {
            assert!(names.contains(&name), "{folders:?}");
        }
        // What holds another folder comes before it: the last one that fits counts.
        for (at, (folder, name)) in folders.iter().enumerate() {
            let later = &folders[at + 1..];
            let is_hidden =
                |(other, other_name): &Rename| folder.starts_with(other) && other_name != name;
            assert!(!later.iter().any(is_hidden), "{folder:?} of {folders:?}");
        }
    }
}
