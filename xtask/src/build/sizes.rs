//! The size of a release build, raw and compressed, as a table and in `target/sizes.json`.
//! Absent: limits; see end2end/bench.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::assets::Manifest;
use super::wasm::WORKER_FOLDER;
use crate::workspace::Workspace;
use crate::{files, process, ui};

/// A script that measures with Node's zlib, so that our own build has no compressors.
const SCRIPT: &str = include_str!("sizes.mjs");

/// Measures the assets of the manifest and the Worker, prints the table and writes the file.
pub(super) fn report(workspace: &Workspace) -> Result<()> {
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
    let file: BTreeMap<_, _> = measured
        .iter()
        .map(|(name, [raw, gzip, brotli])| {
            (
                name,
                serde_json::json!({ "raw": raw, "gzip": gzip, "brotli": brotli }),
            )
        })
        .collect();
    let text = serde_json::to_string_pretty(&file)?;
    files::write(
        &workspace.path("target/sizes.json"),
        format!("{text}\n").as_bytes(),
    )?;
    ui::line("\nwritten to target/sizes.json");
    Ok(())
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
