//! Bounds-checked reading of the fields of a packet.
//!
//! The parsers of `mysql_common` are not used: some of them panic or overflow on malicious input, and a panic in a
//! Worker ends every request of its instance.

use crate::Error;

/// A cursor over the unread rest of a packet.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(packet: &'a [u8]) -> Self {
        Self(packet)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// Reads up to the next NUL and skips the NUL.
    pub(crate) fn nul_terminated(&mut self) -> Result<&'a [u8], Error> {
        let length = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .ok_or_else(truncated)?;
        let taken = self.take(length)?;
        self.u8()?;
        Ok(taken)
    }

    pub(crate) fn length_encoded_int(&mut self) -> Result<u64, Error> {
        match self.u8()? {
            small @ 0..=0xfa => Ok(u64::from(small)),
            0xfc => self.u16().map(u64::from),
            0xfd => self
                .array::<3>()
                .map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xfe => self.array().map(u64::from_le_bytes),
            0xfb | 0xff => Err(Error::protocol("an invalid length")),
        }
    }

    pub(crate) fn length_encoded_bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.length_encoded_int()?).map_err(|_| truncated())?;
        self.take(length)
    }

    /// Reads a value of a text-protocol row; `None` is NULL.
    pub(crate) fn cell(&mut self) -> Result<Option<&'a [u8]>, Error> {
        if let [0xfb, rest @ ..] = self.0 {
            self.0 = rest;
            return Ok(None);
        }
        self.length_encoded_bytes().map(Some)
    }
}

fn truncated() -> Error {
    Error::protocol("a truncated packet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_encoded_integers_of_each_size_are_read() {
        for (packet, expected) in [
            (&[0xfa_u8][..], 250),
            (&[0xfc, 0x01, 0x02], 0x0201),
            (&[0xfd, 1, 2, 3], 0x03_0201),
            (&[0xfe, 1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000_0000_0000_0001),
        ] {
            assert_eq!(
                Reader::new(packet).length_encoded_int().ok(),
                Some(expected)
            );
        }
    }

    #[test]
    fn truncated_fields_are_errors() {
        for packet in [
            &[][..],
            &[0xfc, 1],
            &[0xfd, 1, 2],
            &[0xfe, 1, 2, 3],
            &[0xff],
            &[0xfb],
        ] {
            assert!(
                Reader::new(packet).length_encoded_int().is_err(),
                "{packet:?}"
            );
        }
        assert!(Reader::new(&[5, 1, 2]).length_encoded_bytes().is_err());
        assert!(
            Reader::new(&[0xfe, 255, 255, 255, 255, 255, 255, 255, 255])
                .length_encoded_bytes()
                .is_err()
        );
        assert!(Reader::new(b"no end").nul_terminated().is_err());
    }
}
