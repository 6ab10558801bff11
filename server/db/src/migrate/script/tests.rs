//! Cutting, by examples.

use super::*;
use crate::Dialect;

pub(super) fn cut(dialect: Dialect, text: &str) -> Result<Vec<String>, String> {
    parse(dialect.script_syntax(), text, |_| Ok(()))
        .map(|all| all.iter().map(|one| one.text.to_owned()).collect())
        .map_err(|(number, refusal)| format!("{number}, line {}: {}", refusal.line, refusal.why))
}

#[test]
fn texts_are_cut_as_the_engines_clients_cut_them() {
    use Dialect::{MySql, Postgres, Sqlite};
    for (dialect, text, expected) in [
        (MySql, "", &[][..]),
        (MySql, " ;; \n; -- a;b", &[]),
        (MySql, "-- it's one\nA 'x;''y' ;B", &["A 'x;''y'", "B"]),
        (
            MySql,
            "A 'x\\';y' \"\\\";\" `;` # ;\nB",
            &["A 'x\\';y' \"\\\";\" `;` # ;\nB"],
        ),
        (MySql, "A `\\`;B", &["A `\\`", "B"]),
        (MySql, "A 5--3;B --x\n;", &["A 5--3", "B --x"]),
        (MySql, "--x;\nA;\n  --y;\nB --\t;\n;", &["A", "B --\t;"]),
        (
            MySql,
            "/*!50001 A */;/* ; */ B; /*M!100100 C ';' */",
            &["/*!50001 A */", "B", "/*M!100100 C ';' */"],
        ),
        (MySql, "A /* /* ; */;B", &["A /* /* ; */", "B"]),
        (MySql, "A\nDELIMITER //\n;B", &["A\nDELIMITER //", "B"]),
        (
            MySql,
            "DELIMITER //\nA;B; // C//\ndelimiter ;\nD; E",
            &["A;B;", "C", "D", "E"],
        ),
        (
            MySql,
            "DELIMITER $$\r\nA;$$\r\nDELIMITER ;\r\nB;\r\n",
            &["A;", "B"],
        ),
        (
            MySql,
            "DELIMITER ;;\nA 'x;;' ; B ;;\nDELIMITER ;\n",
            &["A 'x;;' ; B"],
        ),
        (MySql, "DELIMITER go\nA cargo Bgo C", &["A car", "B", "C"]),
        (
            MySql,
            "/*M!999999\\- enable the sandbox mode */ \nA;",
            &["/*M!999999\\- enable the sandbox mode */ \nA"],
        ),
        (MySql, "A \\N;B", &["A \\N", "B"]),
        (Postgres, r"A '\';B", &[r"A '\'", "B"]),
        (
            Postgres,
            "A $$x;y$$; B $f$;$$;$f$; C $1;",
            &["A $$x;y$$", "B $f$;$$;$f$", "C $1"],
        ),
        (
            Postgres,
            "A a$$; B$$; C $1$;$1$",
            &["A a$$", "B$$", "C $1$", "$1$"],
        ),
        (Postgres, "A $é$;$é$; B", &["A $é$;$é$", "B"]),
        (Postgres, "/* ; */ A /* ; */; é;", &["A /* ; */", "é"]),
        (Postgres, "A /* /* */ ; */; B", &["A /* /* */ ; */", "B"]),
        (
            Postgres,
            r"A E'it\'s; here'; B e'\\'; C",
            &[r"A E'it\'s; here'", r"B e'\\'", "C"],
        ),
        (
            Postgres,
            "A E'a' --c\n '\\';'; B xE'\\'; C",
            &["A E'a' --c\n '\\';'", "B xE'\\'", "C"],
        ),
        (
            Postgres,
            r"A U&'\'; B N'\'; C",
            &[r"A U&'\'", r"B N'\'", "C"],
        ),
        (Postgres, "A \"x;\"\"y\" ; B", &["A \"x;\"\"y\"", "B"]),
        (Postgres, "A `; B", &["A `", "B"]),
        (
            Postgres,
            "CREATE RULE r AS DO (A; B); C",
            &["CREATE RULE r AS DO (A; B)", "C"],
        ),
        (
            Postgres,
            "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3; END; B",
            &[
                "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3; END",
                "B",
            ],
        ),
        (
            Postgres,
            "CREATE VIEW v AS SELECT CASE END; BEGIN; A; END;",
            &["CREATE VIEW v AS SELECT CASE END", "BEGIN", "A", "END"],
        ),
        (
            Postgres,
            "\\restrict a'b\n-- x\rA;\n\\unrestrict a'b\n",
            &["A"],
        ),
        (Postgres, "\u{feff}-- x\r\nA;\r\nB", &["A", "B"]),
        (
            Sqlite,
            "CREATE TABLE t4 (x INTEGER)",
            &["CREATE TABLE t4 (x INTEGER)"],
        ),
        (Sqlite, "A [x;'] `;` '\\'; B", &["A [x;'] `;` '\\'", "B"]),
        (Sqlite, "A /* /* ; */; # B", &["A /* /* ; */", "# B"]),
        (
            Sqlite,
            "CREATE TRIGGER t BEGIN A; SELECT CASE WHEN 1 THEN 2 END; /* ; */ END; B; END;",
            &[
                "CREATE TRIGGER t BEGIN A; SELECT CASE WHEN 1 THEN 2 END; /* ; */ END",
                "B",
                "END",
            ],
        ),
        (
            Sqlite,
            "create /* x */ temp\ntrigger t begin A; end -- ;\n; B",
            &["create /* x */ temp\ntrigger t begin A; end -- ;", "B"],
        ),
        (
            Sqlite,
            "CREATE TABLE trigger_of (end); B",
            &["CREATE TABLE trigger_of (end)", "B"],
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(cut(dialect, text), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_cut_is_refused_with_its_place() {
    use Dialect::{MySql, Postgres, Sqlite};
    for (dialect, text, expected) in [
        (
            Postgres,
            "A;\n\nB 'open;",
            "2, line 3: a string (`'`) is never closed",
        ),
        (
            Postgres,
            "A /* /* */ ;",
            "1, line 1: a comment (`/*`) is never closed",
        ),
        (
            Postgres,
            "A;\n-- x\nB $x$ $y$",
            "2, line 3: a string (`$x$`) is never closed",
        ),
        (
            Postgres,
            "A E'\\'",
            "1, line 1: a string (`E'`) is never closed",
        ),
        (
            Postgres,
            "A;\n\\connect other",
            "2, line 2: `\\connect` is a command",
        ),
        (Postgres, "A \\gexec", "1, line 1: `\\gexec` is a command"),
        (Postgres, "A;\0B", "2, line 1: a NUL character"),
        (MySql, "A '\\'", "1, line 1: a string (`'`) is never closed"),
        (
            MySql,
            "A `",
            "1, line 1: a quoted name (`` ` ``) is never closed",
        ),
        (
            MySql,
            "/*!50001 A",
            "1, line 1: a comment (`/*!`) is never closed",
        ),
        (
            MySql,
            "A;\n/*!50001 A; B */;",
            "2, line 2: the client cuts the statement at this delimiter",
        ),
        (MySql, "A \\G", "1, line 1: `\\G` is a command"),
        (
            MySql,
            "DELIMITER \n",
            "1, line 1: DELIMITER names no delimiter",
        ),
        (
            MySql,
            "DELIMITER \\\\\n",
            "1, line 1: a delimiter cannot hold a backslash",
        ),
        (
            Sqlite,
            "A [x",
            "1, line 1: a quoted name (`[`) is never closed",
        ),
        (
            Sqlite,
            "A \"x",
            "1, line 1: a quoted name (`\"`) is never closed",
        ),
        (
            Sqlite,
            "A;\n/* open",
            "2, line 2: a comment (`/*`) is never closed",
        ),
    ] {
        let error = cut(dialect, text).expect_err(text);
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}
