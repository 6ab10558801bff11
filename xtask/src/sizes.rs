//! How big a release build is, raw and compressed, as a table and in `target/sizes.json`.
//! Absent: limits; the benchmark judges.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::assets::Announced;
use crate::workspace::Workspace;
use crate::{files, process, ui};

/// The measuring itself, by Node's zlib: the compressors stay out of our own build.
const SCRIPT: &str = include_str!("sizes.mjs");

/// Measures the assets of the manifest and the Worker, prints the table and writes the file.
pub(crate) fn report(workspace: &Workspace) -> Result<()> {
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
    let announced = Announced::read(workspace).context("no asset manifest: run `cargo x build`")?;
    let assets = announced
        .assets
        .into_iter()
        .map(|(name, url)| (name, workspace.path(format!("target/site{url}"))));
    let worker = ["index.js", "index_bg.wasm"].map(|file| {
        (
            format!("worker/{file}"),
            workspace.path("server/build").join(file),
        )
    });
    let (names, paths): (Vec<String>, Vec<PathBuf>) = assets.chain(worker).unzip();
    let mut node = workspace.command(workspace.path("node_modules/.bin/node"));
    node.args(["--input-type=module", "--eval", SCRIPT, "--"])
        .args(paths);
    let answer = process::answer(&mut node).context("cannot measure the built files")?;
    let sizes: Vec<[u64; 3]> = serde_json::from_str(&answer)?;
    Ok(names.into_iter().zip(sizes).collect())
}
