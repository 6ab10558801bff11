//! Which code is compiled for tests alone: the rules about rooms do not look there.
//! Absent: integration tests in tests/; the rules' own patterns name them.

use std::collections::BTreeSet;
use std::path::Path;

const GATE: &str = "#[cfg(test)]";

/// `code` up to its inline test module, which by convention is the last item.
pub(super) fn without(code: &str) -> &str {
    code.match_indices(GATE)
        .find(|(at, _)| {
            let item = code[at + GATE.len()..].trim_start();
            let head = item.lines().next().unwrap_or_default();
            head.starts_with("mod ") && head.ends_with('{')
        })
        .map_or(code, |(at, _)| &code[..at])
}

/// The files that `path` declares as test modules: `#[cfg(test)] mod name;`.
pub(super) fn files(path: &str, code: &str) -> BTreeSet<String> {
    let path = Path::new(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    };
    code.split(GATE)
        .skip(1)
        .filter_map(|after| after.trim_start().strip_prefix("mod ")?.split_once(';'))
        .map(|(name, _)| name.trim())
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
        .flat_map(|name| {
            [
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ]
        })
        .map(|file| file.display().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_test_module_is_left_out() {
        assert_eq!(
            without("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n"),
            "fn a() {}\n"
        );
        for whole in [
            "fn a() {}\n",
            "#[cfg(test)]\nmod tests;\nfn a() {}\n",
            "#[cfg(test)]\nuse a::b;\n",
        ] {
            assert_eq!(without(whole), whole);
        }
    }

    #[test]
    fn declared_test_modules_are_files() {
        let code = "mod a;\n#[cfg(test)]\nmod hostile;\n#[cfg(test)]\nmod tests {\n}\n";
        let expected = ["x/src/hostile.rs", "x/src/hostile/mod.rs"].map(str::to_owned);
        assert_eq!(files("x/src/lib.rs", code), BTreeSet::from(expected));
        assert!(files("x/src/parse.rs", code).contains("x/src/parse/hostile.rs"));
        assert!(files("x/src/lib.rs", "mod hostile;").is_empty());
    }
}
