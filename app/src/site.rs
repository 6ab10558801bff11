//! Who this site is: its name, and what it says of itself. A site of another name changes this file, the `Cargo.toml`s
//! and `wrangler.jsonc`.

/// The site's name.
pub const NAME: &str = "Waypost";

/// The language of the site's own words, as a BCP 47 tag; and of texts in Latin script, as long as nothing says which
/// language they are in.
pub const LANGUAGE: &str = "en";

/// A few words about the site. `end2end/share_image.mjs` draws them into the picture that other sites show.
pub const TAGLINE: &str = "Signs left by people who went first";

/// The site in a sentence or two, for readers and for search engines.
pub const DESCRIPTION: &str = "Notes from people who walk, print, bake, sail, repair and write things down. Waypost is \
                               where they leave them for each other.";

/// The site's purpose: the first words of its page about itself.
pub const ABOUT: &str = "A waypost is a sign that somebody who went first leaves for whoever comes after: this way to \
                         the ford, not that way in winter. The posts here are meant to be that. They are written by \
                         people about things they have done with their own hands and feet, and they stay at their \
                         addresses.";

/// The API in a sentence, for programmers.
pub const API_DESCRIPTION: &str =
    "Everything that is public on Waypost, for programs; and by a token, the account of its owner.";

/// The picture that other sites show beside a link to this one.
pub const SHARE_IMAGE: ShareImage = ShareImage {
    path: "/og.png",
    width: 1200,
    height: 630,
};

/// A picture with its size in pixels. Its text is the site's name and tagline.
#[derive(Clone, Copy, Debug)]
pub struct ShareImage {
    pub path: &'static str,
    pub width: u32,
    pub height: u32,
}

impl ShareImage {
    /// The picture in words.
    pub fn description(&self) -> String {
        format!("{NAME}: {TAGLINE}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_image_has_the_sites_words_and_its_size() {
        let png = include_bytes!("../public/og.png");
        let words = SHARE_IMAGE.description();
        let has = |text: &[u8]| png.windows(text.len()).any(|window| window == text);
        assert!(
            has(words.as_bytes()),
            "draw it again: node_modules/.bin/node end2end/share_image.mjs"
        );
        let number =
            |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert_eq!(
            (number(16), number(20)),
            (SHARE_IMAGE.width, SHARE_IMAGE.height)
        );
    }
}
