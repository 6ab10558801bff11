//! Words that depend on a number.

/// `1 post`, `2 posts`.
pub(crate) fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
