//! Moments as MySQL writes them, `YYYY-MM-DD HH:MM:SS.mmm` in UTC, and as milliseconds since 1970.
//!
//! The sessions of this client run in UTC, so a calendar is all it takes: the proleptic Gregorian one, in days.

const DAY: i64 = 86_400_000;

/// The days from 1970-01-01 to the first of a year's January, leap days counted.
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

/// Appends the moment, without quotes. `None`, and nothing appended, outside of the years 1000 to 9999.
pub(crate) fn write(out: &mut Vec<u8>, milliseconds: i64) -> Option<()> {
    let day = milliseconds.div_euclid(DAY);
    let within = milliseconds.rem_euclid(DAY);
    if day < days_before_year(1000) || day >= days_before_year(10_000) {
        return None;
    }
    // 400 years are 146,097 days: the guess is never too early by more than one.
    let mut year = 1970 + day * 400 / 146_097;
    while days_before_year(year) > day {
        year -= 1;
    }
    while days_before_year(year + 1) <= day {
        year += 1;
    }
    let mut left = day - days_before_year(year);
    let mut month = 0;
    while left >= days_in_month(year, month) {
        left -= days_in_month(year, month);
        month += 1;
    }
    digits(out, year, 4);
    for (separator, number, width) in [
        (b'-', month as i64 + 1, 2),
        (b'-', left + 1, 2),
        (b' ', within / 3_600_000, 2),
        (b':', within / 60_000 % 60, 2),
        (b':', within / 1000 % 60, 2),
        (b'.', within % 1000, 3),
    ] {
        out.push(separator);
        digits(out, number, width);
    }
    Some(())
}

fn digits(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
    }
}

/// Reads a DATETIME or TIMESTAMP; what is finer than a millisecond is cut off. `None` for what is no moment, such as
/// `0000-00-00 00:00:00`.
pub(crate) fn read(text: &[u8]) -> Option<i64> {
    let (whole, fraction) = match text.split_at_checked(19)? {
        (whole, []) => (whole, &[][..]),
        (whole, [b'.', fraction @ ..]) if (1..=6).contains(&fraction.len()) => (whole, fraction),
        _ => return None,
    };
    if [4, 7, 10, 13, 16].map(|at| whole[at]) != *b"-- ::" {
        return None;
    }
    let year = number(&whole[..4])?;
    let month = usize::try_from(number(&whole[5..7])? - 1).ok()?;
    let day = number(&whole[8..10])?;
    let (hour, minute, second) = (
        number(&whole[11..13])?,
        number(&whole[14..16])?,
        number(&whole[17..19])?,
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
                .map_or(Some(0), |digit| number(&[*digit]))?;
    }
    number(fraction)?;
    let days = days_before_year(year)
        + (0..month)
            .map(|month| days_in_month(year, month))
            .sum::<i64>()
        + day
        - 1;
    Some(days * DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(milliseconds: i64) -> Option<String> {
        let mut out = Vec::new();
        write(&mut out, milliseconds)?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn known_moments() {
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
            assert_eq!(written(milliseconds).as_deref(), Some(text));
            assert_eq!(read(text.as_bytes()), Some(milliseconds));
        }
        assert_eq!(read(b"2024-02-29 00:00:00"), Some(1_709_164_800_000));
        assert_eq!(read(b"2024-02-29 00:00:00.1"), Some(1_709_164_800_100));
        assert_eq!(read(b"2024-02-29 00:00:00.123999"), Some(1_709_164_800_123));
    }

    #[test]
    fn years_that_mysql_cannot_hold_are_none() {
        for milliseconds in [i64::MIN, -30_610_224_000_001, 253_402_300_800_000, i64::MAX] {
            assert_eq!(written(milliseconds), None);
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
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
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_moment_comes_back(milliseconds in -30_610_224_000_000_i64..=253_402_300_799_999) {
            let text = written(milliseconds).unwrap_or_default();
            proptest::prop_assert_eq!(read(text.as_bytes()), Some(milliseconds));
        }
    }
}
