//! `cargo x test --fuzz`: a longer search for inputs that break a parser.
//! Absent: the targets and their bounded run, which is a test; see `server/fuzz`.

use anyhow::{Context, Result, bail};

use crate::workspace::{Mode, Workspace};
use crate::{files, process, ui};

/// Compiler options by which libFuzzer learns which branches an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The corpora, in a folder for each target.
const CORPUS: &str = "server/fuzz/corpus";

/// Searches for `minutes` in each target. Inputs that were found to be of interest are kept in `target/fuzz`.
pub(super) fn run(workspace: &Workspace, minutes: u32) -> Result<()> {
    let build = workspace.path("target/fuzz");
    let mut rustc = workspace.command("rustc");
    rustc.args(["--print", "host-tuple"]);
    let host = process::output(&mut rustc).context("rustc does not name its host")?;
    let host = host.trim();
    let mut cargo = workspace.cargo(Mode::Dev);
    cargo
        // With a target named, build scripts are built without these options.
        .args([
            "build",
            "-p",
            "fuzz",
            "--features",
            "libfuzzer",
            "--target",
            host,
            "--target-dir",
        ])
        .arg(&build)
        .env("RUSTFLAGS", COVERAGE);
    process::step("fuzz targets", &mut cargo)?;
    let mut broken = Vec::new();
    for target in targets(workspace)? {
        let (found, crashes) = (
            build.join("corpus").join(&target),
            build.join("crashes").join(&target),
        );
        files::create(&found)?;
        files::create(&crashes)?;
        let mut fuzz = workspace.command(build.join(host).join("debug/fuzz"));
        fuzz.env("FUZZ_TARGET", &target)
            .args([&found, &workspace.path(CORPUS).join(&target)])
            .arg(format!("-artifact_prefix={}/", crashes.display()))
            .arg(format!("-max_total_time={}", minutes * 60))
            .args(["-timeout=10", "-max_len=8192", "-print_final_stats=1"]);
        if let Err(error) = process::step(&target, &mut fuzz) {
            ui::line(format_args!("{error:#}"));
            broken.push(format!("{target}: the input is in {}", crashes.display()));
        }
    }
    if !broken.is_empty() {
        bail!(
            "{}\nAdd each input to {CORPUS} once it is mended.",
            broken.join("\n")
        );
    }
    Ok(())
}

/// The names of the targets, which are those of their corpora.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folders = std::fs::read_dir(workspace.path(CORPUS)).context("cannot list the corpora")?;
    let mut names = folders
        .map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
