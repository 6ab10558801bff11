//! Path patterns: `*` is any run of characters within a folder, `**` any number of folders.
//! Absent: brackets, braces and escapes; no rule needs them.

/// Returns whether `pattern` describes the whole of `path`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    folders(&pattern, &path)
}

fn folders(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], [_, ..]) => true,
        (["**", rest @ ..], _) => (0..path.len()).any(|skipped| folders(rest, &path[skipped..])),
        ([first, rest @ ..], [name, others @ ..]) => part(first, name) && folders(rest, others),
        _ => false,
    }
}

fn part(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| part(rest, &name[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_describe_whole_paths() {
        for (pattern, path, expected) in [
            ("server/src/lib.rs", "server/src/lib.rs", true),
            ("server/src/lib.rs", "server/src/lib.rs.bak", false),
            ("server/**", "server/db/src/lib.rs", true),
            ("server/**", "server", false),
            ("server/*.rs", "server/db/lib.rs", false),
            ("**/*.rs", "lib.rs", true),
            ("**/*.rs", "a/b/lib.rs", true),
            ("**/tests/**", "server/db/tests/contract.rs", true),
            ("**/tests/**", "server/db/src/tests.rs", false),
            ("app/*_a*.rs", "app/x_abc.rs", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
