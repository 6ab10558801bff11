//! The order of migrations: every file that the ledger names is there, and what is pending comes after what is applied. Another
//! order is one that no other database has, and nobody has tried.

use super::Migration;
use crate::DbError;

const RESET: &str =
    "(`cargo x dev --reset` makes a database of this machine anew, without its rows.)";

/// Refuses a ledger that does not suit `migrations`, which are sorted by their names; `applied` are the names that it has.
pub(super) fn check(applied: &[String], migrations: &[Migration]) -> Result<(), DbError> {
    let is_applied = |name: &str| applied.iter().any(|applied| applied == name);
    let is_there = |name: &str| migrations.iter().any(|migration| migration.name == name);
    let missing: Vec<&str> = applied
        .iter()
        .map(String::as_str)
        .filter(|name| !is_there(name))
        .collect();
    if !missing.is_empty() {
        return Err(DbError::Unavailable(format!(
            "The database has migrations that are not among the files here: {}. A newer version of the site, or another \
             branch, applied them: migrate with a version that has these files. {RESET}",
            missing.join(", ")
        )));
    }
    let pending = |migration: &&Migration| !is_applied(migration.name);
    for pair in migrations.windows(2) {
        let [first, second] = pair else { continue };
        if number(first) == number(second) && pair.iter().any(|one| pending(&one)) {
            return Err(DbError::Unavailable(format!(
                "The migrations {} and {} have one number, as two branches wrote them, and nothing was applied: \
                 `cargo x db renumber` gives the next number to the one that no database has yet.",
                first.name, second.name
            )));
        }
    }
    let newest = migrations
        .iter()
        .rfind(|migration| is_applied(migration.name));
    let late = migrations.iter().find(pending);
    match (late, newest) {
        (Some(late), Some(newest)) if late.name < newest.name => {
            Err(DbError::Unavailable(format!(
                "The migration {} is not applied, and the later {} is: nothing was applied, because no other database has had \
                 this order. `cargo x db renumber {}` gives it the next number. {RESET}",
                late.name,
                newest.name,
                late.name.trim_end_matches(".sql")
            )))
        }
        _ => Ok(()),
    }
}

/// The number at the beginning of a file's name.
fn number<'a>(migration: &Migration) -> &'a str {
    let name = migration.name;
    name.split_once('_').map_or(name, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_after_the_applied_ones_is_pending() {
        for (applied, files, refusal) in [
            ("", "1_a 2_b", None),
            ("1_a", "1_a 2_b", None),
            ("1_a 2_b", "1_a 2_b", None),
            ("2_b 1_a", "1_a 2_b 3_c", None),
            ("1_a 2_b 3_c", "1_a", Some("here: 2_b, 3_c.")),
            ("1_a 2_x", "1_a 2_b", Some("here: 2_x.")),
            (
                "1_a 3_c",
                "1_a 2_b 3_c",
                Some("2_b is not applied, and the later 3_c is"),
            ),
            ("2_b", "1_a 2_b", Some("`cargo x db renumber 1_a`")),
            ("1_a", "1_a 2_b 2_c", Some("2_b and 2_c have one number")),
            (
                "1_a 2_c",
                "1_a 2_b 2_c",
                Some("2_b and 2_c have one number"),
            ),
            (
                "1_a 2_b",
                "1_a 2_b 2_c 3_d",
                Some("2_b and 2_c have one number"),
            ),
            // Every database has both already: they are as they are.
            ("1_a 2_b 2_c", "1_a 2_b 2_c 3_d", None),
        ] {
            let applied: Vec<String> = applied.split_whitespace().map(str::to_owned).collect();
            let names = files.split_whitespace();
            let files: Vec<Migration> = names.map(|name| Migration { name, sql: "" }).collect();
            let found = check(&applied, &files).map_err(|error| error.to_string());
            match (found, refusal) {
                (Ok(()), None) => {}
                (Err(why), Some(part)) if why.contains(part) => {}
                (found, refusal) => panic!("{applied:?}: {found:?}, expected {refusal:?}"),
            }
        }
    }
}
