//! Statements as lists of words: lists between parentheses, and names.

/// True if `words` stand in `all` one after the other.
pub(super) fn has(all: &[String], words: &[&str]) -> bool {
    all.windows(words.len()).any(|some| some == words)
}

/// The words after `words`, if the statement begins with them; `a|b` stands for one of two, `a?` for one that may be missing.
pub(in crate::schema) fn after<'a>(mut all: &'a [String], words: &[&str]) -> Option<&'a [String]> {
    for word in words {
        let (word, is_optional) = match word.strip_suffix('?') {
            Some(word) => (word, true),
            None => (*word, false),
        };
        match all.first() {
            Some(first) if word.split('|').any(|one| one == first) => all = &all[1..],
            _ if is_optional => {}
            _ => return None,
        }
    }
    Some(all)
}

/// A name without quotes and without its schema, and the words after it.
pub(in crate::schema) fn name(all: &[String]) -> Option<(String, &[String])> {
    let (first, rest) = all.split_first()?;
    if let [dot, more @ ..] = rest
        && dot == "."
    {
        return name(more);
    }
    let bare = first.trim_matches(['"', '`', '[', ']']).to_lowercase();
    Some((bare, rest))
}

/// The content of the first parentheses, and the words after them.
pub(super) fn inside(all: &[String]) -> Option<(&[String], &[String])> {
    let begin = all.iter().position(|word| word == "(")?;
    let mut depth = 0_usize;
    for (at, word) in all.iter().enumerate().skip(begin) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&all[begin + 1..at], &all[at + 1..]));
        }
    }
    None
}

/// Parts between commas that stand in no parentheses.
pub(super) fn parts(all: &[String]) -> Vec<&[String]> {
    let mut depth = 0_i32;
    let split = all.split(|word| {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0 && word == ","
    });
    split.filter(|part| !part.is_empty()).collect()
}

/// The names in the first parentheses, up to the first that is an expression.
pub(super) fn columns(all: &[String]) -> Vec<String> {
    let Some((list, _)) = inside(all) else {
        return Vec::new();
    };
    let is_plain = |part: &&[String]| {
        let rest = part.get(1..).unwrap_or_default();
        rest.iter().all(|word| word == "asc" || word == "desc")
    };
    let plain = parts(list).into_iter().take_while(is_plain);
    plain
        .filter_map(|part| name(part).map(|(name, _)| name))
        .collect()
}

/// The table of an ALTER TABLE, and its actions.
pub(super) fn alter_table(all: &[String]) -> Option<(String, Vec<&[String]>)> {
    let rest = after(all, &["alter", "table", "if?", "exists?", "only?"])?;
    let (table, rest) = name(rest)?;
    Some((table, parts(rest)))
}

/// The table that a statement makes, and the words after its name.
pub(super) fn create_table(all: &[String]) -> Option<(String, &[String])> {
    name(after(
        all,
        &[
            "create",
            "temp|temporary?",
            "table",
            "if?",
            "not?",
            "exists?",
        ],
    )?)
}

/// The index that a statement makes: its name, its table, and the words after that.
pub(super) fn create_index(all: &[String]) -> Option<(String, String, &[String])> {
    let rest = after(
        all,
        &[
            "create",
            "unique|fulltext|spatial?",
            "index",
            "concurrently?",
            "if?",
            "not?",
            "exists?",
        ],
    )?;
    let (index, rest) = name(rest)?;
    let (table, rest) = name(after(rest, &["on", "only?"])?)?;
    Some((index, table, rest))
}

#[cfg(test)]
mod tests {
    use db::Dialect;
    use db::migrate::words;

    use super::*;

    #[test]
    fn statements_are_taken_apart() {
        let read = |sql: &str| words(Dialect::Postgres, sql).remove(0).words;
        let all = read(
            "CREATE UNIQUE INDEX IF NOT EXISTS a ON s.\"T\" USING btree (b DESC, lower(c), d);",
        );
        let (index, table, rest) = create_index(&all).expect("an index");
        assert_eq!((index.as_str(), table.as_str()), ("a", "t"));
        assert_eq!(columns(rest), ["b"]);
        let all = read("ALTER TABLE ONLY t ADD COLUMN a numeric(1, 2), DROP COLUMN b");
        let (table, actions) = alter_table(&all).expect("a table");
        assert_eq!((table.as_str(), actions.len()), ("t", 2));
        assert!(has(actions[1], &["drop", "column"]));
    }
}
