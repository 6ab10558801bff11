//! `cargo x test --fuzz`: a longer search for inputs that break a parser.
//! Absent: the targets and their bounded run, which is a test; see `server/fuzz`.

use anyhow::{Context, Result, bail};

use crate::workspace::{Mode, Workspace};
use crate::{files, process, ui};

/// Compiler options by which libFuzzer learns which branches an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The list of the targets and the folders of their corpora.
const CORPORA: &str = "server/fuzz/corpora.txt";

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
    for (target, corpus) in targets(workspace)? {
        let (found, crashes) = (
            build.join("corpus").join(&target),
            build.join("crashes").join(&target),
        );
        files::create(&found)?;
        files::create(&crashes)?;
        let mut fuzz = workspace.command(build.join(host).join("debug/fuzz"));
        fuzz.env("FUZZ_TARGET", &target)
            .args([&found, &workspace.path("server").join(corpus)])
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
            "{}\nAdd each input to the target's corpus ({CORPORA}) once it is mended.",
            broken.join("\n")
        );
    }
    Ok(())
}

/// The names of the targets, and the folders of their corpora below `server/`.
fn targets(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let list = String::from_utf8(files::read(&workspace.path(CORPORA))?)?;
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, folder) = line.split_once(' ').context("a target has no corpus")?;
            Ok((name.to_owned(), folder.to_owned()))
        })
        .collect()
}
