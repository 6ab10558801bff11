//! The names of rendered pages among the assets.
//!
//! A page's file is named by path and version, so that asking for the file is asking whether it is still current. Fixed
//! pages are not here: they lie at their own path.

use std::fmt;

use rapidhash::v3::rapidhash_v3;

/// The folder of assets that only the Worker reads.
pub const FOLDER: &str = "/_pages";

/// The file that names the build whose pages are in the folder.
pub const BUILD_FILE: &str = "/_pages/build";

/// The file of the page at `path` in this version.
pub fn page_file(path: &str, version: impl fmt::Display) -> String {
    // A name that begins with a dot would be a hidden file, which tools leave out.
    let name = if path == "/" { "/home" } else { path };
    format!("{FOLDER}{name}.{version}")
}

/// The part of the manifest that has the version of the page at `path`: JSON, path → version. The manifest is cut into 256
/// parts so that looking up one page costs little.
pub fn manifest_file(path: &str) -> String {
    let part = rapidhash_v3(path.as_bytes()) & 0xff;
    format!("{FOLDER}/manifest/{part:02x}.json")
}

/// The file of the error page with this status, for when not even that can be rendered.
pub fn error_file(status: u16) -> String {
    format!("{FOLDER}/errors/{status}")
}
