//! The secrets of local development, in .dev.vars, which only its owner can read. A missing one is made; all other lines
//! stay.
//! Absent: which other lines are honoured (`settings`); secrets of a deployment, see `wrangler secret put`.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{dotenv, files, ui};

/// The file where wrangler looks for secrets.
pub(crate) const FILE: &str = ".dev.vars";

/// The least length of a `SESSION_SECRET` that the site takes.
const MIN_SESSION_SECRET_LENGTH: usize = 32;

/// The key that signs cookies. The site does not run without one, so a missing one is made.
pub(crate) fn session(workspace: &Workspace) -> Result<String> {
    let present = read(workspace);
    match dotenv::value(&present, "SESSION_SECRET") {
        Some(secret) if secret.len() < MIN_SESSION_SECRET_LENGTH => bail!(
            "SESSION_SECRET in {FILE} has {} characters and needs {MIN_SESSION_SECRET_LENGTH}: delete its line, and a \
             random one is made",
            secret.len()
        ),
        Some(secret) => {
            // The file may be older than the rule that it is for its owner alone.
            files::write_private(&workspace.path(FILE), present.as_bytes())?;
            Ok(secret)
        }
        None => {
            let made = random()?;
            set(workspace, "SESSION_SECRET", &made)?;
            ui::line(format_args!("made a SESSION_SECRET in {FILE}"));
            Ok(made)
        }
    }
}

/// Writes the URL of a private database, in place of one of an earlier run. Another database's URL is not lost.
pub(crate) fn set_private_database(workspace: &Workspace, url: &str) -> Result<()> {
    // Each checkout has one password for all its private databases.
    let password = |url: &str| Some(url.split_once('@')?.0.rsplit_once(':')?.1.to_owned());
    if let Some(present) = dotenv::value(&read(workspace), "DATABASE_URL") {
        ensure!(
            password(&present) == password(url),
            "DATABASE_URL in {FILE} is not the private database's, whose URL belongs there now: delete its line, or make it \
             a comment"
        );
    }
    set(workspace, "DATABASE_URL", url)
}

/// The file's text; none is empty.
pub(crate) fn read(workspace: &Workspace) -> String {
    std::fs::read_to_string(workspace.path(FILE)).unwrap_or_default()
}

fn set(workspace: &Workspace, name: &str, value: &str) -> Result<()> {
    let content = dotenv::with(&read(workspace), name, value);
    files::write_private(&workspace.path(FILE), content.as_bytes())
}

/// 256 random bits in hexadecimal.
pub(crate) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("cannot read random bytes for a secret")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_secret_is_made_once_and_other_lines_stay() {
        let root = scratch("secrets");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        files::write(&root.join(FILE), b"OTHER=1").unwrap();
        let secret = session(&workspace).unwrap();
        assert_eq!(secret.len(), 64);
        let made = std::fs::read_to_string(root.join(FILE)).unwrap();
        assert_eq!(made, format!("OTHER=1\nSESSION_SECRET={secret}\n"));
        assert_eq!(session(&workspace).unwrap(), secret);
        assert_eq!(std::fs::read_to_string(root.join(FILE)).unwrap(), made);
    }

    #[test]
    fn a_secret_that_the_site_would_not_take_is_refused_and_an_empty_one_made() {
        let root = scratch("short");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        files::write(&root.join(FILE), b"SESSION_SECRET=too-short").unwrap();
        let error = session(&workspace).unwrap_err().to_string();
        assert!(error.contains("9 characters and needs 32"), "{error}");
        assert!(!error.contains("too-short"), "{error}");
        // As .dev.vars.example has it.
        files::write(&root.join(FILE), b"# one\nSESSION_SECRET=\n").unwrap();
        assert_eq!(session(&workspace).unwrap().len(), 64);
    }

    #[test]
    fn the_url_of_a_database_that_is_not_private_is_not_lost() {
        let root = scratch("urls");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        let private = |port| format!("postgres://site_user:0a1b@127.0.0.1:{port}/site");
        set_private_database(&workspace, &private(1)).unwrap();
        set_private_database(&workspace, &private(2)).unwrap();
        let mode = root.join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let own = "DATABASE_URL='postgres://me:mine@db.example/site'\n";
        files::write(&root.join(FILE), own.as_bytes()).unwrap();
        let error = set_private_database(&workspace, &private(1)).unwrap_err();
        assert!(!error.to_string().contains("mine"), "{error}");
        assert_eq!(read(&workspace), own);
    }
}
