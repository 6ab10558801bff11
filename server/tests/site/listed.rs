//! The list of addresses that all tests ask for: `end2end/addresses.json`, which CONTRIBUTING describes.

use serde::Deserialize;

/// One address.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Address {
    pub(crate) path: String,
    /// The statements that it takes, all in one round trip; 0 if it opens no connection.
    pub(crate) statements: u64,
    #[serde(default = "ok")]
    pub(crate) status: u16,
    /// schema.org's type of a page.
    #[serde(default)]
    pub(crate) kind: String,
    /// True if the page has an island.
    #[serde(default)]
    pub(crate) island: bool,
    /// True if search engines may list the page.
    #[serde(default = "yes")]
    pub(crate) indexed: bool,
    /// True if the sitemap names the page by its path; it finds posts and users by their rows.
    #[serde(default)]
    pub(crate) sitemap: bool,
    /// True if the response begins before it is whole.
    #[serde(default)]
    pub(crate) streamed: bool,
}

const fn ok() -> u16 {
    200
}

const fn yes() -> bool {
    true
}

/// The whole list.
#[derive(Deserialize)]
struct Addresses {
    pages: Vec<Address>,
    files: Vec<Address>,
    api: Vec<Address>,
}

fn addresses() -> Addresses {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/addresses.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Every address.
pub(crate) fn all() -> Vec<Address> {
    let Addresses { pages, files, api } = addresses();
    [pages, files, api].concat()
}

/// Every address that is there and is sent as one body.
pub(crate) fn found() -> Vec<Address> {
    let is_found = |one: &Address| one.status == 200 && !one.streamed;
    all().into_iter().filter(is_found).collect()
}

/// Every page that is there.
pub(crate) fn pages() -> Vec<Address> {
    let is_found = |one: &Address| one.status == 200;
    addresses().pages.into_iter().filter(is_found).collect()
}

/// The path of every page that is there and shows rows.
pub(crate) fn pages_with_rows() -> Vec<String> {
    let with_rows = pages().into_iter().filter(|one| one.statements > 0);
    with_rows.map(|one| one.path).collect()
}
