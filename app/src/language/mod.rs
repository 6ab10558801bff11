//! Languages of texts, by their BCP 47 tags: the attributes that say so in HTML.

#[cfg(feature = "ssr")]
mod guess;

#[cfg(feature = "ssr")]
pub use guess::{guess, guess_in_html};

use crate::site;

/// The languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = [
    "ar", "ckb", "dv", "fa", "he", "nqo", "ps", "syr", "ur", "yi",
];

/// The direction in which a language is written, as `dir` takes it.
pub(crate) fn direction(language: &str) -> &'static str {
    if RIGHT_TO_LEFT.contains(&language) {
        "rtl"
    } else {
        "ltr"
    }
}

/// The attributes `lang` and `dir` of an element inside the site's own text, and the `lang` of the site's own words inside
/// that element; none where the element's language is the site's.
pub(crate) fn attributes(
    language: &str,
) -> (Option<String>, Option<&'static str>, Option<&'static str>) {
    if language == site::LANGUAGE {
        return (None, None, None);
    }
    (
        Some(language.to_owned()),
        Some(direction(language)),
        Some(site::LANGUAGE),
    )
}
