//! Tests of literals and placeholders, without a server.

use super::*;

fn interpolated(sql: &str, params: &[Param<'_>]) -> Result<String, String> {
    let mut out = Vec::new();
    interpolate(&mut out, sql, params).map_err(|error| error.to_string())?;
    String::from_utf8(out).map_err(|error| error.to_string())
}

fn check(param: Param<'_>, expected: &str) {
    assert_eq!(interpolated("?", &[param]).as_deref(), Ok(expected));
}

#[test]
fn parameters_become_literals() {
    check(Param::Null, "NULL");
    check(Param::Bool(true), "1");
    check(Param::Bool(false), "0");
    check(Param::Int(i64::MIN), "-9223372036854775808");
    check(Param::Float(0.1), "1e-1");
    check(Param::Float(-1.5), "-1.5e0");
    check(Param::Text(""), "''");
    check(Param::Text("it's ''\n"), "'it''s ''''\n'");
    check(Param::Text("\\'"), "_utf8mb4 x'5c27'");
    check(Param::Text("a\0"), "_utf8mb4 x'6100'");
    check(Param::Bytes(b""), "x''");
    check(Param::Bytes(&[0, 0x27, 0xff]), "x'0027ff'");
    check(Param::Time(-1), "'1969-12-31 23:59:59.999'");
    check(
        Param::Uuid(Uuid::nil()),
        "'00000000-0000-0000-0000-000000000000'",
    );
}

#[test]
fn values_that_mysql_cannot_store_are_refused() {
    for param in [
        Param::Float(f64::NAN),
        Param::Float(f64::INFINITY),
        Param::Float(f64::NEG_INFINITY),
        Param::Time(i64::MAX),
        Param::Time(i64::MIN),
    ] {
        assert!(interpolated("?", &[param]).is_err(), "{param:?}");
    }
}

#[test]
fn placeholders_are_found_outside_of_quotes_and_comments() {
    for (sql, expected) in [
        ("a = ?", "a = 7"),
        ("f(?)", "f(7)"),
        ("'?' = ?", "'?' = 7"),
        ("'it''s ?' = ?", "'it''s ?' = 7"),
        (r"'\'?' = ?", r"'\'?' = 7"),
        (r"'\\' = ?", r"'\\' = 7"),
        ("\"?\" = ?", "\"?\" = 7"),
        (r#""\"?" = ?"#, r#""\"?" = 7"#),
        ("`?` = ?", "`?` = 7"),
        ("`a``?` = ?", "`a``?` = 7"),
        (r"`\` = ?", r"`\` = 7"),
        ("/* ? */ ?", "/* ? */ 7"),
        ("/*' */ ? /*' */", "/*' */ 7 /*' */"),
        ("/*/ ? */ ?", "/*/ ? */ 7"),
        ("-- ?\n?", "-- ?\n7"),
        ("--\t?\n?", "--\t?\n7"),
        ("-- '\n? --", "-- '\n7 --"),
        ("# ?\n?", "# ?\n7"),
        ("1 --1 + ?", "1 --1 + 7"),
        ("8 / ?", "8 / 7"),
        ("'\u{fc}?' = ?", "'\u{fc}?' = 7"),
    ] {
        assert_eq!(interpolated(sql, &[Param::Int(7)]).as_deref(), Ok(expected));
    }
}

#[test]
fn ambiguous_statements_are_refused() {
    for sql in [
        "?, ?",
        "1",
        "'?'",
        "'?",
        "\"?",
        "`?",
        "/* ?",
        "/*/ ?",
        "/*! ? */",
        "/*!50000 ? */",
        "/*M! ? */",
        r"'\' = ?",
        "N?",
        "x?",
        "?a",
        "?'a'",
        "'a'?",
        "\"a\"?",
        "-?",
        "--?",
        "1.?",
        "?.5",
        "@?",
        "??",
        "?`a`",
        "\u{fc}?",
    ] {
        assert!(interpolated(sql, &[Param::Int(7)]).is_err(), "{sql}");
    }
}

fn joined(statements: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    for sql in statements {
        interpolate_next(&mut out, sql, &[Param::Text("; --")])
            .map_err(|error| error.to_string())?;
    }
    String::from_utf8(out).map_err(|error| error.to_string())
}

#[test]
fn several_statements_are_joined_into_one_text() {
    assert_eq!(joined(&["a ?"]).as_deref(), Ok("a '; --'"));
    assert_eq!(
        joined(&["a ? -- ;", "b ? # ;", "c ? /* ; */ ';' \";\" `;`"]).as_deref(),
        Ok("a '; --' -- ;\n;\nb '; --' # ;\n;\nc '; --' /* ; */ ';' \";\" `;`")
    );
}

#[test]
fn a_statement_with_a_semicolon_is_refused_among_several() {
    for sql in ["?;", "?; ", ";?", "?; SELECT 1", "?;;"] {
        assert!(joined(&[sql]).is_err(), "{sql}");
        assert!(joined(&["?", sql]).is_err(), "{sql}");
    }
}

#[test]
fn a_question_mark_in_a_value_is_no_placeholder() {
    assert_eq!(
        interpolated("? ?", &[Param::Text("?"), Param::Int(1)]).as_deref(),
        Ok("'?' 1")
    );
}

proptest::proptest! {
    /// A literal never contains a backslash, and every quote within it is doubled.
    #[test]
    fn no_text_breaks_out_of_its_literal(text in ".*") {
        let mut out = Vec::new();
        write_text(&mut out, &text);
        proptest::prop_assert!(!out.contains(&b'\\'));
        if out.starts_with(b"'") {
            let inside = String::from_utf8(out[1..out.len() - 1].to_vec()).unwrap_or_default();
            proptest::prop_assert!(!inside.replace("''", "").contains('\''));
            proptest::prop_assert_eq!(inside.replace("''", "'"), text);
        }
    }

    #[test]
    fn no_statement_causes_a_panic(sql in ".*", count in 0_usize..4) {
        let _ = interpolated(&sql, &[Param::Int(1), Param::Null, Param::Text("'"), Param::Bytes(b"x")][..count]);
    }
}
