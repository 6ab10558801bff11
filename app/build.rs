//! Gives the pages the addresses of the assets, from the manifest that `cargo x build` writes.

use std::collections::BTreeMap;
use std::{env, fs, path::Path};

/// The assets, with the names they have where no manifest was given (a plain `cargo check` or `cargo test`).
const ASSETS: [&str; 7] = [
    "client.wasm",
    "islands.js",
    "main.css",
    "passkeys.js",
    "preview.js",
    "speculation.json",
    "page.js",
];

/// The name of every build that is no release.
const DEV: &str = "dev";

fn main() {
    println!("cargo::rerun-if-env-changed=SITE_MANIFEST");
    let manifest: BTreeMap<String, String> = match env::var("SITE_MANIFEST") {
        Err(_) => ASSETS
            .iter()
            .map(|name| ((*name).to_owned(), format!("/assets/{name}")))
            .collect(),
        Ok(path) => {
            println!("cargo::rerun-if-changed={path}");
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{path} (SITE_MANIFEST): {error}"));
            serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{path} (SITE_MANIFEST): {error}"))
        }
    };
    let build = manifest.get("build").map_or(DEV, String::as_str);
    // What only development needs is not even compiled into anything else.
    println!("cargo::rustc-check-cfg=cfg(development)");
    if build == DEV {
        println!("cargo::rustc-cfg=development");
    }
    let mut code = format!(
        "/// Which build this is: another one may make other pages of the same data.\npub const BUILD: &str = {build:?};\n"
    );
    for name in ASSETS {
        let address = manifest
            .get(name)
            .unwrap_or_else(|| panic!("the asset manifest lacks {name}; run cargo x build"));
        let constant = name.replace('.', "_").to_uppercase();
        code.push_str(&format!(
            "/// The address of `{name}`.\npub const {constant}: &str = {address:?};\n"
        ));
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("assets.rs"), code).expect("OUT_DIR is writable");
}
