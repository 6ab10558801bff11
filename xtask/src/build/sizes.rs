//! The size of a release build, raw and compressed, and of the Worker's crates, as tables and in `target/sizes.json`.
//! Absent: limits; see end2end/bench.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::WorkerFeatures;
use super::assets::Manifest;
use super::wasm::{WORKER_FOLDER, named_worker};
use crate::workspace::Workspace;
use crate::{files, process, ui};

/// A script that measures with Node's zlib, so that our own build has no compressors.
const SCRIPT: &str = include_str!("sizes.mjs");
/// A script that reads a module's functions.
const CRATES_SCRIPT: &str = include_str!("crates.mjs");
/// Crates below this share of the code are counted together.
const LEAST_SHARE: u64 = 100;

/// The code of a module by the crates that wrote it, largest first, and its constant data, in bytes before compression.
#[derive(Deserialize)]
struct Parts {
    crates: Vec<(String, u64)>,
    data: u64,
}

/// Measures the assets of the manifest and the Worker, prints the tables and writes the file.
pub(super) fn report(workspace: &Workspace, features: &WorkerFeatures) -> Result<()> {
    let measured = measure(workspace)?;
    ui::line(format_args!(
        "\n{:<28} {:>9} {:>9} {:>9}",
        "", "raw", "gzip", "brotli"
    ));
    for (name, [raw, gzip, brotli]) in &measured {
        ui::line(format_args!(
            "{name:<28} {:>9} {:>9} {:>9}",
            ui::size(*raw),
            ui::size(*gzip),
            ui::size(*brotli)
        ));
    }
    let parts = parts(workspace, features)?;
    print_parts(&parts);
    let file: BTreeMap<_, _> = measured
        .iter()
        .map(|(name, [raw, gzip, brotli])| {
            (
                name,
                serde_json::json!({ "raw": raw, "gzip": gzip, "brotli": brotli }),
            )
        })
        .collect();
    let crates: BTreeMap<_, _> = parts.crates.into_iter().collect();
    let file =
        serde_json::json!({ "files": file, "worker": { "crates": crates, "data": parts.data } });
    let text = serde_json::to_string_pretty(&file)?;
    files::write(
        &workspace.path("target/sizes.json"),
        format!("{text}\n").as_bytes(),
    )?;
    ui::line("\nwritten to target/sizes.json");
    Ok(())
}

/// The parts of the Worker's wasm.
fn parts(workspace: &Workspace, features: &WorkerFeatures) -> Result<Parts> {
    let mut node = workspace.node_tool("node");
    node.args(["--input-type=module", "--eval", CRATES_SCRIPT, "--"])
        .arg(named_worker(workspace, features));
    let output = process::output(&mut node).context("cannot read the Worker's functions")?;
    Ok(serde_json::from_str(&output)?)
}

fn print_parts(parts: &Parts) {
    let all: u64 = parts.crates.iter().map(|(_, bytes)| bytes).sum();
    ui::line("\nthe Worker's code, by crate");
    let mut others = 0;
    for (name, bytes) in &parts.crates {
        if bytes * LEAST_SHARE < all {
            others += bytes;
            continue;
        }
        print_share(name, *bytes, all);
    }
    print_share("others", others, all);
    ui::line(format_args!("{:<28} {:>9}", "data", ui::size(parts.data)));
}

fn print_share(name: &str, bytes: u64, all: u64) {
    let share = bytes * 100 / all.max(1);
    ui::line(format_args!(
        "{name:<28} {:>9} {share:>7} %",
        ui::size(bytes)
    ));
}

/// Name and [raw, gzip, brotli] bytes of each file.
fn measure(workspace: &Workspace) -> Result<Vec<(String, [u64; 3])>> {
    let manifest = Manifest::read(workspace).context("no asset manifest: run `cargo x build`")?;
    let assets = manifest
        .assets
        .into_iter()
        .map(|(name, url)| (name, workspace.path(format!("target/site{url}"))));
    let worker = ["index.js", "index_bg.wasm"].map(|file| {
        (
            format!("worker/{file}"),
            workspace.path(WORKER_FOLDER).join(file),
        )
    });
    let (names, paths): (Vec<String>, Vec<PathBuf>) = assets.chain(worker).unzip();
    let mut node = workspace.node_tool("node");
    node.args(["--input-type=module", "--eval", SCRIPT, "--"])
        .args(paths);
    let output = process::output(&mut node).context("cannot measure the built files")?;
    let sizes: Vec<[u64; 3]> = serde_json::from_str(&output)?;
    Ok(names.into_iter().zip(sizes).collect())
}
