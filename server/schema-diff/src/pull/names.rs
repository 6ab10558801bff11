//! Names in Rust, from names in SQL.

/// The name of a type for a table or a column: `post_slugs` becomes `PostSlug`.
pub(super) fn type_name(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// The name of a row of a table.
pub(super) fn row_name(table: &str) -> String {
    let one = if let Some(stem) = table.strip_suffix("ies") {
        format!("{stem}y")
    } else if table.ends_with("ss") {
        table.to_owned()
    } else {
        table.strip_suffix('s').unwrap_or(table).to_owned()
    };
    type_name(&one)
}

/// The name of the type of a table's ids.
pub(super) fn id_type(name: &str) -> String {
    let name = name.strip_suffix("_id").unwrap_or(name);
    format!("{}Id", row_name(name))
}

/// True if a name can stand in a declaration: what SQL calls so is called so in Rust.
pub(super) fn is_plain(name: &str) -> bool {
    const KEYWORDS: [&str; 41] = [
        "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
        "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in", "let",
        "loop", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "type", "use", "where",
    ];
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !KEYWORDS.contains(&name)
        && ![
            "while", "unsafe", "yield", "try", "macro", "abstract", "virtual",
        ]
        .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_rust() {
        assert_eq!(row_name("post_slugs"), "PostSlug");
        assert_eq!(row_name("categories"), "Category");
        assert_eq!(row_name("address"), "Address");
        assert_eq!(id_type("users"), "UserId");
        assert_eq!(id_type("owner_id"), "OwnerId");
        for (name, plain) in [
            ("user_2", true),
            ("createdAt", false),
            ("type", false),
            ("a b", false),
        ] {
            assert_eq!(is_plain(name), plain, "{name}");
        }
    }
}
