//! The Worker: compiled, bound and wrapped by worker-build, then optimised, then put where wrangler looks.
//! Absent: serving it; see `wrangler`.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::Failed;
use crate::tools::Tools;
use crate::workspace::{Mode, Workspace};
use crate::{client, files, process, ui};

/// Where wrangler.jsonc expects the Worker.
pub(crate) const SERVED: &str = "server/build";

/// Builds the Worker with these cargo features in a folder of its own, and gives that folder.
pub(crate) fn build(
    workspace: &Workspace,
    tools: &Tools,
    mode: Mode,
    features: Option<&str>,
) -> Result<PathBuf> {
    let variant = features.map_or_else(String::new, |features| {
        format!("-{}", files::hash(features.as_bytes()))
    });
    let folder = workspace.stage(mode).join(format!("worker{variant}"));
    let label = features.map_or_else(
        || "Worker".to_owned(),
        |features| format!("Worker with {features}"),
    );
    ui::step(label, |step| {
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
        if let Some(features) = features {
            build.args(["--features", features]);
        }
        if let Err(error) = process::run(step, &mut build) {
            // Left behind, it makes the next build wait: it looks like another one at work.
            files::remove(&folder.join(".tmp"))?;
            return Err(only_the_compiler(error));
        }

        let entry = files::read(&workspace.path("server/entry.js"))?;
        files::write(&folder.join("entry.js"), &entry)?;

        let wasm = folder.join("index_bg.wasm");
        if mode == Mode::Release {
            client::optimise(
                workspace,
                step,
                &wasm,
                &["-O3", "--strip-debug", "--strip-producers"],
            )?;
        }
        let size = files::read(&wasm)?.len();
        Ok((folder.clone(), ui::size(size as u64)))
    })
}

/// Leaves of a failed compilation what the compiler said; worker-build tells about itself before and after that.
fn only_the_compiler(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Failed>() {
        Ok(failed) => Failed {
            output: compiler_output(&failed.output),
            ..failed
        }
        .into(),
        Err(other) => other,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_compilation_is_told_by_the_compiler() {
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
