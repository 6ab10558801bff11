//! Words that depend on a number, and text among which the site's own words stand.

/// `1 post`, `2 posts`.
pub(crate) fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `text` without the signs that embed, override or isolate a direction of writing (Unicode's UAX #9, 2.1 to 2.4), for places
/// where markup cannot isolate it: one of them would turn what follows. Marks of direction turn nothing, and stay.
pub fn undirected(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.replace(turns, "")
}
