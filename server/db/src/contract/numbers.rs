//! Numbers: exact or refused.

use super::support::{CaseResult, all, equal, fails, message, raw, round_trips, row, write};
use super::{Clients, IntegerRange, ScratchRow};
use crate::{Db, DbError};

/// The smallest whole number whose successor a double does not hold.
const EDGE: i64 = 1 << 53;

fn is_unsupported(error: &DbError) -> bool {
    matches!(error, DbError::Unsupported(_))
}

fn of_whole(whole: i64) -> ScratchRow {
    ScratchRow {
        whole,
        maybe_whole: Some(whole),
        ..row(&whole.to_string())
    }
}

pub(super) async fn integers_are_exact_or_refused(db: &Db, clients: &Clients) -> CaseResult {
    let small = i64::from(i32::MAX);
    for whole in [
        1 - EDGE,
        -small - 2,
        -small - 1,
        -1,
        0,
        1,
        small,
        small + 1,
        EDGE - 1,
    ] {
        round_trips(db, of_whole(whole)).await?;
    }
    for whole in [EDGE, EDGE + 1, -EDGE, -EDGE - 1, i64::MAX, i64::MIN] {
        match clients.traits.integers {
            IntegerRange::I64 => round_trips(db, of_whole(whole)).await?,
            IntegerRange::Double => fails(
                &write(db, &[of_whole(whole)]).await,
                "a whole number beyond 2^53 was accepted",
                is_unsupported,
            )?,
        }
    }
    Ok(())
}

/// The number is in the statement's text, where the check of parameters does not see it.
pub(super) async fn integers_computed_by_the_engine_are_exact_or_refused(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    for whole in [EDGE + 1, i64::MAX] {
        db.run(&raw(&format!("UPDATE scratch SET whole = {whole}")))
            .await
            .map_err(message)?;
        let found = db.all(crate::queries::contract::scratch_rows()).await;
        match clients.traits.integers {
            IntegerRange::I64 => equal(
                &found.map_err(message)?.first().map(|row| row.whole),
                &Some(whole),
            )?,
            IntegerRange::Double => fails(&found, "it was read", |error| {
                matches!(
                    error,
                    DbError::Decode {
                        column: "whole",
                        ..
                    }
                )
            })?,
        }
    }
    Ok(())
}

pub(super) async fn floats_round_trip_to_the_last_bit(db: &Db, clients: &Clients) -> CaseResult {
    let samples = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        0.1 + 0.2,
        1.0 / 3.0,
        f64::EPSILON,
        1.0 + f64::EPSILON,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        -f64::MIN_POSITIVE,
        // The smallest and the largest subnormal number.
        f64::from_bits(1),
        f64::from_bits((1 << 52) - 1),
        EDGE as f64,
        (EDGE + 2) as f64,
        9.007_199_254_740_993e15,
        // Digits that imprecise printing loses.
        2.225_073_858_507_201e-308,
        1.797_693_134_862_315_5e308,
        123_456_789.123_456_79,
        5e-324,
        1e21,
        1e22,
        1e23,
    ];
    let rows: Vec<ScratchRow> = samples
        .into_iter()
        .enumerate()
        .map(|(n, number)| ScratchRow {
            number,
            maybe_number: Some(number),
            ..row(&n.to_string())
        })
        .collect();
    write(db, &rows).await.map_err(message)?;
    let found = all(db).await?;
    for given in &rows {
        let same = found.iter().find(|row| row.id == given.id);
        let same = same.ok_or_else(|| format!("{} is not there", given.number))?;
        let loses_sign = given.number == 0.0 && !clients.traits.keeps_negative_zero;
        let expected = if loses_sign { 0.0 } else { given.number };
        let bits = (same.number.to_bits(), same.maybe_number.map(f64::to_bits));
        if bits != (expected.to_bits(), Some(expected.to_bits())) {
            return Err(format!(
                "{:e} came back as {:e} and {:?}",
                given.number, same.number, same.maybe_number
            ));
        }
    }
    Ok(())
}

pub(super) async fn nan_and_infinity_are_refused(db: &Db, _: &Clients) -> CaseResult {
    for number in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let needed = ScratchRow {
            number,
            ..row("needed")
        };
        let possible = ScratchRow {
            maybe_number: Some(number),
            ..row("possible")
        };
        for given in [needed, possible] {
            fails(
                &write(db, &[row("before"), given]).await,
                "it was accepted",
                is_unsupported,
            )?;
        }
    }
    equal(&all(db).await?.len(), &0)
}
