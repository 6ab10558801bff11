//! Conversion between MySQL's `YYYY-MM-DD HH:MM:SS.mmm` and milliseconds since 1970, both in UTC.
//!
//! The sessions of this client run in UTC, so all it takes is the proleptic Gregorian calendar.

const DAY_MS: i64 = 86_400_000;

/// The number of days from 1970-01-01 to January 1 of a year.
fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    past * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400) - 719_162
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: usize) -> i64 {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    DAYS[month] + i64::from(month == 1 && is_leap(year))
}

/// Appends the date and time, without quotes. Returns `None` and appends nothing outside of the years 1000 to 9999.
pub(crate) fn write(out: &mut Vec<u8>, milliseconds: i64) -> Option<()> {
    let day = milliseconds.div_euclid(DAY_MS);
    let time_of_day = milliseconds.rem_euclid(DAY_MS);
    if day < days_before_year(1000) || day >= days_before_year(10_000) {
        return None;
    }
    // 400 years have 146,097 days, so the estimate is off by at most one year.
    let mut year = 1970 + day * 400 / 146_097;
    while days_before_year(year) > day {
        year -= 1;
    }
    while days_before_year(year + 1) <= day {
        year += 1;
    }
    let mut day_of_year = day - days_before_year(year);
    let mut month = 0;
    while day_of_year >= days_in_month(year, month) {
        day_of_year -= days_in_month(year, month);
        month += 1;
    }
    write_digits(out, year, 4);
    for (separator, number, width) in [
        (b'-', month as i64 + 1, 2),
        (b'-', day_of_year + 1, 2),
        (b' ', time_of_day / 3_600_000, 2),
        (b':', time_of_day / 60_000 % 60, 2),
        (b':', time_of_day / 1000 % 60, 2),
        (b'.', time_of_day % 1000, 3),
    ] {
        out.push(separator);
        write_digits(out, number, width);
    }
    Some(())
}

fn write_digits(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
    }
}

/// Parses a DATETIME or TIMESTAMP, truncated to milliseconds. Returns `None` for an invalid one, such as
/// `0000-00-00 00:00:00`.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let (seconds, fraction) = match text.split_at_checked(19)? {
        (seconds, []) => (seconds, &[][..]),
        (seconds, [b'.', fraction @ ..]) if (1..=6).contains(&fraction.len()) => {
            (seconds, fraction)
        }
        _ => return None,
    };
    if [4, 7, 10, 13, 16].map(|at| seconds[at]) != *b"-- ::" {
        return None;
    }
    let year = parse_number(&seconds[..4])?;
    let month = usize::try_from(parse_number(&seconds[5..7])? - 1).ok()?;
    let day = parse_number(&seconds[8..10])?;
    let (hour, minute, second) = (
        parse_number(&seconds[11..13])?,
        parse_number(&seconds[14..16])?,
        parse_number(&seconds[17..19])?,
    );
    if year < 1
        || month > 11
        || day < 1
        || day > days_in_month(year, month)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let mut millisecond = 0;
    for place in 0..3 {
        millisecond = millisecond * 10
            + fraction
                .get(place)
                .map_or(Some(0), |digit| parse_number(&[*digit]))?;
    }
    parse_number(fraction)?;
    let days = days_before_year(year)
        + (0..month)
            .map(|month| days_in_month(year, month))
            .sum::<i64>()
        + day
        - 1;
    Some(days * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond)
}

fn parse_number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(milliseconds: i64) -> Option<String> {
        let mut out = Vec::new();
        write(&mut out, milliseconds)?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn known_values_convert_both_ways() {
        for (milliseconds, text) in [
            (0, "1970-01-01 00:00:00.000"),
            (-1, "1969-12-31 23:59:59.999"),
            (951_782_400_000, "2000-02-29 00:00:00.000"),
            (1_709_164_800_123, "2024-02-29 00:00:00.123"),
            (4_107_542_400_000, "2100-03-01 00:00:00.000"),
            (2_147_483_648_000, "2038-01-19 03:14:08.000"),
            (-30_610_224_000_000, "1000-01-01 00:00:00.000"),
            (253_402_300_799_999, "9999-12-31 23:59:59.999"),
        ] {
            assert_eq!(format(milliseconds).as_deref(), Some(text));
            assert_eq!(parse(text.as_bytes()), Some(milliseconds));
        }
        assert_eq!(parse(b"2024-02-29 00:00:00"), Some(1_709_164_800_000));
        assert_eq!(parse(b"2024-02-29 00:00:00.1"), Some(1_709_164_800_100));
        assert_eq!(
            parse(b"2024-02-29 00:00:00.123999"),
            Some(1_709_164_800_123)
        );
    }

    #[test]
    fn years_outside_of_mysqls_range_are_rejected() {
        for milliseconds in [i64::MIN, -30_610_224_000_001, 253_402_300_800_000, i64::MAX] {
            assert_eq!(format(milliseconds), None);
        }
    }

    #[test]
    fn invalid_dates_and_times_are_rejected() {
        for text in [
            "",
            "0000-00-00 00:00:00",
            "2023-02-29 00:00:00",
            "2024-13-01 00:00:00",
            "2024-00-01 00:00:00",
            "2024-01-00 00:00:00",
            "2024-01-01 24:00:00",
            "2024-01-01 00:60:00",
            "2024-01-01T00:00:00",
            "2024-01-01 00:00:00.",
            "2024-01-01 00:00:00.1234567",
            "2024-01-01 00:00:00.1x",
            "2024-01-01 00:00:00.123x",
            "2024-01-01",
            "+024-01-01 00:00:00",
            "2024-01-01 00:00:0\u{e9}",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_value_survives_a_round_trip(milliseconds in -30_610_224_000_000_i64..=253_402_300_799_999) {
            let text = format(milliseconds).unwrap_or_default();
            proptest::prop_assert_eq!(parse(text.as_bytes()), Some(milliseconds));
        }
    }
}
