//! Names in SQL, quoted only where they must be.

use db::Dialect;

/// Words that some engine reserves, in small letters.
const RESERVED: [&str; 107] = [
    "all",
    "alter",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "before",
    "between",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "cast",
    "change",
    "check",
    "collate",
    "column",
    "condition",
    "constraint",
    "convert",
    "create",
    "cross",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "database",
    "default",
    "delete",
    "desc",
    "describe",
    "distinct",
    "div",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "except",
    "exists",
    "explain",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "from",
    "fulltext",
    "function",
    "grant",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "in",
    "index",
    "inner",
    "insert",
    "interval",
    "into",
    "is",
    "join",
    "key",
    "keys",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "lock",
    "match",
    "natural",
    "not",
    "null",
    "of",
    "offset",
    "on",
    "option",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "primary",
    "range",
    "rank",
    "read",
    "references",
    "release",
    "rename",
    "repeat",
    "replace",
    "restrict",
    "right",
    "row",
    "rows",
    "schema",
    "select",
    "set",
    "show",
    "some",
    "system",
    "table",
];
const MORE_RESERVED: [&str; 22] = [
    "then", "to", "trailing", "trigger", "true", "union", "unique", "unlock", "unsigned", "update",
    "usage", "use", "user", "using", "values", "varying", "view", "when", "where", "window",
    "with", "write",
];

/// A name as it stands in SQL.
pub(super) fn name(dialect: Dialect, name: &str) -> String {
    let is_plain = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    // PostgreSQL and SQLite take `key` as it is, and the declared schema has it.
    let is_reserved = RESERVED.contains(&name) || MORE_RESERVED.contains(&name);
    let is_taken = is_reserved && (name != "key" || dialect == Dialect::MySql);
    if is_plain && !is_taken {
        return name.to_owned();
    }
    let quote = if dialect == Dialect::MySql { '`' } else { '"' };
    let inner = name.replace(quote, &format!("{quote}{quote}"));
    format!("{quote}{inner}{quote}")
}

/// Names between commas.
pub(super) fn names<'a>(dialect: Dialect, all: impl IntoIterator<Item = &'a String>) -> String {
    let all = all.into_iter().map(|one| name(dialect, one));
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_an_engine_reserves_them() {
        for (dialect, given, expected) in [
            (Dialect::Postgres, "users", "users"),
            (Dialect::Postgres, "user", "\"user\""),
            (Dialect::Postgres, "key", "key"),
            (Dialect::MySql, "key", "`key`"),
            (Dialect::Sqlite, "order", "\"order\""),
            (Dialect::Sqlite, "Big", "\"Big\""),
            (Dialect::MySql, "a`b", "`a``b`"),
        ] {
            assert_eq!(name(dialect, given), expected);
        }
    }
}
