//! What the browser runs: the islands' wasm and the glue that starts it.
//! Absent: naming and publishing; see `assets`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::tools::Tools;
use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{files, process, ui};

/// What wasm may use: what rustc emits by default, and exceptions, which wasm-bindgen's glue catches.
const FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// Builds the wasm and its glue into `folder(workspace, mode)`.
pub(crate) fn build(workspace: &Workspace, tools: &Tools, mode: Mode) -> Result<()> {
    ui::step("client", |step| {
        let profile = match mode {
            Mode::Dev => "dev",
            Mode::Release => "client",
        };
        let mut cargo = workspace.command("cargo");
        cargo.args([
            "build",
            "-p",
            "client",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            profile,
        ]);
        process::run(step, &mut cargo)?;

        let folder = folder(workspace, mode);
        files::fresh(&folder)?;
        let built = match mode {
            Mode::Dev => "debug",
            Mode::Release => "client",
        };
        let mut bindgen = workspace.command(&tools.wasm_bindgen);
        bindgen
            .arg(
                workspace
                    .cargo_target()
                    .join("wasm32-unknown-unknown")
                    .join(built)
                    .join("client.wasm"),
            )
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--omit-default-module-path",
            ])
            .args(["--remove-name-section", "--remove-producers-section"])
            .args(["--out-name", "client", "--out-dir"])
            .arg(&folder);
        process::run(step, &mut bindgen)?;

        let wasm = folder.join("client_bg.wasm");
        if mode == Mode::Release {
            optimise(
                workspace,
                step,
                &wasm,
                &["-Oz", "--strip-debug", "--strip-producers"],
            )?;
        }
        let size = files::read(&wasm)?.len();
        Ok(((), ui::size(size as u64)))
    })
}

/// Where the wasm (`client_bg.wasm`) and its glue (`client.js`) are after a build.
pub(crate) fn folder(workspace: &Workspace, mode: Mode) -> PathBuf {
    workspace.stage(mode).join("client")
}

/// Runs wasm-opt over a file, in place. The result is kept beside it, so that the same input is optimised once.
pub(crate) fn optimise(
    workspace: &Workspace,
    step: &mut Step,
    wasm: &std::path::Path,
    flags: &[&str],
) -> Result<()> {
    // `client-client_bg`, `worker-index_bg`: one result is kept for each.
    let owner = wasm.parent().and_then(|folder| folder.file_name());
    let (Some(owner), Some(stem)) = (owner, wasm.file_stem()) else {
        bail!("{} is in no folder", wasm.display());
    };
    let name = format!("{}-{}", owner.display(), stem.display());
    let mut input = files::read(wasm)?;
    if !input.starts_with(b"\0asm") {
        bail!("{} is not WebAssembly", wasm.display());
    }
    input.extend(flags.concat().as_bytes());
    let kept = workspace.path("target/site-build/optimised");
    let output = kept.join(format!("{name}-{}.wasm", files::hash(&input)));
    if !output.is_file() {
        files::create(&kept)?;
        for stale in files::list(&kept)? {
            if stale.to_string_lossy().starts_with(&format!("{name}-")) {
                std::fs::remove_file(kept.join(stale))
                    .context("cannot remove an old optimised file")?;
            }
        }
        let unfinished = kept.join(format!("{name}.unfinished"));
        let mut wasm_opt = workspace.node("node_modules/binaryen/bin/wasm-opt");
        wasm_opt
            .arg(wasm)
            .arg("-o")
            .arg(&unfinished)
            .args(flags)
            .args(FEATURES);
        process::run(step, &mut wasm_opt)?;
        std::fs::rename(&unfinished, &output).context("cannot keep an optimised file")?;
    }
    files::write(wasm, &files::read(&output)?)?;
    Ok(())
}
