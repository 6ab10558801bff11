//! Cutting, by generated texts whose statements are known, and by damaged files of the corpus.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use super::Pieces;
use super::tests::cut;
use crate::Dialect;

/// Numbers that look random, the same at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Text that means something outside quotes, and must mean nothing in them.
    fn noise(&mut self, forbidden: &[&str]) -> String {
        let all = [
            ";",
            "a",
            "'",
            "\"",
            "`",
            "$$",
            "$x$",
            "--",
            "/*",
            "*/",
            "\n",
            "\r\n",
            "#",
            "\\",
            "é",
            "[",
            "]",
            "(",
            ")",
            "END",
            "\u{1f980}",
        ];
        let parts = (0..self.below(6))
            .map(|_| self.pick(&all))
            .collect::<Vec<_>>();
        let text = parts.concat();
        if forbidden.iter().any(|bad| text.contains(bad)) {
            ";x;".to_owned()
        } else {
            text
        }
    }

    /// A quoted text, a comment, or a word of a dialect, none of which may be cut.
    fn atom(&mut self, dialect: Dialect) -> String {
        let is = |wanted: Dialect| dialect == wanted;
        match self.below(9) {
            0 if is(Dialect::MySql) => format!(
                "'{}'",
                self.noise(&["'", "\\"]) + self.pick(&["", "''", "\\'", "\\\\"])
            ),
            0 => format!(
                "'{}'",
                self.noise(&["'"]).replace('\'', "''") + self.pick(&["", "''", "\\"])
            ),
            1 if is(Dialect::MySql) => format!("\"{}\"", self.noise(&["\"", "\\"])),
            1 => format!("\"{}\"", self.noise(&["\""])),
            2 => format!("/*{}*/", self.noise(&["*/", "/*", "*"])),
            3 => format!("-- {}\n", self.noise(&["\n", "\r"])),
            4 if is(Dialect::Postgres) => {
                let tag = self.pick(&["$$", "$x$", "$é_1$"]);
                format!("{tag}{}{tag}", self.noise(&["$"]))
            }
            4 if is(Dialect::Sqlite) => format!("[{}]", self.noise(&["]"])),
            4 => format!("# {}\n", self.noise(&["\n", "\r"])),
            // A string that began on the next line would continue it.
            5 if is(Dialect::Postgres) => format!("E'{}\\'' ,", self.noise(&["'", "\\"])),
            5 => format!("`{}`", self.noise(&["`"])),
            6 if is(Dialect::MySql) => format!(
                "/*!{} '{}' */",
                self.pick(&["", "50001", "999999"]),
                self.noise(&["'", "\\"])
            ),
            6 if is(Dialect::Postgres) => format!("({};)", self.pick(&["a", "'b'", "1"])),
            _ => self
                .pick(&["a", "1", "=", "é", ",", "5.5", "x$y"])
                .to_owned(),
        }
    }
}

#[test]
fn generated_statements_are_found_again() {
    let mut random = Random(0x5eed);
    for _ in 0..4000 {
        for dialect in Dialect::ALL {
            let count = random.below(5);
            let statements: Vec<String> = (0..count)
                .map(|_| {
                    let atoms: Vec<String> =
                        (0..random.below(6)).map(|_| random.atom(dialect)).collect();
                    format!("SELECT {} x", atoms.join(" "))
                })
                .collect();
            let between = |random: &mut Random| {
                random
                    .pick(&[";", ";;\n", " ;\r\n-- it's;\n", ";/* ' */"])
                    .to_owned()
            };
            let text: String = statements
                .iter()
                .map(|one| one.clone() + &between(&mut random))
                .collect();
            assert_eq!(cut(dialect, &text), Ok(statements), "{dialect:?}: {text}");
        }
    }
}

/// Pieces up to the first refusal, and what is left.
fn pieces(dialect: Dialect, text: &str) -> (Vec<String>, bool) {
    let mut pieces = Pieces::new(dialect.script_syntax(), text);
    let mut all = Vec::new();
    loop {
        match pieces.next() {
            Ok(None) => return (all, true),
            Err(_) => return (all, false),
            Ok(Some(piece)) => {
                let tokens: String = piece.tokens.iter().map(|token| token.text).collect();
                assert_eq!(tokens, piece.whole);
                if let Some(statement) = piece.statement(1) {
                    assert!(piece.whole.contains(statement.text) && !statement.text.is_empty());
                }
                all.push(piece.whole.to_owned());
            }
        }
    }
}

/// Every file of the corpus as it is, and damaged: letters lost, doubled and exchanged, halves of two files in one.
#[test]
fn pieces_of_damaged_files_are_the_file() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations");
    let mut seeds: Vec<Vec<char>> = Vec::new();
    for folder in ["postgres", "mysql", "sqlite"] {
        for file in std::fs::read_dir(corpus.join(folder)).unwrap() {
            let text = std::fs::read(file.unwrap().path()).unwrap();
            seeds.push(String::from_utf8_lossy(&text).chars().collect());
        }
    }
    assert!(seeds.len() >= 80, "{} files", seeds.len());
    seeds.sort();
    let mut random = Random(0xfee1);
    for at in 0..seeds.len() {
        for round in 0..12 {
            let mut text = seeds[at].clone();
            for _ in 0..round {
                let other = random.below(seeds.len());
                let (from, other) = (random.below(text.len() + 1), &seeds[other]);
                match random.below(4) {
                    0 => text.truncate(from),
                    1 => text
                        .splice(
                            from..from,
                            other.iter().skip(other.len() / 2).take(40).copied(),
                        )
                        .for_each(drop),
                    2 if from < text.len() => drop(text.remove(from)),
                    _ => text.insert(
                        from,
                        random
                            .pick(&["'", "\"", "`", ";", "$", "\\", "*/", "/*", "é"])
                            .chars()
                            .next()
                            .unwrap(),
                    ),
                }
            }
            let text: String = text.into_iter().collect();
            for dialect in Dialect::ALL {
                let (all, is_whole) = pieces(dialect, &text);
                let joined = all.concat();
                assert!(
                    if is_whole {
                        joined == text
                    } else {
                        text.starts_with(&joined)
                    },
                    "{dialect:?}: {text}"
                );
            }
        }
    }
}
