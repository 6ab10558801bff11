//! Expressions in one form: engines keep `role IN ('a', 'b')` as `(role = ANY (ARRAY['a'::text, 'b'::text]))`, or with
//! other quotes and parentheses. Casts count for nothing, because PostgreSQL adds its own; operators and their order count.

use sqlparser::ast::{
    BinaryOperator, Expr as SqlExpr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    InTarget, UnaryOperator, Value,
};

/// The form of an expression in which it is compared.
pub(crate) fn canonical(expr: &SqlExpr) -> String {
    let many = |all: &[SqlExpr]| all.iter().map(canonical).collect::<Vec<_>>().join(", ");
    let list = |expr: &SqlExpr, all: &[SqlExpr], negated: bool| {
        let not = if negated { "not " } else { "" };
        format!("({} {not}in ({}))", canonical(expr), many(all))
    };
    match expr {
        SqlExpr::Nested(inner) => canonical(inner),
        SqlExpr::Cast {
            expr, data_type, ..
        } => cast(expr, &data_type.to_string().to_lowercase()),
        SqlExpr::Collate { expr, .. } => canonical(expr),
        // The character set of a literal, as MySQL notes it.
        SqlExpr::Prefixed { value, .. } => canonical(value),
        SqlExpr::Identifier(name) => name.value.to_lowercase(),
        SqlExpr::CompoundIdentifier(names) => {
            let names = names.iter().map(|name| name.value.to_lowercase());
            names.collect::<Vec<_>>().join(".")
        }
        SqlExpr::Value(value) => literal(&value.value),
        SqlExpr::In {
            expr,
            target: InTarget::List(all),
            negated,
            ..
        } => list(expr, all, *negated),
        SqlExpr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } if array(right).is_some() => list(left, array(right).unwrap_or_default(), false),
        SqlExpr::AllOp {
            left,
            compare_op: BinaryOperator::NotEq,
            right,
        } if array(right).is_some() => list(left, array(right).unwrap_or_default(), true),
        SqlExpr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            let (expr, low, high) = (canonical(expr), canonical(low), canonical(high));
            if *negated {
                format!("(({expr} < {low}) or ({expr} > {high}))")
            } else {
                format!("(({expr} >= {low}) and ({expr} <= {high}))")
            }
        }
        SqlExpr::BinaryOp { left, op, right } => {
            let op = match op {
                BinaryOperator::PGLikeMatch => "like".to_owned(),
                BinaryOperator::PGNotLikeMatch => "not like".to_owned(),
                op => op.to_string().to_lowercase(),
            };
            format!("({} {op} {})", canonical(left), canonical(right))
        }
        SqlExpr::Like {
            negated,
            expr,
            pattern,
            escape_char: None,
            ..
        } => {
            let not = if *negated { "not " } else { "" };
            format!("({} {not}like {})", canonical(expr), canonical(pattern))
        }
        SqlExpr::UnaryOp {
            op: UnaryOperator::Plus,
            expr,
        } => canonical(expr),
        SqlExpr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => match &**expr {
            SqlExpr::Nested(inner) => negated(inner),
            inner => negated(inner),
        },
        SqlExpr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } if matches!(&**expr, SqlExpr::Value(_)) => format!("-{}", canonical(expr)),
        SqlExpr::UnaryOp { op, expr } => format!("({op}{})", canonical(expr)),
        SqlExpr::IsNull(inner) => format!("({} is null)", canonical(inner)),
        SqlExpr::IsNotNull(inner) => format!("({} is not null)", canonical(inner)),
        SqlExpr::Tuple(all) => format!("({})", many(all)),
        SqlExpr::Function(function) => call(function),
        other => other.to_string().to_lowercase(),
    }
}

/// PostgreSQL keeps `-5` as `'-5'::integer`.
fn cast(inner: &SqlExpr, sql_type: &str) -> String {
    let text = canonical(inner);
    let is_numeric = ["int", "double", "numeric", "real"]
        .iter()
        .any(|word| sql_type.contains(word));
    let bare = text.trim_matches('\'');
    if is_numeric && bare.parse::<f64>().is_ok() {
        return bare.to_owned();
    }
    text
}

fn negated(inner: &SqlExpr) -> String {
    match inner {
        SqlExpr::IsNull(inner) => format!("({} is not null)", canonical(inner)),
        other => format!("(not {})", canonical(other)),
    }
}

/// The elements of `ARRAY[…]`, also below casts.
fn array(expr: &SqlExpr) -> Option<&[SqlExpr]> {
    match expr {
        SqlExpr::Array(array) => Some(&array.elem),
        SqlExpr::Cast { expr, .. } | SqlExpr::Nested(expr) => array(expr),
        _ => None,
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        other => other.to_string().to_lowercase(),
    }
}

fn call(function: &Function) -> String {
    let name = function.name.to_string().to_lowercase();
    let name = name.trim_matches(['`', '"']).to_owned();
    let arguments = match &function.args {
        FunctionArguments::List(list) if list.clauses.is_empty() => {
            let all = list.args.iter().map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => canonical(expr),
                other => other.to_string().to_lowercase(),
            });
            all.collect::<Vec<_>>().join(", ")
        }
        FunctionArguments::None => String::new(),
        other => other.to_string().to_lowercase(),
    };
    // CURRENT_TIMESTAMP with and without parentheses.
    match (name.as_str(), arguments.as_str()) {
        (name, "") => name.to_owned(),
        (name, arguments) => format!("{name}({arguments})"),
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
    use sqlparser::parser::Parser;

    use super::*;

    fn form(dialect: &dyn Dialect, sql: &str) -> String {
        let parser = Parser::new(dialect).try_with_sql(sql);
        let expr = parser.and_then(|mut parser| parser.parse_expr());
        canonical(&expr.expect(sql))
    }

    #[test]
    fn what_engines_keep_is_what_was_declared() {
        for (declared, postgres, mysql) in [
            (
                "role IN ('a', 'b')",
                "(role = ANY (ARRAY['a'::text, 'b'::text]))",
                "`role` in ('a','b')",
            ),
            (
                "role NOT IN ('a', 'b')",
                "(role <> ALL (ARRAY['a'::text, 'b'::text]))",
                "`role` not in ('a','b')",
            ),
            (
                "n > -10 AND (n < 100 OR c IS NULL)",
                "((n > '-10'::integer) AND ((n < 100) OR (c IS NULL)))",
                "`n` > -10 and (`n` < 100 or `c` is null)",
            ),
            (
                "c NOT LIKE '%!' AND n BETWEEN -5 AND 500",
                "((c !~~ '%!'::text) AND ((n >= '-5'::integer) AND (n <= 500)))",
                "`c` not like '%!' and `n` between -5 and 500",
            ),
            ("length(c) <= 3", "(length(c) <= 3)", "length(`c`) <= 3"),
        ] {
            let form_declared = form(&SQLiteDialect {}, declared);
            assert_eq!(form(&PostgreSqlDialect {}, postgres), form_declared);
            assert_eq!(form(&MySqlDialect {}, mysql), form_declared);
        }
    }

    #[test]
    fn other_meanings_have_other_forms() {
        for (one, other) in [
            ("a > 1", "a >= 1"),
            ("a OR b AND c", "(a OR b) AND c"),
            ("a IN ('x')", "a IN ('X')"),
            ("NOT a AND b", "NOT (a AND b)"),
            ("a = 1", "a = '1'"),
            ("a - (b - c)", "a - b - c"),
        ] {
            let dialect = PostgreSqlDialect {};
            assert_ne!(form(&dialect, one), form(&dialect, other), "{one}");
        }
    }
}
