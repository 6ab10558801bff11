//! Lists the files of `migrations/`, so that a new one has to be named nowhere.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// The folders, the constants made of them, and what they need.
const DIALECTS: [(&str, &str, &str); 3] = [
    ("sqlite", "SQLITE", ""),
    ("postgres", "POSTGRES", "#[cfg(feature = \"native\")]"),
    ("mysql", "MYSQL", "#[cfg(feature = \"native\")]"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../migrations");
    let mut code = String::new();
    for (folder, name, condition) in DIALECTS {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let file = entry?
                .file_name()
                .into_string()
                .map_err(|_| "a file's name is not UTF-8")?;
            if file.ends_with(".sql") {
                files.push(file);
            }
        }
        files.sort();
        writeln!(
            code,
            "/// The migrations in `migrations/{}`, in order.",
            folder.file_name().unwrap_or_default().display()
        )?;
        if !condition.is_empty() {
            writeln!(code, "{condition}")?;
        }
        writeln!(code, "pub const {name}: &[Migration] = &[")?;
        for file in files {
            let path = fs::canonicalize(folder.join(&file))?;
            writeln!(
                code,
                "    Migration {{ name: {file:?}, sql: include_str!({path:?}) }},"
            )?;
        }
        writeln!(code, "];")?;
    }
    let output = Path::new(&env::var("OUT_DIR")?).join("migrations.rs");
    Ok(fs::write(output, code)?)
}
