//! Files of `NAME=value` lines, as wrangler reads them.
//! Absent: what the names mean.

/// The names and values of a file, in order. Of several lines with one name, the last one holds.
pub(crate) fn parse(text: &str) -> Vec<(&str, String)> {
    let mut all = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, mut below) = rest.split_at(rest.find('\n').map_or(rest.len(), |at| at + 1));
        if let Some((name, start)) = assignment(line) {
            let value = &rest[start..];
            let quote = value.chars().next().filter(|c| "\"'`".contains(*c));
            // A quoted value may go on in the lines below.
            let quoted = quote.and_then(|quote| value[1..].split_once(quote));
            let value = match quoted {
                Some((inside, after)) => {
                    below = after.split_once('\n').map_or("", |(_, below)| below);
                    inside
                }
                None => line[start..].split('#').next().unwrap_or_default().trim(),
            };
            all.push((name, value.to_owned()));
        }
        rest = below;
    }
    all
}

/// The value of `name`, unless it is missing or empty.
pub(crate) fn value(text: &str, name: &str) -> Option<String> {
    let lines = parse(text).into_iter().rev();
    let value = lines
        .filter(|(other, _)| *other == name)
        .map(|(_, value)| value)
        .next();
    value.filter(|value| !value.is_empty())
}

/// `text` with this value in place of the old one, or at its end. Both are of one line.
pub(crate) fn with(text: &str, name: &str, value: &str) -> String {
    let mut is_set = false;
    let mut lines = String::new();
    for line in text.lines() {
        let is_old = assignment(line).is_some_and(|(other, _)| other == name);
        if is_old && is_set {
            continue;
        }
        if is_old {
            lines.push_str(&format!("{name}={value}"));
        } else {
            lines.push_str(line);
        }
        lines.push('\n');
        is_set |= is_old;
    }
    if !is_set {
        lines.push_str(&format!("{name}={value}\n"));
    }
    lines
}

/// The name that a line gives a value to, and where in the line the value begins.
fn assignment(line: &str) -> Option<(&str, usize)> {
    let (before, value) = line.split_once('=')?;
    let name = before.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let start = line.len() - value.trim_start_matches([' ', '\t']).len();
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_wrangler_does() {
        // Compared with the package `dotenv`.
        for (text, expected) in [
            ("A=1", [("A", "1")].as_slice()),
            (
                "# A=0\n\n A = \"1\" \nB='2 # 3'",
                &[("A", "1"), ("B", "2 # 3")],
            ),
            ("export A=1 # one\nB=\nC", &[("A", "1"), ("B", "")]),
            ("A=\"one\nB=2\"\nC=3", &[("A", "one\nB=2"), ("C", "3")]),
            ("A=\"open\nB=2", &[("A", "\"open"), ("B", "2")]),
            ("A=a=b\r\nB=`c`\r\n", &[("A", "a=b"), ("B", "c")]),
            ("not a name=1", &[]),
        ] {
            let found = parse(text);
            let found: Vec<_> = found
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
        assert_eq!(value("A=1\nA=2", "A").as_deref(), Some("2"));
        assert_eq!(value("A=\nAB=2", "A"), None);
    }

    #[test]
    fn a_value_is_replaced_in_its_line() {
        let text = "# A=0\nexport A = \"1\"\nAB=2\nA=3\n";
        assert_eq!(with(text, "A", "9"), "# A=0\nA=9\nAB=2\n");
        assert_eq!(with("", "A", "9"), "A=9\n");
        assert_eq!(with("AB=2", "A", "9"), "AB=2\nA=9\n");
    }
}
