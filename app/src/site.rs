//! Who this site is: its name, and what it says of itself. A site of another name changes this file, the `Cargo.toml`s
//! and `wrangler.jsonc`.

/// The site's name.
pub const NAME: &str = "Waypost";

/// A few words about the site.
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
pub const API_DESCRIPTION: &str = "Everything that is public on Waypost, for programs.";
