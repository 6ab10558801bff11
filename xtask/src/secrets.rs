//! The secrets of local development, in .dev.vars. A missing one is made; all other lines stay.
//! Absent: secrets of a deployment; see `wrangler secret put`.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{files, ui};

/// The file where wrangler looks for secrets.
pub(crate) const FILE: &str = ".dev.vars";

/// The key that signs cookies. The site does not run without one, so a missing one is made.
pub(crate) fn session(workspace: &Workspace) -> Result<String> {
    let present = std::fs::read_to_string(workspace.path(FILE)).unwrap_or_default();
    if let Some(value) = value(&present, "SESSION_SECRET") {
        return Ok(value.to_owned());
    }
    let made = random()?;
    set(workspace, "SESSION_SECRET", &made)?;
    ui::line(format_args!("made a SESSION_SECRET in {FILE}"));
    Ok(made)
}

/// Sets a secret.
pub(crate) fn set(workspace: &Workspace, name: &str, value: &str) -> Result<()> {
    let path = workspace.path(FILE);
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    let content = with(&present, name, value);
    files::write(&path, content.as_bytes()).map(|_| ())
}

/// 256 random bits in hexadecimal.
pub(crate) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("cannot read random bytes for a secret")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The value of `name`, without quotes.
fn value<'a>(content: &'a str, name: &str) -> Option<&'a str> {
    content.lines().find_map(|line| {
        let value = assigned(line, name)?.trim();
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        Some(quoted('"').or_else(|| quoted('\'')).unwrap_or(value))
    })
}

/// `content` with this value in place of the old one, or at its end.
fn with(content: &str, name: &str, value: &str) -> String {
    let mut is_set = false;
    let mut lines = String::new();
    for line in content.lines() {
        if assigned(line, name).is_none() {
            lines.push_str(line);
        } else if is_set {
            continue;
        } else {
            is_set = true;
            lines.push_str(&format!("{name}={value}"));
        }
        lines.push('\n');
    }
    if !is_set {
        lines.push_str(&format!("{name}={value}\n"));
    }
    lines
}

/// The text after `name=`.
fn assigned<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let after = line.trim_start().strip_prefix(name)?;
    after.trim_start().strip_prefix('=')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_other_lines_stay() {
        let root = std::env::temp_dir().join(format!("xtask-secrets-{}", std::process::id()));
        let workspace = Workspace { root: root.clone() };
        files::write(&root.join(FILE), b"OTHER=1").unwrap();
        let secret = session(&workspace).unwrap();
        assert_eq!(secret.len(), 64);
        let made = std::fs::read_to_string(root.join(FILE)).unwrap();
        assert_eq!(made, format!("OTHER=1\nSESSION_SECRET={secret}\n"));
        assert_eq!(session(&workspace).unwrap(), secret);
        assert_eq!(std::fs::read_to_string(root.join(FILE)).unwrap(), made);
        files::remove(&root).unwrap();
    }

    #[test]
    fn a_value_is_replaced_in_its_line() {
        let content = "# A=0\nA = \"1\"\nAB=2\nA=3\n";
        assert_eq!(value(content, "A"), Some("1"));
        assert_eq!(with(content, "A", "9"), "# A=0\nA=9\nAB=2\n");
        assert_eq!(with("", "A", "9"), "A=9\n");
        assert_eq!(value("AB=2", "A"), None);
    }
}
