//! The settings that people write into .dev.vars and .env: each is honoured, or named with the reason why it is not.
//! Absent: the values; see `secrets` and server/src/entry/settings.rs.

use crate::environment_arg::Deployed;
use crate::variables::{self, DATABASE_URL};
use crate::workspace::Workspace;
use crate::{dotenv, secrets, ui};

/// The files that wrangler reads for itself. It would give them to the Worker where there is no .dev.vars.
const WRANGLER_FILES: [&str; 2] = [".env", ".env.local"];
/// Settings of the native server alone.
const NATIVE: [&str; 6] = [
    "DATABASE_POOL",
    "HOST",
    "PORT",
    "RUST_LOG",
    "SITE_DIR",
    "SMTP_URL",
];

/// The program that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// The Worker of `cargo x dev`, which reads all of .dev.vars.
    Worker,
    /// The native server of `cargo x serve`, which is given [`SHARED`].
    Native,
}

/// The settings of .dev.vars that the native server is given, where the environment does not have them.
pub(crate) const SHARED: [&str; 4] = ["LOG_SQL", "MAIL_FROM", "REGISTRATION", "SITE_URL"];

/// Names every setting of the files that `program` does not honour.
pub(crate) fn report(workspace: &Workspace, program: Program) {
    let dev_vars = unused(&secrets::read(workspace), |name, value| {
        dev_vars(program, name, value)
    });
    print(secrets::FILE, dev_vars);
    report_env(workspace, None);
    for file in other_files(workspace) {
        ui::line(format_args!("{file} is not read: {} is", secrets::FILE));
    }
}

/// Names every setting of .env, and of the files beside it, that a command for this environment does not honour; `None` is
/// the site on this machine.
pub(crate) fn report_env(workspace: &Workspace, deployed: Option<Deployed>) {
    for (file, text) in env_files(workspace, deployed) {
        print(&file, unused(&text, |name, _| env(name, deployed)));
    }
}

/// Names each file whose database a command for this machine does not take.
pub(crate) fn report_database_url(workspace: &Workspace) {
    for (file, text) in env_files(workspace, None) {
        let only = |name: &str, _: &str| env(name, None).filter(|_| name == DATABASE_URL);
        print(&file, unused(&text, only));
    }
}

fn env_files(workspace: &Workspace, deployed: Option<Deployed>) -> Vec<(String, String)> {
    let files: Vec<String> = match deployed {
        Some(deployed) => variables::files(deployed.name()).to_vec(),
        None => WRANGLER_FILES.map(str::to_owned).to_vec(),
    };
    let read = |file: String| {
        let text = std::fs::read_to_string(workspace.path(&file)).unwrap_or_default();
        (file, text)
    };
    files.into_iter().map(read).collect()
}

fn print(file: &str, sentences: Vec<String>) {
    for sentence in sentences {
        ui::line(format_args!("{file}: {sentence}"));
    }
}

/// True for a file that commands read which are given `--env`.
fn is_of_deployed(file: &str) -> bool {
    let all = [Deployed::Staging, Deployed::Production];
    all.iter()
        .any(|deployed| variables::files(deployed.name())[0] == file)
}

/// Files for one environment, which wrangler would read if it were given that.
fn other_files(workspace: &Workspace) -> Vec<String> {
    let entries = std::fs::read_dir(&workspace.root).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_other = |name: &String| {
        (name.starts_with(".dev.vars.") || name.starts_with(".env."))
            && !name.ends_with(".example")
            && !WRANGLER_FILES.contains(&name.as_str())
            && !is_of_deployed(name)
    };
    let mut names: Vec<String> = names.filter(is_other).collect();
    names.sort();
    names
}

fn unused(text: &str, why: impl Fn(&str, &str) -> Option<String>) -> Vec<String> {
    let lines = dotenv::parse(text);
    let sentence =
        |(name, value): &(&str, String)| Some(format!("{name} is not used: {}", why(name, value)?));
    lines.iter().filter_map(sentence).collect()
}

/// The reason why a line of .dev.vars is not honoured.
fn dev_vars(program: Program, name: &str, value: &str) -> Option<String> {
    let why = match (name, program) {
        (_, _) if value.is_empty() => return None,
        ("LOG_SQL", _) if !["0", "1"].contains(&value) => "it can be 1 or 0",
        ("REGISTRATION", _) if !["open", "invite", "closed"].contains(&value) => {
            "it can be open, invite or closed"
        }
        ("SESSION_SECRET" | "LOG_SQL" | "MAIL_FROM" | "REGISTRATION" | "SITE_URL", _)
        | ("DATABASE_URL" | "MAIL_API_URL" | "MAIL_API_TOKEN", Program::Worker) => {
            return None;
        }
        ("DATABASE_URL", Program::Native) => "name the database by `--db` or `--database-url`",
        ("MAIL_API_URL" | "MAIL_API_TOKEN", Program::Native) => "set SMTP_URL in the environment",
        ("DB_DRIVER", _) => "name the engine by `--db`",
        ("ENVIRONMENT" | "DEV_EVENTS", _) => "the command sets it",
        (name, Program::Worker) if NATIVE.contains(&name) => "the Worker has no such setting",
        (name, Program::Native) if NATIVE.contains(&name) => "set it in the environment",
        (name, _) if is_wranglers(name) => "wrangler reads it from the environment or from .env",
        _ => "the site has no such setting; docs/configuration.md lists all",
    };
    Some(why.to_owned())
}

/// The reason why a line of .env is not honoured.
fn env(name: &str, deployed: Option<Deployed>) -> Option<String> {
    let why = match name {
        DATABASE_URL if deployed.is_some() => return None,
        DATABASE_URL => {
            "it is for `--env staging` and `--env production`; name a database of this machine by `--db`"
        }
        "CLOUDFLARE_ENV" => "give a command `--env`",
        "CLOUDFLARE_ACCOUNT_ID" | "CLOUDFLARE_API_TOKEN" => {
            "`cargo x deploy` and `cargo x prerender` need it in the environment"
        }
        name if name.starts_with("CLOUDFLARE_HYPERDRIVE_LOCAL_") => {
            "`cargo x dev --db hyperdrive` takes the private database"
        }
        name if is_wranglers(name) => return None,
        _ => return Some(format!("the Worker reads {}", secrets::FILE)),
    };
    Some(why.to_owned())
}

fn is_wranglers(name: &str) -> bool {
    [
        "CLOUDFLARE_",
        "CF_",
        "WRANGLER_",
        "MINIFLARE_",
        "NODE_",
        "X_",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_honoured_or_named() {
        let all = "SESSION_SECRET=a\nLOG_SQL=1\nSITE_URL=https://a.example\nDATABASE_URL=postgres://u:hidden@h/d\n\
                   DB_DRIVER=mysql\nENVIRONMENT=production\nHOST=::\nMAIL_FROM=a@a.example\n\
                   MAIL_API_URL=https://a.example\nMAIL_API_TOKEN=hidden\nSMTP_URL=smtp://u:hidden@h\nCLOUDFLARE_ENV=staging\nSITE_NAME=hidden\nEMPTY=\n";
        for (program, named) in [
            (
                Program::Worker,
                &[
                    "DB_DRIVER",
                    "ENVIRONMENT",
                    "HOST",
                    "SMTP_URL",
                    "CLOUDFLARE_ENV",
                    "SITE_NAME",
                ][..],
            ),
            (
                Program::Native,
                &[
                    "DATABASE_URL",
                    "DB_DRIVER",
                    "ENVIRONMENT",
                    "HOST",
                    "MAIL_API_URL",
                    "MAIL_API_TOKEN",
                    "SMTP_URL",
                    "CLOUDFLARE_ENV",
                    "SITE_NAME",
                ],
            ),
        ] {
            let sentences = unused(all, |name, value| dev_vars(program, name, value));
            let names: Vec<&str> = sentences
                .iter()
                .filter_map(|sentence| sentence.split(' ').next())
                .collect();
            assert_eq!(names, named);
            assert!(!sentences.concat().contains("hidden"), "{sentences:?}");
        }
        let wrong = unused("LOG_SQL=true", |name, value| {
            dev_vars(Program::Worker, name, value)
        });
        assert_eq!(wrong, ["LOG_SQL is not used: it can be 1 or 0"]);
        let env = unused(
            "WRANGLER_LOG=debug\nLOG_SQL=1\nCLOUDFLARE_ENV=a",
            |name, _| env(name, None),
        );
        assert_eq!(env.len(), 2, "{env:?}");
    }

    #[test]
    fn the_database_of_a_deployed_environment_is_not_that_of_this_machine() {
        let text = "DATABASE_URL=postgres://u:hidden@h/d";
        let local = unused(text, |name, _| env(name, None));
        assert_eq!(
            local,
            [
                "DATABASE_URL is not used: it is for `--env staging` and `--env production`; name a database of this machine \
                 by `--db`"
            ]
        );
        let deployed = Some(Deployed::Production);
        assert_eq!(unused(text, |name, _| env(name, deployed)), [""; 0]);
        assert!(is_of_deployed(".env.production.local"));
        assert!(!is_of_deployed(".env.production"));
    }
}
