//! Options of the commands that compare schemas. The `db-cli` crate has the same ones: a test compares them.
//! Absent: running the commands; see `schema`.

use super::Target;

/// Options of `cargo x db generate`.
#[derive(clap::Args)]
pub(crate) struct GenerateArgs {
    /// The migration's name, in small letters; by default after its first change.
    pub(super) name: Option<String>,
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    pub(super) rename: Vec<String>,
    /// Write steps that lose rows or values.
    #[arg(long)]
    pub(super) allow_destructive: bool,
    /// Remove what was kept for the version that was served before; refused while that version is served.
    #[arg(long, conflicts_with_all = ["custom", "undo"])]
    pub(super) contract: bool,
    /// Fail if something is not generated; write nothing.
    #[arg(long, conflicts_with_all = ["custom", "undo", "explain"])]
    pub(super) check: bool,
    /// Print the SQL; write nothing.
    #[arg(long)]
    pub(super) explain: bool,
    /// Write empty files, for SQL of your own.
    #[arg(long, requires = "name", conflicts_with_all = ["undo", "rename", "explain"])]
    pub(super) custom: bool,
    /// Write the reverse of the newest migration, as a new one.
    #[arg(long, conflicts_with = "rename")]
    pub(super) undo: bool,
    /// Print only JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Options of `cargo x db check`.
#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// Print the SQL that would bring the database to the declared schema, for review.
    #[arg(long, conflicts_with = "json")]
    pub(super) sql: bool,
    /// Print only JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) target: Target,
}

/// Options of `cargo x db push`.
#[derive(clap::Args)]
pub(crate) struct PushArgs {
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    pub(super) rename: Vec<String>,
    /// Make steps that lose rows or values.
    #[arg(long)]
    pub(super) allow_destructive: bool,
    /// Print the SQL; change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) target: Target,
}

/// Options of `cargo x db pull`.
#[derive(clap::Args)]
pub(crate) struct PullArgs {
    /// Declare by what the database says alone, without the words and comments of present declarations.
    #[arg(long)]
    pub(super) fresh: bool,
    /// Print only JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) target: Target,
}

/// Options of `cargo x db baseline`.
#[derive(clap::Args)]
pub(crate) struct BaselineArgs {
    /// The last migration that the database has, by its name or number. Needed only where the tables do not tell.
    #[arg(long, value_name = "MIGRATION")]
    pub(super) to: Option<String>,
    /// Say what would be noted; change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) target: Target,
}

impl GenerateArgs {
    /// The arguments of the `db-cli` crate.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut all: Vec<String> = self.name.iter().cloned().collect();
        for rename in &self.rename {
            all.extend(["--rename".to_owned(), rename.clone()]);
        }
        let flags = [
            ("--allow-destructive", self.allow_destructive),
            ("--contract", self.contract),
            ("--check", self.check),
            ("--explain", self.explain),
            ("--custom", self.custom),
            ("--undo", self.undo),
            ("--json", self.json),
        ];
        all.extend(given(flags).map(str::to_owned));
        all
    }
}

/// The flags that were given.
pub(super) fn given<const N: usize>(flags: [(&str, bool); N]) -> impl Iterator<Item = &str> {
    let given = flags.into_iter().filter(|(_, is_given)| *is_given);
    given.map(|(flag, _)| flag)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use clap::Parser;

    use super::*;
    use crate::workspace::Workspace;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: GenerateArgs,
    }

    #[test]
    fn given_options_are_passed_on_and_no_others() {
        let line =
            "generate add_site --rename users.bio:about --rename tags:labels --explain --json";
        let given = Line::parse_from(line.split(' ')).args.arguments();
        assert_eq!(
            given.join(" "),
            line.split_once(' ').map_or("", |(_, rest)| rest)
        );
        assert!(Line::parse_from(["generate"]).args.arguments().is_empty());
        for wrong in [
            "generate --check --undo",
            "generate --custom",
            "generate a --custom --explain",
        ] {
            assert!(Line::try_parse_from(wrong.split(' ')).is_err(), "{wrong}");
        }
    }

    /// The fields of a struct of options, with their comments, as its source has them.
    fn fields(source: &str, name: &str) -> BTreeMap<String, String> {
        let begin = format!("pub(crate) struct {name} {{\n");
        let body = source.split(&begin).nth(1).unwrap_or_default();
        let mut comment = Vec::new();
        let mut all = BTreeMap::new();
        for line in body.lines().map(str::trim).take_while(|line| *line != "}") {
            if let Some(text) = line.strip_prefix("/// ") {
                comment.push(text);
            } else if let Some((field, _)) =
                line.split_once(": ").filter(|_| !line.starts_with('#'))
            {
                let field = field.trim_start_matches("pub(super) ");
                all.insert(field.to_owned(), comment.join(" "));
                comment.clear();
            }
        }
        all
    }

    #[test]
    fn options_are_those_of_the_program() {
        let workspace = Workspace::find().unwrap();
        let read = |path: String| std::fs::read_to_string(workspace.path(path)).unwrap();
        let here = read("xtask/src/database/options.rs".to_owned());
        for (name, file) in [
            ("GenerateArgs", "generate"),
            ("CheckArgs", "check"),
            ("PushArgs", "push"),
            ("PullArgs", "pull"),
            ("BaselineArgs", "baseline"),
        ] {
            let mut there = fields(&read(format!("server/db-cli/src/schema/{file}.rs")), name);
            let mut here = fields(&here, name);
            // Given by this program, not by people.
            there.retain(|field, _| field != "folder" && field != "engine");
            here.retain(|field, _| field != "target");
            assert!(!here.is_empty());
            assert_eq!(here, there, "{name}");
        }
    }
}
