//! Values other than numbers and text: they round-trip or are refused.

use domain::{PostId, Role, Timestamp, UserId};
use uuid::Uuid;

use super::support::{
    CaseResult, all, all_round_trip, equal, fails, message, round_trips, row, write,
};
use super::{Clients, Maybe, Misread, NeverNull, ScratchRow};
use crate::queries::contract::rows;
use crate::{Db, DbError};

pub(super) async fn plain_values_round_trip(db: &Db, _: &Clients) -> CaseResult {
    let mut rows: Vec<ScratchRow> = [Role::Reader, Role::Author, Role::Editor, Role::Admin]
        .into_iter()
        .map(|role| ScratchRow {
            role,
            flag: role == Role::Editor,
            ..row(role.as_str())
        })
        .collect();
    for (label, id) in [("no id", Uuid::nil()), ("every bit", Uuid::max())] {
        rows.push(ScratchRow {
            id: UserId(id),
            maybe_id: Some(PostId(id)),
            ..row(label)
        });
    }
    all_round_trip(db, &rows).await
}

pub(super) async fn bytes_round_trip(db: &Db, _: &Clients) -> CaseResult {
    let samples: [Vec<u8>; 6] = [
        Vec::new(),
        vec![0],
        (0..=255).collect(),
        b"\xff\xfe\x00'\\\"; -- \x80\xbf'".to_vec(),
        b"\\x00ff".to_vec(),
        (0..1_000_000u32).map(|n| (n % 251) as u8).collect(),
    ];
    for (n, bytes) in samples.into_iter().enumerate() {
        round_trips(
            db,
            ScratchRow {
                bytes,
                ..row(&n.to_string())
            },
        )
        .await?;
    }
    Ok(())
}

/// Every combination of NULL columns in one row.
pub(super) async fn null_round_trips_in_every_column(db: &Db, _: &Clients) -> CaseResult {
    let rows: Vec<ScratchRow> = (0..1u8 << 7)
        .map(|chosen| {
            let is_there = |place: u8| chosen & (1 << place) != 0;
            ScratchRow {
                maybe_flag: is_there(0).then_some(false),
                maybe_whole: is_there(1).then_some(0),
                maybe_number: is_there(2).then_some(0.25),
                maybe_text: is_there(3).then(String::new),
                maybe_bytes: is_there(4).then(Vec::new),
                maybe_id: is_there(5).then(PostId::new),
                maybe_at: is_there(6).then(|| Timestamp::from_millis(0)),
                ..row(&chosen.to_string())
            }
        })
        .collect();
    all_round_trip(db, &rows).await
}

pub(super) async fn a_row_with_only_null_is_a_row(db: &Db, _: &Clients) -> CaseResult {
    let some = ScratchRow {
        maybe_text: Some(String::new()),
        ..row("some")
    };
    write(db, &[row("none"), some, row("none either")])
        .await
        .map_err(message)?;
    let mut found: Vec<Option<String>> = db
        .all(rows::<Maybe>())
        .await
        .map_err(message)?
        .into_iter()
        .map(|row| row.maybe_text)
        .collect();
    found.sort();
    equal(&found, &vec![None, None, Some(String::new())])
}

pub(super) async fn times_round_trip_to_the_millisecond(db: &Db, _: &Clients) -> CaseResult {
    const TIMES: [i64; 14] = [
        // 1000-01-01T00:00:00.000Z, and a millisecond on.
        -30_610_224_000_000,
        -30_610_223_999_999,
        // Before Europe's calendar was changed, and before time zones.
        -12_219_292_800_001,
        -2_840_140_800_001,
        // Around 1970.
        -1_000,
        -1,
        0,
        1,
        // The end of 2016, whose last minute had 61 seconds.
        1_483_228_799_999,
        1_483_228_800_000,
        // An hour that daylight saving time skips, in March 2026.
        1_774_747_800_500,
        // 2038, after the last second of 32 bits.
        2_147_483_648_001,
        4_102_444_800_999,
        // 9999-12-30T21:59:59.999Z, nearly the last that the domain knows.
        253_402_207_199_999,
    ];
    let rows: Vec<ScratchRow> = TIMES
        .into_iter()
        .map(|millis| {
            let at = Timestamp::from_millis(millis);
            ScratchRow {
                at,
                maybe_at: Some(at),
                ..row(&millis.to_string())
            }
        })
        .collect();
    for row in &rows {
        equal(&row.at.as_millis().to_string(), &row.label)?;
    }
    all_round_trip(db, &rows).await
}

pub(super) async fn early_times_round_trip_or_are_refused(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let earliest = Timestamp::from_millis(i64::MIN).as_millis();
    // The last moment of the year 999, the first of the years 1 and -1000, and the first that the domain knows.
    for millis in [
        -30_610_224_000_001,
        -62_135_596_800_000,
        -93_724_128_000_000,
        earliest,
    ] {
        let given = ScratchRow {
            at: Timestamp::from_millis(millis),
            ..row(&millis.to_string())
        };
        if millis >= clients.traits.min_time_millis {
            round_trips(db, given).await?;
        } else {
            let before = all(db).await?.len();
            fails(
                &write(db, &[given]).await,
                "an early time was accepted",
                |error| matches!(error, DbError::Unsupported(_) | DbError::TooLarge(_)),
            )?;
            equal(&all(db).await?.len(), &before)?;
        }
    }
    Ok(())
}

pub(super) async fn a_cell_of_the_wrong_type_names_table_and_column(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let misread = db.all(rows::<Misread>()).await;
    fails(&misread, "text was decoded as a number", |error| {
        matches!(
            error,
            DbError::Decode {
                table: "scratch",
                column: "text",
                ..
            }
        )
    })?;
    let nothing = db.all(rows::<NeverNull>()).await;
    fails(&nothing, "NULL was decoded as text", |error| {
        matches!(
            error,
            DbError::Decode {
                table: "scratch",
                column: "maybe_text",
                ..
            }
        )
    })?;
    let batch = db.batch((rows::<ScratchRow>(), rows::<Misread>())).await;
    fails(&batch, "text was decoded as a number in a batch", |error| {
        matches!(error, DbError::Decode { column: "text", .. })
    })?;
    equal(&all(db).await?.len(), &1)
}
