//! Nullability, defaults and types.

use crate::case::{Case, case, fills};

const BIO: &str = "  bio {text80},\n";
const NOTES_KEY: &str = ",\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL";

pub(crate) const CASES: &[Case] = &[
    case(
        "NULL becomes allowed",
        &[("  name {text80} NOT NULL", "  name {text80}")],
    ),
    case(
        "NULL becomes allowed in a child",
        &[("  body {text80} NOT NULL", "  body {text80}")],
    ),
    fills(
        "NULL is no longer allowed",
        &[(BIO, "  bio {text80} NOT NULL DEFAULT 'none',\n")],
        ("bio", "none"),
    ),
    fills(
        "NULL is no longer allowed in a number",
        &[(
            "  rating {float},",
            "  rating {float} NOT NULL DEFAULT 1.5,",
        )],
        ("rating", "1.5"),
    ),
    case(
        "NULL is no longer allowed where there is none",
        &[(
            "  role {text16} NOT NULL,\n",
            "  role {text16} NOT NULL DEFAULT 'reader',\n",
        )],
    ),
    case(
        "a default is new",
        &[("  views {int} NOT NULL", "  views {int} NOT NULL DEFAULT 9")],
    ),
    case(
        "a default changes",
        &[(
            "score {int} NOT NULL DEFAULT 0",
            "score {int} NOT NULL DEFAULT 10",
        )],
    ),
    case(
        "a default is dropped",
        &[("score {int} NOT NULL DEFAULT 0", "score {int} NOT NULL")],
    ),
    case(
        "a text becomes longer",
        &[("  name {text80}", "  name {text}")],
    ),
    case(
        "a text becomes shorter",
        &[("  title {text80}", "  title {text30}")],
    ),
    case(
        "a number becomes text",
        &[("  hits {int}", "  hits {text30}")],
    ),
    case(
        "a text of digits becomes a number",
        &[("  body {text80} NOT NULL", "  body {int} NOT NULL")],
    ),
    case(
        "a whole number becomes a fraction",
        &[("  views {int}", "  views {float}")],
    ),
    case(
        "a truth value becomes a number",
        &[("  is_active {bool}", "  is_active {int}")],
    ),
    case(
        "an id becomes text",
        &[
            ("  post_id {uuid},\n  body", "  post_id {text80},\n  body"),
            (NOTES_KEY, ""),
        ],
    ),
];
