//! The native programs of the site: building them, and running the one that prerenders.
//! Absent: the programs; see server/native-server and server/prerender.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use super::builder_paths;
use crate::database::RemoteDatabase;
use crate::process;
use crate::ui;
use crate::workspace::{Mode, Workspace};

/// All packages, which are built together: alone, each has its own features of the crates that they share, which would
/// be built twice.
const PACKAGES: [&str; 4] = ["native-server", "prerender", "db-cli", "hyperdrive-standin"];
/// The programs that a server needs.
const SHIPPED: [&str; 2] = ["native-server", "db-cli"];

/// Builds the server, for pages that name the assets of `mode`.
pub(crate) fn build_server(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    build(workspace, mode, "native server", "native-server")
}

/// Builds the prerenderer, for the pages of the release that was built last.
pub(crate) fn build_prerenderer(workspace: &Workspace) -> Result<PathBuf> {
    build(workspace, Mode::Release, "prerenderer", "prerender")
}

/// Every native program, for tests on pages of the release that was built last: in the order of [`PACKAGES`].
pub(crate) fn build_all(workspace: &Workspace) -> Result<[PathBuf; 4]> {
    let mut cargo = compiler(workspace, Mode::Release);
    process::step("native programs", &mut cargo)?;
    let found = programs(cargo, &PACKAGES)?;
    found
        .try_into()
        .map_err(|_| anyhow!("cargo built too few programs"))
}

fn build(workspace: &Workspace, mode: Mode, label: &str, package: &str) -> Result<PathBuf> {
    let mut cargo = compiler(workspace, mode);
    process::step(label, &mut cargo)?;
    Ok(programs(cargo, &[package])?.remove(0))
}

fn compiler(workspace: &Workspace, mode: Mode) -> Command {
    let mut cargo = workspace.cargo(mode);
    cargo.arg("build");
    for package in PACKAGES {
        cargo.args(["-p", package]);
    }
    cargo
}

/// The programs of these packages, which this cargo command has built, wherever cargo's settings put them.
fn programs(mut cargo: Command, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let messages = process::output(cargo.args(["--quiet", "--message-format=json"]));
    let messages = messages.context("cargo cannot tell what it built")?;
    let find = |package: &&str| {
        executable(&messages, package).with_context(|| format!("cargo built no {package}"))
    };
    packages.iter().map(find).collect()
}

/// The path of a program in cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable)
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
}

/// Builds the programs of a server for other machines, the server first. Returns their paths.
pub(crate) fn build_shipped(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut cargo = workspace.cargo(Mode::Release);
    cargo.args(["build", "--locked", "--profile", "shipped"]);
    for package in SHIPPED {
        cargo.args(["-p", package]);
    }
    builder_paths::rename(workspace, &mut cargo, "'cfg(all())'")?;
    process::step("native programs", &mut cargo)?;
    let programs = programs(cargo, &SHIPPED)?;
    builder_paths::ensure_absent(workspace, &programs)?;
    Ok(programs)
}

/// The pages to prerender.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pages<'a> {
    pub(crate) site_url: &'a str,
    /// The database of posts and authors; without one, only the pages that need none are made.
    pub(crate) database: Option<&'a RemoteDatabase>,
    /// At most so many posts and so many authors.
    pub(crate) limit: Option<u32>,
    pub(crate) jobs: Option<u16>,
}

/// Makes pages in an empty folder. `program` is what [`build_prerenderer`] returned.
pub(crate) fn prerender(
    workspace: &Workspace,
    program: &Path,
    out: &Path,
    pages: &Pages<'_>,
) -> Result<()> {
    let label = match pages.database {
        Some(_) => "pages",
        None => "pages without a database",
    };
    let mut command = workspace.command(program);
    command
        .arg("--out")
        .arg(out)
        .args(["--site-url", pages.site_url])
        // Variables of this process are meant for other programs.
        .env_remove("DATABASE_URL")
        .env_remove("SITE_URL");
    match pages.database {
        // Not an argument, which others on this machine could read.
        Some(database) => command.env("DATABASE_URL", database.url()),
        None => command.arg("--no-database"),
    };
    if let Some(limit) = pages.limit {
        command.args(["--limit", &limit.to_string()]);
    }
    if let Some(jobs) = pages.jobs {
        command.args(["--jobs", &jobs.to_string()]);
    }
    let redact = |text: &str| match pages.database {
        Some(database) => database.redact(text),
        None => text.to_owned(),
    };
    ui::step(label, |step| {
        let output =
            process::run(step, &mut command).map_err(|error| process::map_output(error, redact))?;
        step.note(redact(output.lines().last().unwrap_or_default().trim()));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files;
    use crate::files::tests::scratch;

    #[test]
    fn a_program_is_found_wherever_cargos_configuration_puts_it() {
        let root = scratch("programs");
        let write = |path: &str, text: &str| files::write(&root.join(path), text.as_bytes());
        write("Cargo.toml", "[package]\nname = \"tool\"\n").unwrap();
        write("src/main.rs", "fn main() {}").unwrap();
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        let build = || {
            let mut cargo = workspace.command("cargo");
            cargo.args(["build", "--offline", "-p", "tool"]);
            process::step("tool", &mut cargo).unwrap();
            programs(cargo, &["tool"]).unwrap().remove(0)
        };
        let usual = build();
        let version = process::output(Command::new("rustc").arg("-vV")).unwrap();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap();
        let config = format!("[build]\ntarget = \"{host}\"\ntarget-dir = \"elsewhere\"\n");
        write(".cargo/config.toml", &config).unwrap();
        let configured = build();
        for program in [&usual, &configured] {
            assert!(program.is_file(), "{program:?}");
        }
        assert!(
            configured.components().any(|part| part.as_os_str() == host),
            "{configured:?}"
        );
    }

    #[test]
    fn the_dockerfile_names_what_the_build_makes() {
        #[derive(clap::Parser)]
        struct Build {
            #[command(flatten)]
            _args: super::super::Args,
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        let dockerfile = read("Dockerfile");
        let after = |start: &str| {
            let lines = dockerfile.lines();
            let found: Vec<&str> = lines.filter_map(|line| line.strip_prefix(start)).collect();
            assert!(!found.is_empty(), "no line begins with {start}");
            found
        };
        let build = after("RUN cargo x ");
        let parsed = <Build as clap::Parser>::try_parse_from(build[0].split(' '));
        assert!(parsed.is_ok(), "{build:?}");
        let copies = after("COPY --from=build ");
        let copied = copies.iter().flat_map(|line| {
            let (from, _to) = line.trim_end().rsplit_once(' ').unwrap();
            from.split(' ')
        });
        let programs = SHIPPED.map(|program| format!("/src/target/shipped/{program}"));
        let made = programs.into_iter().chain(["/src/target/site".to_owned()]);
        assert_eq!(copied.collect::<Vec<_>>(), made.collect::<Vec<_>>());
        assert!(read("Cargo.toml").contains("\n[profile.shipped]\n"));
        // It is built from what git has, without what the build makes itself.
        let rust = after("FROM rust:")[0].split('-').next().unwrap().to_owned();
        assert!(read("Cargo.toml").contains(&format!("rust-version = \"{rust}\"")));
        for ignored in [".git", "node_modules", "server/build", "target"] {
            assert!(
                read(".dockerignore").lines().any(|line| line == ignored),
                "{ignored}"
            );
        }
    }

    #[test]
    fn a_program_is_found_in_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","executable":null}
{"reason":"compiler-artifact","executable":"/t/x86_64-unknown-linux-gnu/native/prerender"}
{"reason":"compiler-artifact","executable":"/t/x86_64-unknown-linux-gnu/native/native-server"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(
            executable(messages, "native-server"),
            Some("/t/x86_64-unknown-linux-gnu/native/native-server".into())
        );
        assert_eq!(executable(messages, "db-cli"), None);
    }
}
