//! wrangler, and its configuration wrangler.jsonc. Owns serving the Worker locally and knowing when it is ready.
//! Absent: building the Worker (`build`) and its data (`database`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};
use database_url::local_d1::{self, BoundD1, ENVIRONMENT};
use jsonc_parser::ParseOptions;
use serde::Deserialize;
use serde_json::Value;

use crate::process::{self, Running};
use crate::ui::strip_ansi;
use crate::workspace::Workspace;
use crate::{files, secrets};

/// The configuration's name.
pub(crate) const CONFIG: &str = "wrangler.jsonc";

/// Hyperdrive's two bindings, both to one database.
const HYPERDRIVE_BINDINGS: &str = "  \"hyperdrive\": [
    { \"binding\": \"HYPERDRIVE_CACHED\", \"id\": \"local\" },
    { \"binding\": \"HYPERDRIVE_DIRECT\", \"id\": \"local\" }
  ],
";

/// `wrangler` with these arguments. It asks nothing and reports nothing.
pub(crate) fn command(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.node("node_modules/wrangler/bin/wrangler.js");
    command
        .args(arguments)
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        // `request.cf` is a placeholder locally; the real one would be fetched from Cloudflare at each start.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR");
    command
}

/// `wrangler` for the site on this machine, which the top level of wrangler.jsonc configures, whatever .env says.
pub(crate) fn local(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = command(workspace, arguments);
    command.arg("--env=").env_remove(ENVIRONMENT);
    command
}

/// Fails where the caller expects that wrangler takes another environment than the local site's.
pub(crate) fn ensure_local() -> Result<()> {
    local_d1::check_environment(std::env::var(ENVIRONMENT).ok()).map_err(Error::msg)
}

/// The D1 of the site on this machine.
pub(crate) fn local_d1(workspace: &Workspace) -> Result<BoundD1> {
    let config = read_config(workspace)?;
    BoundD1::find(&config, std::env::var(ENVIRONMENT).ok()).map_err(Error::msg)
}

/// The text of wrangler.jsonc.
pub(crate) fn read_config(workspace: &Workspace) -> Result<String> {
    read_config_file(&workspace.path(CONFIG))
}

/// The text of a configuration.
pub(crate) fn read_config_file(path: &Path) -> Result<String> {
    String::from_utf8(files::read(path)?).context("wrangler.jsonc is not UTF-8")
}

/// Reads the environments of wrangler.jsonc, by their names.
pub(crate) fn parse_environments(text: &str) -> Result<BTreeMap<String, Section>> {
    let file: File = jsonc_parser::parse_to_serde_value(text, &ParseOptions::default())
        .context("wrangler.jsonc cannot be read")?;
    Ok(file.env)
}

/// Reads the top level of wrangler.jsonc, which is the site on this machine, and every environment.
pub(crate) fn parse_sections(text: &str) -> Result<Vec<Section>> {
    let top: Section = jsonc_parser::parse_to_serde_value(text, &ParseOptions::default())
        .context("wrangler.jsonc cannot be read")?;
    let environments = parse_environments(text)?.into_values();
    Ok([top].into_iter().chain(environments).collect())
}

/// wrangler.jsonc, as far as it is read.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    env: BTreeMap<String, Section>,
}

/// An environment in wrangler.jsonc.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Section {
    pub(crate) vars: BTreeMap<String, Value>,
    pub(crate) d1_databases: Vec<BoundD1>,
    pub(crate) hyperdrive: Vec<Hyperdrive>,
}

#[derive(Deserialize)]
pub(crate) struct Hyperdrive {
    pub(crate) binding: String,
    #[serde(default)]
    pub(crate) id: String,
    /// The URL of the server that stands for it on this machine.
    #[serde(default, rename = "localConnectionString")]
    pub(crate) local: String,
}

/// Configuration of the Worker beside wrangler.jsonc.
#[derive(Default)]
pub(crate) struct WorkerConfig {
    /// Variables of wrangler's own environment.
    pub(crate) env: Vec<(&'static str, String)>,
    /// A file to use instead of wrangler.jsonc.
    pub(crate) file: Option<PathBuf>,
}

/// Configures Hyperdrive's bindings for this database.
pub(crate) fn hyperdrive_config(workspace: &Workspace, database_url: &str) -> Result<WorkerConfig> {
    let file = match with_hyperdrive(&read_config(workspace)?)? {
        Some(text) => {
            let path = workspace.path(".wrangler/dev/hyperdrive.jsonc");
            files::write(&path, text.as_bytes())?;
            Some(path)
        }
        None => None,
    };
    let env = [
        "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE_CACHED",
        "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE_DIRECT",
    ];
    Ok(WorkerConfig {
        env: env.map(|name| (name, database_url.to_owned())).to_vec(),
        file,
    })
}

/// wrangler.jsonc with Hyperdrive's bindings; `None` where it has them already.
fn with_hyperdrive(text: &str) -> Result<Option<String>> {
    let has_them = |line: &str| line.trim_start().starts_with("\"hyperdrive\"");
    if text.lines().any(has_them) {
        return Ok(None);
    }
    let mut lines = String::new();
    let mut is_open = false;
    for line in text.split_inclusive('\n') {
        lines.push_str(line);
        if !is_open && line.trim_end() == "{" {
            is_open = true;
            lines.push_str(HYPERDRIVE_BINDINGS);
        }
    }
    is_open
        .then_some(Some(lines))
        .context("no line of wrangler.jsonc is its opening `{`")
}

/// Options of a local server.
pub(crate) struct Options<'a> {
    pub(crate) port: u16,
    /// Variables of the Worker that differ from wrangler.jsonc.
    pub(crate) vars: BTreeMap<&'static str, String>,
    pub(crate) config: &'a WorkerConfig,
    /// A site to serve instead of the one that wrangler.jsonc and `cargo x dev` use.
    pub(crate) site: Option<Site<'a>>,
}

/// The folders of a site.
pub(crate) struct Site<'a> {
    pub(crate) worker: &'a Path,
    pub(crate) assets: &'a Path,
    /// wrangler's state, with the local database.
    pub(crate) state: &'a Path,
}

/// An event in wrangler's output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// A changed Worker or asset is served from now on.
    Reloaded,
    /// A log of the Worker, or a warning.
    Line(String),
}

/// A served site. Dropping it ends it.
pub(crate) struct Server {
    running: Running,
    output: Receiver<Output>,
}

impl Server {
    /// Starts serving and waits until the Worker answers.
    pub(crate) fn start(workspace: &Workspace, options: &Options<'_>) -> Result<Self> {
        let mut command = local(workspace, &["dev"]);
        if let Some(site) = &options.site {
            // Before the options: `--var` would take it for another variable.
            command
                .arg(site.worker.join("entry.js"))
                .arg("--assets")
                .arg(site.assets)
                .arg("--persist-to")
                .arg(site.state);
        }
        command
            .args(["--ip", "127.0.0.1", "--port", &options.port.to_string()])
            .args(["--inspector-port", "0"])
            .arg("--show-interactive-dev-session=false");
        command.envs(options.config.env.iter().map(|(name, value)| (name, value)));
        if let Some(file) = &options.config.file {
            // wrangler would look for secrets beside it.
            let secrets = workspace.path(secrets::FILE);
            command.arg("--config").arg(file);
            command.arg("--env-file").arg(secrets);
        }
        for (name, value) in &options.vars {
            command.arg("--var").arg(format!("{name}:{value}"));
        }
        let (running, lines) = process::start_server("wrangler", &mut command, "Ready on")?;
        let (sender, output) = channel();
        thread::spawn(move || {
            for event in lines.into_iter().filter_map(|line| event(&line)) {
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Ok(Self { running, output })
    }

    /// The output since the last call.
    pub(crate) fn output(&self) -> impl Iterator<Item = Output> {
        self.output.try_iter()
    }

    /// Waits until a change is served, or until `timeout` has passed.
    pub(crate) fn wait_for_reload(&self, timeout: Duration, mut show: impl FnMut(&str)) {
        let deadline = Instant::now() + timeout;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.output.recv_timeout(left) {
                Ok(Output::Line(line)) => show(&line),
                Ok(Output::Reloaded) | Err(_) => return,
            }
        }
    }

    /// Returns whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.running.ended().is_some()
    }
}

/// The meaning of a line of wrangler's output; none for its own progress.
fn event(line: &str) -> Option<Output> {
    let line = strip_ansi(line);
    let text = line.trim();
    if text.contains("Local server updated and ready") {
        return Some(Output::Reloaded);
    }
    let is_progress = text.is_empty()
        || text.starts_with('⎔')
        || text.starts_with("[wrangler:info]")
        || text.starts_with('─');
    (!is_progress).then_some(Output::Line(line))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn logs_are_told_from_progress() {
        assert_eq!(
            event("⎔ Local server updated and ready"),
            Some(Output::Reloaded)
        );
        assert_eq!(event("⎔ Reloading local server..."), None);
        assert_eq!(event("[wrangler:info] GET / 200 OK (3ms)"), None);
        assert_eq!(
            event("\x1b[31mpanicked at x.rs\x1b[0m"),
            Some(Output::Line("panicked at x.rs".into()))
        );
    }

    #[test]
    fn bindings_are_added_where_there_are_none() {
        let added = with_hyperdrive("// {\n{\n  \"env\": {\n  }\n}\n")
            .unwrap()
            .unwrap();
        assert_eq!(
            added,
            format!("// {{\n{{\n{HYPERDRIVE_BINDINGS}  \"env\": {{\n  }}\n}}\n")
        );
        assert_eq!(with_hyperdrive("{\n  \"hyperdrive\": []\n}").unwrap(), None);
        assert!(with_hyperdrive("{}").is_err());
    }
}
