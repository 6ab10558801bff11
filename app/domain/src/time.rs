//! Time: UTC, in milliseconds, as every engine can keep it.

use std::fmt::{self, Write};
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z; negative before. As JSON it is RFC 3339 (`2026-03-01T07:30:00.000Z`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch, clamped to the years -9999 to 9999.
    pub fn from_millis(millis: i64) -> Self {
        let (least, most) = (
            jiff::Timestamp::MIN.as_second() * 1000,
            jiff::Timestamp::MAX.as_second() * 1000,
        );
        Self(millis.clamp(least, most))
    }

    /// The current time. In a Worker, that is the time of the last I/O.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The end of a day in UTC that is written as a field of dates has it: `2026-03-01`. `None` where the text is no day.
    pub fn end_of_day(text: &str) -> Option<Self> {
        let day: jiff::civil::Date = text.parse().ok()?;
        // Nothing else that can be read as a day, such as one with a time.
        if day.to_string() != text {
            return None;
        }
        let end = day
            .tomorrow()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?;
        Some(Self(end.timestamp().as_millisecond()))
    }

    fn parts(self) -> jiff::civil::DateTime {
        let instant =
            jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(instant)
    }

    /// RFC 3339 with milliseconds: `2026-03-01T07:30:00.000Z`. A year before 0 has its sign and six digits (ISO 8601).
    pub fn rfc3339(self) -> String {
        let t = self.parts();
        let width = if t.year() < 0 { 7 } else { 4 };
        formatted(format_args!(
            "{:0width$}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        ))
    }

    /// The day as people write it: `1 March 2026`.
    pub fn day(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let t = self.parts();
        let month = MONTHS
            .get(usize::from(t.month().unsigned_abs()).saturating_sub(1))
            .unwrap_or(&"");
        formatted(format_args!("{} {} {}", t.day(), month, t.year()))
    }
}

/// A time later, clamped as [`Timestamp::from_millis`] does.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(duration)))
    }
}

/// A time earlier, clamped as [`Timestamp::from_millis`] does.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(millis(duration)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A text of up to 24 bytes, without growing on the way: lists show many times.
fn formatted(text: fmt::Arguments<'_>) -> String {
    let mut written = String::with_capacity(24);
    // Writing to a string does not fail.
    let _ = written.write_fmt(text);
    written
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let instant: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(instant.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    #[test]
    fn formats() {
        for (millis, text, day) in [
            (0, "1970-01-01T00:00:00.000Z", "1 January 1970"),
            (-1, "1969-12-31T23:59:59.999Z", "31 December 1969"),
            (
                1_772_350_200_123,
                "2026-03-01T07:30:00.123Z",
                "1 March 2026",
            ),
            (
                4_102_444_800_000,
                "2100-01-01T00:00:00.000Z",
                "1 January 2100",
            ),
        ] {
            let time = Timestamp::from_millis(millis);
            assert_eq!(time.rfc3339(), text);
            assert_eq!(time.day(), day);
        }
    }

    proptest! {
        #[test]
        fn every_time_is_read_back(millis in -400_000_000_000_000i64..300_000_000_000_000) {
            let time = Timestamp::from_millis(millis);
            let read = Timestamp::deserialize(StrDeserializer::<Error>::new(&time.rfc3339()));
            prop_assert_eq!(read, Ok(time));
        }
    }

    #[test]
    fn a_day_ends_when_the_next_one_begins() {
        let end = |text| Timestamp::end_of_day(text).map(Timestamp::rfc3339);
        assert_eq!(
            end("2026-02-28").as_deref(),
            Some("2026-03-01T00:00:00.000Z")
        );
        assert_eq!(
            end("2024-12-31").as_deref(),
            Some("2025-01-01T00:00:00.000Z")
        );
        for wrong in [
            "",
            "2026-02-29",
            "20260228",
            "2026-2-28",
            "2026-02-28T01:00",
            "28.02.2026",
            "9999-12-31",
            "+002026-02-28",
        ] {
            assert_eq!(Timestamp::end_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_far_ends_do_not_overflow() {
        assert_eq!(Timestamp::from_millis(i64::MAX).day(), "30 December 9999");
        assert_eq!(Timestamp::from_millis(i64::MIN).day(), "2 January -9999");
        let (least, most) = (
            Timestamp::from_millis(i64::MIN),
            Timestamp::from_millis(i64::MAX),
        );
        assert_eq!((most + Duration::MAX, least - Duration::MAX), (most, least));
    }

    #[test]
    fn durations_are_added_and_taken_away() {
        let time = Timestamp::from_millis(-500);
        assert_eq!((time + Duration::from_secs(1)).as_millis(), 500);
        assert_eq!((time - Duration::from_secs(1)).as_millis(), -1500);
    }
}
