//! `cargo x db studio`: a page in the browser that shows a database, and changes it with `--write`. Owns the installation of the
//! page, which is Prisma's Studio from the npm registry, and what the server behind it is told.
//! Absent: that server, with everything about requests and engines; see the folder `studio`.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use database_url::{Address, Authorities, ServerDialect, ServerOptions, Tls};
use serde_json::{Value, json};

use super::{Database, RemoteDatabase, Store, Target, Use};
use crate::ui::{self, Step};
use crate::workspace::Workspace;
use crate::{files, ports, process, services, tools};

/// The folder of the server's files.
const FOLDER: &str = "xtask/src/database/studio";
/// Files that the installation is made of.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "page.mjs"];

/// The label of the step that installs the page.
const LABEL: &str = "studio (once)";
/// The longest that opening a connection may take, in milliseconds, where the URL does not say.
const CONNECT_TIMEOUT: u128 = 10_000;

/// Options of `cargo x db studio`.
#[derive(clap::Args)]
pub(crate) struct StudioArgs {
    /// Let the page change rows.
    #[arg(long)]
    write: bool,
    /// The port to serve at [default: a free one].
    #[arg(long)]
    port: Option<u16>,
    /// Print the address alone, and open no browser.
    #[arg(long)]
    no_open: bool,
    /// Print one line of JSON with the address, and open no browser.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Serves the page until it is ended.
pub(super) fn run(workspace: &Workspace, args: &StudioArgs) -> Result<()> {
    if let Some(port) = args.port {
        ports::ensure_free(port)?;
    }
    if args.json && args.target.is_private() {
        services::start_for_tools(workspace)?;
    }
    let uses = if args.write { Use::Change } else { Use::Read };
    let database = args.target.open(workspace, uses, args.json)?;
    let remote = database.remote()?;
    let (engine, options) = options(workspace, &remote)?;
    if !args.json && !args.target.is_deployed() {
        ui::line(args.target.sentence(&remote));
    }
    if args.json {
        ensure!(
            workspace.path("node_modules/.bin/node").exists(),
            "the Node tools are not installed yet: `cargo x db studio` without --json does that"
        );
    } else {
        tools::ensure_node(workspace)?;
    }
    let installed = ensure_installed(workspace, args.json)?;
    let mut server = workspace.node(Path::new(FOLDER).join("server.mjs"));
    let told = json!({
        "engine": engine,
        "database": options,
        "shown": args.target.sentence(&remote),
        "is_write": args.write,
        "port": args.port.unwrap_or(0),
        "is_json": args.json,
        "opens": !args.json && !args.no_open && io::stdout().is_terminal() && has_display(),
        "folder": workspace.path("target/studio"),
    });
    server
        // Not arguments, which others on this machine could read.
        .env("STUDIO_OPTIONS", told.to_string())
        .env("STUDIO_INSTALLED", installed)
        .env("NODE_NO_WARNINGS", "1");
    // It has said why.
    process::stream(&mut server).map_err(|_| anyhow!("the studio has ended"))
}

/// True where a browser can open a window.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// The engine, and what a server needs to open the database.
fn options(workspace: &Workspace, remote: &RemoteDatabase) -> Result<(&'static str, Value)> {
    match Address::parse(remote.url()).map_err(anyhow::Error::msg)? {
        Address::SqliteFile(file) => {
            let file = workspace.root.join(file);
            ensure!(
                file.is_file(),
                "there is no file {}: `cargo x db migrate --database-url sqlite:FILE` makes one",
                file.display()
            );
            Ok(("sqlite", json!({ "file": file })))
        }
        Address::SqliteLocal => {
            options(workspace, &Database::open(workspace, Store::D1)?.remote()?)
        }
        Address::SqliteMemory => bail!(
            "a database in memory is empty and ends with its program: there is nothing to look at"
        ),
        Address::D1 { .. } => bail!(
            "a D1 at Cloudflare is looked at in Cloudflare's dashboard (Storage & databases, D1): over its API there is no session \
             that only reads. To look at its rows here, copy them: `cargo x db export`, then `cargo x db restore` into another \
             database, and open that one"
        ),
        Address::Server(server) => Ok((server.dialect.name(), server_options(&server))),
    }
}

fn server_options(server: &ServerOptions) -> Value {
    let tls = match &server.tls {
        Tls::Off | Tls::Inside => Value::Null,
        Tls::Verified { root } => match root {
            Authorities::Public => json!("public"),
            Authorities::System => json!("system"),
            Authorities::File(file) => json!(file),
        },
    };
    json!({
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password.expose(),
        "database": server.database,
        "tls": tls,
        "connect_timeout": server.connect_timeout.map_or(CONNECT_TIMEOUT, |time| time.as_millis()),
        "options": match server.dialect {
            ServerDialect::Postgres => session(server),
            ServerDialect::MySql => Value::Null,
        },
    })
}

/// Settings of a session in PostgreSQL, as its start-up message has them: a blank and a backslash stand behind a backslash.
fn session(server: &ServerOptions) -> Value {
    let settings = server
        .session
        .iter()
        .filter_map(|(name, value)| match *name {
            "options" => Some(value.clone()),
            "schema" => {
                let quoted = format!("\"{}\"", value.replace('"', "\"\""));
                let escaped = quoted.replace('\\', "\\\\").replace(' ', "\\ ");
                Some(format!("-c search_path={escaped}"))
            }
            _ => None,
        });
    json!(settings.collect::<Vec<_>>().join(" "))
}

/// The folder of the installed packages and of the page that is made from them.
fn ensure_installed(workspace: &Workspace, is_quiet: bool) -> Result<PathBuf> {
    let sources = workspace.path(FOLDER);
    let mut wanted = Vec::new();
    for file in FILES {
        wanted.extend(files::read(&sources.join(file))?);
    }
    let folder = tools::folder()?.join(format!("studio-{}", files::hash(&wanted)));
    if folder.join("page.js").is_file() {
        return Ok(folder);
    }
    let mut step = if is_quiet {
        Step::silent(LABEL)
    } else {
        Step::start(LABEL)
    };
    let outcome = install(workspace, &mut step, &sources, &folder);
    if outcome.is_ok() {
        step.done();
    } else {
        step.fail();
    }
    outcome.context("the page of the studio cannot be installed")?;
    Ok(folder)
}

fn install(workspace: &Workspace, step: &mut Step, sources: &Path, folder: &Path) -> Result<()> {
    let fresh = folder.with_added_extension(std::process::id().to_string());
    files::fresh(&fresh)?;
    for file in FILES {
        files::write(&fresh.join(file), &files::read(&sources.join(file))?)?;
    }
    let mut npm = workspace.command("npm");
    // No package needs a script of its own.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(step, npm.current_dir(&fresh))?;
    let mut esbuild = workspace.node_tool("esbuild");
    esbuild
        .args([
            "page.mjs",
            "--bundle",
            "--minify",
            "--format=esm",
            "--outdir=.",
        ])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        // Its makers are told nothing.
        .arg("--banner:js=globalThis.process={env:{CHECKPOINT_DISABLE:\"1\"}};");
    process::run(step, esbuild.current_dir(&fresh))?;
    if std::fs::rename(&fresh, folder).is_err() {
        // Another one was quicker.
        files::remove(&fresh)?;
    }
    ensure!(
        folder.join("page.js").is_file(),
        "{} is not complete: remove it, and run this again",
        folder.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn told(url: &str) -> Result<(&'static str, Value)> {
        let workspace = Workspace::find()?;
        options(&workspace, &RemoteDatabase::parse(url)?)
    }

    #[test]
    fn a_server_is_told_what_the_url_says() {
        let (engine, told) =
            told("postgres://u:p%40@h:1/d?schema=a%20b&options=-c%20x%3D1").unwrap();
        assert_eq!(engine, "postgres");
        assert_eq!(told["password"], "p@");
        assert_eq!(told["tls"], "public");
        assert_eq!(told["options"], "-c search_path=\"a\\ b\" -c x=1");
        let (engine, told) =
            self::told("mysql://u:p@h/d?ssl-mode=disabled&connect_timeout=3").unwrap();
        assert_eq!((engine, &told["tls"]), ("mysql", &Value::Null));
        assert_eq!(told["connect_timeout"], 3000);
        let (_, told) = self::told("mysql://u:p@h/d?ssl-ca=a.pem").unwrap();
        assert_eq!(told["tls"], "a.pem");
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_the_way_on() {
        for (url, why) in [
            ("d1:account/database", "Cloudflare's dashboard"),
            ("sqlite:memory", "in memory"),
            ("sqlite:target/no/such.sqlite", "there is no file"),
        ] {
            let error = told(url).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
