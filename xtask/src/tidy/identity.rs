//! The site's name, which stands in few files, so that a site of another name changes those and no more.
//! Absent: the name itself; it is read from app/src/site.rs.

use super::{Texts, glob};

const SOURCE: &str = "app/src/site.rs";
/// The files of a rename: the site's own words, names of packages and of the deployed Worker, and prose.
const ALLOWED: [&str; 6] = [
    SOURCE,
    "Cargo.toml",
    "Cargo.lock",
    "**/Cargo.toml",
    "wrangler.jsonc",
    "**/*.md",
];

/// The lines that hold the name and stand in other files.
pub(super) fn complaints(texts: &Texts) -> Vec<String> {
    let Some(name) = texts.get(SOURCE).and_then(|source| name(source)) else {
        return vec![format!(
            "{SOURCE}: no line begins `pub const NAME: &str = \"`"
        )];
    };
    let spellings = ["", " ", "_", "-"].map(|joint| name.to_lowercase().replace(' ', joint));
    let is_allowed = |path: &str| ALLOWED.iter().any(|room| glob::matches(room, path));
    let mut complaints = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| !is_allowed(path)) {
        let lines = path.lines().chain(text.lines()).enumerate();
        for (number, _) in lines.filter(|(_, line)| holds(line, &spellings)) {
            complaints.push(format!(
                "{path}:{number}: the site's name lives only in {SOURCE}, the Cargo.tomls, wrangler.jsonc and *.md: \
                 take it from there, or say `the site`"
            ));
        }
    }
    complaints
}

fn name(source: &str) -> Option<&str> {
    let rest = source.split_once("pub const NAME: &str = \"")?.1;
    Some(rest.split_once('"')?.0).filter(|name| !name.is_empty())
}

/// Returns whether a word of `line`, in any case, is or begins a spelling: `FieldNotesPage` and `field_notes` do,
/// `fieldnoteson` does not.
fn holds(line: &str, spellings: &[String]) -> bool {
    let lower = line.to_lowercase();
    // The cases differ in length for a few letters only, and then none of the words is cut out of the middle of one.
    let original = if lower.len() == line.len() {
        line
    } else {
        &lower
    };
    spellings.iter().any(|spelling| {
        lower.match_indices(spelling.as_str()).any(|(at, _)| {
            let before = original.get(..at).unwrap_or_default();
            let after = original.get(at + spelling.len()..).unwrap_or_default();
            !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_lowercase)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, path: &str, text: &str) -> usize {
        let source = format!("/// The name.\npub const NAME: &str = \"{name}\";\n");
        let texts = [(SOURCE, source.as_str()), (path, text)];
        let texts = texts.map(|(path, text)| (path.to_owned(), text.to_owned()));
        complaints(&Texts::from(texts)).len()
    }

    #[test]
    fn the_name_is_found_in_every_spelling_outside_the_files_of_a_rename() {
        for (text, count) in [
            ("a site", 0),
            ("// Field Notes is a site\nFIELD_NOTES=1", 2),
            ("field-notes_test field_notes", 1),
            ("struct FieldNotesPage", 1),
            ("fieldnotes://", 1),
            ("infield notes, field notesy, a field", 0),
        ] {
            assert_eq!(
                found("Field Notes", "app/src/lib.rs", text),
                count,
                "{text}"
            );
        }
        for allowed in [
            "README.md",
            "docs/engines.md",
            "Cargo.toml",
            "server/db/Cargo.toml",
            "wrangler.jsonc",
        ] {
            assert_eq!(found("Field Notes", allowed, "Field Notes"), 0, "{allowed}");
        }
        assert_eq!(found("Field Notes", "end2end/field-notes.mjs", ""), 1);
        assert_eq!(found("Ölwerk", "app/src/a.rs", "// ÖLWERK İst"), 1);
        assert_eq!(
            found("", "app/src/a.rs", "anything"),
            1,
            "a name is missing"
        );
    }
}
