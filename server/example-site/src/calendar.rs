//! Calendar dates as timestamps: milliseconds since 1970, UTC. Absent: clocks and time zones; the example site has neither.

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Converts a Gregorian date to its midnight. Years are counted from March, so that a leap day comes last.
pub(crate) const fn midnight(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

/// Parses a timestamp such as `2024-05-14 07:42`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = time.split_once(':')?;
    let midnight = midnight(date.next()??, date.next()??, date.next()??);
    Some(midnight + hour.parse::<i64>().ok()? * HOUR + minute.parse::<i64>().ok()? * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::{DAY, midnight, parse};

    #[test]
    fn dates_become_milliseconds() {
        assert_eq!(midnight(1970, 1, 1), 0);
        assert_eq!(midnight(2000, 3, 1) - midnight(2000, 2, 28), 2 * DAY);
        assert_eq!(midnight(2023, 3, 1) - midnight(2023, 2, 28), DAY);
        assert_eq!(midnight(2024, 5, 14), 1_715_644_800_000);
    }

    #[test]
    fn dates_with_times_are_parsed() {
        assert_eq!(parse("2024-05-14 07:42"), Some(1_715_672_520_000));
        for wrong in [
            "",
            "2024-05-14",
            "2024-05 07:42",
            "2024-05-14 0742",
            "x-05-14 07:42",
        ] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
