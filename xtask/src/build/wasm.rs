//! The two WebAssembly builds: the client, which the browser runs, and the Worker. Both are optimised for a release.
//! Absent: names and headers of assets (`assets`); serving (`wrangler`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{WorkerFeatures, builder_paths, shrink};
use crate::tools::{Tools, WASM_TARGET};
use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{files, process, ui};

/// The Worker's folder, which wrangler.jsonc names.
pub(crate) const WORKER_FOLDER: &str = "server/build";
/// Features of wasm: rustc's defaults, and exceptions, which wasm-bindgen's glue catches.
const WASM_FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];
/// Settings of cargo for a release that only tests run: quick to compile, and quick enough.
const QUICK_RELEASE: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];
/// Small before quick; `--flatten --rereloop` saves 0.6 KB (brotli). The names are those that only our glue uses.
const CLIENT_PASSES: [&str; 5] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "--minify-imports-and-exports-and-modules",
    "--strip-debug",
];

/// The folder of the client's wasm (`client_bg.wasm`) and its glue (`client.js`).
pub(super) fn client_folder(workspace: &Workspace, mode: Mode) -> PathBuf {
    workspace.stage(mode).join("client")
}

/// Compiles the client and, for development, the Worker, so that their builds find it done. It needs no tool.
pub(super) fn compile(workspace: &Workspace, mode: Mode) -> Result<()> {
    process::step("client, compiled", &mut client_compiler(workspace, mode)?)?;
    if mode == Mode::Dev {
        let mut worker = workspace.cargo(mode);
        worker
            .args(["build", "-p", "server", "--lib", "--target", WASM_TARGET])
            // As worker-build sets it.
            .env("WASM_BINDGEN_USE_JS_SYS", "1");
        process::step("Worker, compiled", &mut worker)?;
    }
    Ok(())
}

fn client_compiler(workspace: &Workspace, mode: Mode) -> Result<Command> {
    let profile = match mode {
        Mode::Dev => "dev",
        Mode::Release => "client",
    };
    let mut cargo = workspace.command("cargo");
    cargo
        .args(["build", "-p", "client", "--target", WASM_TARGET])
        .args(["--profile", profile]);
    if mode == Mode::Release {
        builder_paths::rename(workspace, &mut cargo, WASM_TARGET)?;
    }
    Ok(cargo)
}

/// Builds the client into its folder.
pub(super) fn build_client(workspace: &Workspace, tools: &Tools, mode: Mode) -> Result<()> {
    ui::step("client", |step| {
        process::run(step, &mut client_compiler(workspace, mode)?)?;
        let built = match mode {
            Mode::Dev => "debug",
            Mode::Release => "client",
        };

        let folder = client_folder(workspace, mode);
        files::fresh(&folder)?;
        let built = Path::new(WASM_TARGET).join(built).join("client.wasm");
        let mut bindgen = workspace.command(&tools.wasm_bindgen);
        bindgen
            .arg(workspace.cargo_target()?.join(built))
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
            let mut metadce = workspace.node("node_modules/binaryen/bin/wasm-metadce");
            metadce
                .arg(&wasm)
                .arg("--graph-file")
                .arg(shrink::drop_classes(&folder)?)
                .arg("-o")
                .arg(&wasm)
                .args(WASM_FEATURES);
            process::run(step, &mut metadce)?;
            let names = optimise(workspace, step, &wasm, &CLIENT_PASSES)?;
            shrink::rename(&folder, &names)?;
        }
        finish(workspace, step, mode, &wasm)
    })
}

/// The folder in which the Worker with these cargo features is built.
fn worker_folder(workspace: &Workspace, mode: Mode, features: &WorkerFeatures) -> PathBuf {
    let name = match features.arguments().as_slice() {
        [] => "worker".to_owned(),
        arguments => format!("worker-{}", files::hash(arguments.concat().as_bytes())),
    };
    let suffix = if features.is_quick(mode) {
        "-quick"
    } else {
        ""
    };
    workspace.stage(mode).join(name + suffix)
}

/// The release Worker's wasm with the names of its functions.
pub(super) fn named_worker(workspace: &Workspace, features: &WorkerFeatures) -> PathBuf {
    worker_folder(workspace, Mode::Release, features).with_extension("named.wasm")
}

/// Builds the Worker with these cargo features in a folder of its own and returns that folder. Its pages name the assets of
/// `mode`.
pub(crate) fn build_worker(
    workspace: &Workspace,
    tools: &Tools,
    mode: Mode,
    features: &WorkerFeatures,
) -> Result<PathBuf> {
    let arguments = features.arguments();
    let folder = worker_folder(workspace, mode, features);
    let is_quick = features.is_quick(mode);
    ui::step(features.label(), |step| {
        let mut build = workspace.compiler(&tools.worker_build, mode);
        build
            .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
            .env("WASM_OPT_BIN", workspace.path("node_modules/.bin/wasm-opt"))
            .env("ESBUILD_BIN", workspace.path("node_modules/.bin/esbuild"))
            .env("RUST_BACKTRACE", "0")
            .arg(format!("--{}", mode.name()))
            // Its own optimiser run keeps names, which doubles the file: ours follows.
            .args(["--no-opt", "--out-dir"])
            .arg(&folder)
            .arg("server");
        build.args(arguments);
        if is_quick {
            build.envs(QUICK_RELEASE);
        }
        if mode == Mode::Release {
            builder_paths::rename(workspace, &mut build, WASM_TARGET)?;
        }
        if let Err(error) = process::run(step, &mut build) {
            // Left behind, it makes the next build wait: it looks like another one at work.
            files::remove(&folder.join(".tmp"))?;
            return Err(process::map_output(error, compiler_output));
        }
        let entry = files::read(&workspace.path("server/entry.js"))?;
        files::write(&folder.join("entry.js"), &entry)?;
        let wasm = folder.join("index_bg.wasm");
        if mode == Mode::Release && !is_quick {
            // Names are kept once, to say what the Worker is made of.
            let named = folder.with_extension("named.wasm");
            files::write(&named, &files::read(&wasm)?)?;
            optimise(workspace, step, &named, &["-O3", "-g"])?;
            files::write(&wasm, &files::read(&named)?)?;
            optimise(workspace, step, &wasm, &["--strip-debug"])?;
        }
        finish(workspace, step, mode, &wasm)?;
        Ok(folder.clone())
    })
}

/// The compiler's part of worker-build's output, which begins and ends with its own messages.
fn compiler_output(output: &str) -> String {
    let Some((compiler, _)) = output.split_once("\nError: Compiling your crate") else {
        return output.to_owned();
    };
    compiler
        .lines()
        .filter(|line| !line.starts_with("[INFO]"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Ensures that a release names no path of the machine, and notes the size.
fn finish(workspace: &Workspace, step: &mut Step, mode: Mode, wasm: &Path) -> Result<()> {
    if mode == Mode::Release {
        builder_paths::ensure_absent(workspace, &[wasm.to_owned()])?;
    }
    step.note(ui::size(files::read(wasm)?.len() as u64));
    Ok(())
}

/// Runs wasm-opt over a file, in place; returns what it printed. The result is kept, so that one input is optimised once.
fn optimise(
    workspace: &Workspace,
    step: &mut Step,
    wasm: &Path,
    passes: &[&str],
) -> Result<String> {
    // `client-client_bg`, `worker-index_bg`: one result is kept for each.
    let owner = wasm.parent().and_then(Path::file_name);
    let (Some(owner), Some(stem)) = (owner, wasm.file_stem()) else {
        bail!("{} is in no folder", wasm.display());
    };
    let name = format!("{}-{}", owner.display(), stem.display());
    let flags = [passes, &["--strip-producers"]].concat();
    let mut input = files::read(wasm)?;
    if !input.starts_with(b"\0asm") {
        bail!("{} is not WebAssembly", wasm.display());
    }
    input.extend(flags.concat().as_bytes());
    let cache = workspace.path("target/site-build/optimised");
    let output = cache.join(format!("{name}-{}.wasm", files::hash(&input)));
    let printed = output.with_extension("txt");
    if !(output.is_file() && printed.is_file()) {
        files::create(&cache)?;
        for stale in files::list(&cache)? {
            if stale.to_string_lossy().starts_with(&format!("{name}-")) {
                std::fs::remove_file(cache.join(stale))
                    .context("cannot remove an old optimised file")?;
            }
        }
        let unfinished = cache.join(format!("{name}.unfinished"));
        let mut wasm_opt = workspace.node("node_modules/binaryen/bin/wasm-opt");
        wasm_opt
            .arg(wasm)
            .arg("-o")
            .arg(&unfinished)
            .args(&flags)
            .args(WASM_FEATURES);
        files::write(&printed, process::run(step, &mut wasm_opt)?.as_bytes())?;
        std::fs::rename(&unfinished, &output).context("cannot keep an optimised file")?;
    }
    files::write(wasm, &files::read(&output)?)?;
    String::from_utf8(files::read(&printed)?).context("wasm-opt printed no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_compilation_shows_the_compilers_output_alone() {
        let output = "[INFO]: Compiling to Wasm...\nerror: expected `,`\n --> server/src/lib.rs:1:1\n\
                      Error: Compiling your crate to WebAssembly failed\n\nCaused by: cargo\n";
        assert_eq!(
            compiler_output(output),
            "error: expected `,`\n --> server/src/lib.rs:1:1"
        );
        assert_eq!(
            compiler_output("Error: no wasm-bindgen"),
            "Error: no wasm-bindgen"
        );
    }
}
