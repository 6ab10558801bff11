//! Lines of cargo besides its errors: progress, and waiting for a lock.
//! Absent: running it; see `process`.

use crate::ui::strip_ansi;

/// The thing that cargo waits for, when it says that another cargo has it: `build directory`, `package cache`.
pub(crate) fn awaited_lock(line: &str) -> Option<String> {
    let plain = strip_ansi(line);
    let held = plain
        .trim()
        .strip_prefix("Blocking waiting for file lock on ")?;
    Some(held.to_owned())
}

/// A tool's output without cargo's list of the crates that it went through.
pub(crate) fn without_progress(output: &str) -> String {
    const PASSING: [&str; 8] = [
        "Blocking",
        "Checking",
        "Compiling",
        "Downloaded",
        "Downloading",
        "Locking",
        "Migrating",
        "Updating",
    ];
    let is_progress = |line: &str| {
        let plain = strip_ansi(line);
        plain.starts_with(' ')
            && plain
                .split_whitespace()
                .next()
                .is_some_and(|word| PASSING.contains(&word))
    };
    output
        .split_inclusive('\n')
        .filter(|line| !is_progress(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_another_cargo_is_recognised() {
        for (line, expected) in [
            (
                "    Blocking waiting for file lock on build directory",
                Some("build directory"),
            ),
            (
                "\x1b[1m\x1b[36m    Blocking\x1b[0m waiting for file lock on package cache",
                Some("package cache"),
            ),
            ("   Compiling blocking v1.0.0", None),
        ] {
            assert_eq!(awaited_lock(line).as_deref(), expected);
        }
    }

    #[test]
    fn cargo_progress_is_left_out_of_errors() {
        let output =
            "\x1b[1m   Compiling\x1b[0m a v1.0.0\n    Checking b v1.0.0\nerror: no\n  --> c.rs\n";
        assert_eq!(without_progress(output), "error: no\n  --> c.rs\n");
    }
}
