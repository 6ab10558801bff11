//! The interactive parts. Each works as plain HTML before its script, and without it.

mod ask;
mod dom;
mod finder;

pub use finder::FinderIsland;
