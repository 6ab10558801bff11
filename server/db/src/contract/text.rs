//! Text in any script: kept unchanged, and compared letter by letter.

use super::support::{
    CaseResult, all, all_round_trip, equal, fails, labels, message, round_trips, row, write,
};
use super::{Clients, ScratchRow};
use crate::queries::contract::labelled;
use crate::{Db, DbError};

pub(super) async fn text_of_every_unicode_plane_round_trips(db: &Db, _: &Clients) -> CaseResult {
    let planes: String = (0..=16u32)
        .flat_map(|plane| [plane << 16 | 0xE5, plane << 16 | 0xFFFD])
        .filter_map(char::from_u32)
        .collect();
    equal(&planes.chars().count(), &34)?;
    let controls: String = ('\u{1}'..='\u{9f}').collect();
    let samples = [
        planes.as_str(),
        controls.as_str(),
        "",
        " ",
        "\t both ends \r\n ",
        "' '' \\' \\\\ \" ` ; -- # /* */ % _ \\% ? $1 :name @x {} \\0 \\x00 \\N",
        "'; DROP TABLE scratch; --",
        "\\",
        "\u{a5}\u{5c}\u{20a9}",
        "žluťoučký",
        "Ночной поезд",
        "قطار الليل",
        "\u{202E}right to left\u{202C} and \u{200F}back\u{200E}",
        "夜の列車",
        "e\u{301}\u{323} is not \u{e9}\u{323}",
        "Z\u{351}\u{36B}\u{343}a\u{32F}l\u{489}g\u{321}o",
        "🧭👩‍👩‍👧‍👦 🇺🇦 👍🏽 ❤\u{fe0f}",
        "ﷺ\u{FEFF}\u{200B}\u{2028}\u{2029}\u{85}",
        "\u{D7FF}\u{E000}\u{FFFE}\u{FFFF}\u{10FFFF}",
        "null",
        "NULL",
        "0193b1de-72f5-7b2c-8d3e-0a1b2c3d4e5f",
        "2026-03-01 07:30:00",
        "007",
        "1e5",
        "true",
    ];
    let rows: Vec<ScratchRow> = samples
        .into_iter()
        .enumerate()
        .map(|(n, text)| ScratchRow {
            text: text.to_owned(),
            maybe_text: Some(text.to_owned()),
            ..row(&n.to_string())
        })
        .collect();
    all_round_trip(db, &rows).await?;
    // As an indexed value that a condition finds.
    for (n, text) in samples.into_iter().enumerate().filter(|(_, text)| {
        !text.is_empty() && text.chars().count() <= 100 && text.trim_end() == *text
    }) {
        let given = ScratchRow {
            whole: n as i64,
            ..row(&format!("{text}!"))
        };
        round_trips(db, given.clone()).await?;
        let found = db.all(labelled(&given.label)).await.map_err(message)?;
        equal(&found, &vec![given])?;
    }
    Ok(())
}

pub(super) async fn long_text_round_trips(db: &Db, _: &Clients) -> CaseResult {
    for (label, piece) in [
        ("letters", "x"),
        ("four bytes each", "🧭"),
        ("quotes", "'\\"),
    ] {
        round_trips(
            db,
            ScratchRow {
                text: piece.repeat(1_000_000 / piece.len()),
                ..row(label)
            },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn too_large_values_are_refused(db: &Db, clients: &Clients) -> CaseResult {
    let beyond = clients
        .traits
        .max_value_bytes
        .map_or(3_000_000, |most| most + 1);
    let given = ScratchRow {
        text: "x".repeat(beyond),
        ..row("large")
    };
    if clients.traits.max_value_bytes.is_none() {
        return round_trips(db, given).await;
    }
    fails(
        &write(db, &[row("before"), given]).await,
        "a large text was accepted",
        |error| matches!(error, DbError::TooLarge(_)),
    )?;
    equal(&all(db).await?.len(), &0)
}

pub(super) async fn nul_is_refused(db: &Db, _: &Clients) -> CaseResult {
    for text in ["\0", "a\0b", "a\0"] {
        let needed = ScratchRow {
            text: text.to_owned(),
            ..row("needed")
        };
        let possible = ScratchRow {
            maybe_text: Some(text.to_owned()),
            ..row("possible")
        };
        for given in [needed, possible] {
            fails(
                &write(db, &[row("before"), given]).await,
                "NUL was accepted",
                |error| matches!(error, DbError::Unsupported(_)),
            )?;
        }
        let asked = db.all(labelled(text)).await;
        fails(&asked, "a condition with NUL was accepted", |error| {
            matches!(error, DbError::Unsupported(_))
        })?;
    }
    equal(&all(db).await?.len(), &0)
}

/// A unique column accepts them all, and a condition finds each alone.
pub(super) async fn similar_letters_are_distinct(db: &Db, _: &Clients) -> CaseResult {
    let different = [
        "a",
        "A",
        "á",
        "Á",
        "a\u{301}",
        "ａ",
        "ä",
        "å",
        "ª",
        "а",
        "ae",
        "æ",
        "ß",
        "ss",
        "ẞ",
        "SS",
        "i",
        "I",
        "ı",
        "İ",
        "ﬁ",
        "fi",
        "Ω",
        "\u{2126}",
        "ω",
        "e",
        "é",
        "e\u{301}",
        "n",
        "ñ",
        "は",
        "ば",
        "ハ",
        "ﾊ",
        "\u{200B}a",
        "\u{FEFF}a",
        " a",
        "a b",
        "a\u{a0}b",
        "1",
        "①",
        "１",
        "😀",
        "😁",
        "a-b",
        "ab",
        "a\u{AD}b",
    ];
    let rows: Vec<ScratchRow> = different.into_iter().map(row).collect();
    all_round_trip(db, &rows).await?;
    for given in rows {
        let found = db.all(labelled(&given.label)).await.map_err(message)?;
        equal(&found, &vec![given])?;
    }
    Ok(())
}

pub(super) async fn trailing_spaces_count_unless_the_engine_ignores_them(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    round_trips(db, row("kept  ")).await?;
    let written = write(db, &[row("kept")]).await;
    let found = db.all(labelled("kept ")).await.map_err(message)?;
    if clients.traits.ignores_trailing_spaces {
        fails(&written, "the spaces counted", |error| {
            matches!(error, DbError::Unique { .. })
        })?;
        equal(&found.len(), &1)
    } else {
        written.map_err(message)?;
        equal(&found.len(), &0)?;
        equal(
            &labels(db).await?,
            &vec!["kept".to_owned(), "kept  ".to_owned()],
        )
    }
}
