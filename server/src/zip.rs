//! Writes zip files whose members are stored as they are (APPNOTE.TXT 6.3.10). The crate `zip` would do it, too, and add 100 KB to
//! the Worker: more than any page of the site is.

use domain::Timestamp;

/// The sum by which a member is checked: CRC-32, reflected, by the polynomial of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let (mut value, mut bit) = (n as u32, 0);
            while bit < 8 {
                value = (value >> 1) ^ (0xedb8_8320 * (value & 1));
                bit += 1;
            }
            table[n] = value;
            n += 1;
        }
        table
    };
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        TABLE[usize::from(sum.to_le_bytes()[0] ^ byte)] ^ (sum >> 8)
    });
    !sum
}

/// A zip file that is being made, in memory: less than 4 GB, and 65,536 members.
pub(crate) struct Zip {
    file: Vec<u8>,
    directory: Vec<u8>,
    members: u16,
    date: u16,
}

impl Zip {
    /// An empty one, whose members are of this day.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            file: Vec::new(),
            directory: Vec::new(),
            members: 0,
            date: date(at),
        }
    }

    /// Adds a member. Its name is in letters of ASCII, and leads nowhere but into the folder where the file is unpacked.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        const LOCAL: u32 = 0x0403_4b50;
        const CENTRAL: u32 = 0x0201_4b50;
        let (at, size) = (length(&self.file), length(bytes));
        let name_length = u16::try_from(name.len()).unwrap_or(0);
        // Version 1.0; no flags; stored; midnight.
        let mut common = Vec::with_capacity(26);
        for half in [10, 0, 0, 0, self.date] {
            common.extend(u16::to_le_bytes(half));
        }
        for word in [crc32(bytes), size, size] {
            common.extend(u32::to_le_bytes(word));
        }
        for half in [name_length, 0] {
            common.extend(u16::to_le_bytes(half));
        }
        self.file.extend(LOCAL.to_le_bytes());
        self.file.extend(&common);
        self.file.extend(name.as_bytes());
        self.file.extend(bytes);
        self.directory.extend(CENTRAL.to_le_bytes());
        self.directory.extend(10_u16.to_le_bytes());
        self.directory.extend(&common);
        // No comment; the first disk; no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.members = self.members.saturating_add(1);
    }

    /// The file.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        const END: u32 = 0x0605_4b50;
        let (at, size) = (length(&self.file), length(&self.directory));
        self.file.append(&mut self.directory);
        self.file.extend(END.to_le_bytes());
        for half in [0, 0, self.members, self.members] {
            self.file.extend(u16::to_le_bytes(half));
        }
        for word in [size, at] {
            self.file.extend(u32::to_le_bytes(word));
        }
        self.file.extend([0; 2]);
        self.file
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// A day, as MS-DOS has it: seven bits of years since 1980, four of the month, five of the day.
fn date(at: Timestamp) -> u16 {
    let text = at.rfc3339();
    let mut parts = text.split(['-', 'T']).map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0_u16);
    let (year, month, day) = (next(), next(), next());
    (year.saturating_sub(1980).min(127) << 9) | (month << 5) | day
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn the_sum_is_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    /// Another program reads what was written.
    #[test]
    fn members_are_read_as_they_were_written() {
        let at = Timestamp::from_millis(1_800_000_000_000);
        let long = "ñ".repeat(70_000);
        let members = [
            ("README.txt", ""),
            ("posts/a.md", "# a\n"),
            ("b.json", &long),
        ];
        let mut zip = Zip::new(at);
        for (name, text) in members {
            zip.add(name, text.as_bytes());
        }
        let mut read = zip::ZipArchive::new(Cursor::new(zip.finish())).expect("a zip file");
        assert_eq!(read.len(), members.len());
        for (n, (name, text)) in members.into_iter().enumerate() {
            let mut member = read.by_index(n).expect("a member");
            assert_eq!(member.name().expect("a name"), name);
            let day = member.last_modified().expect("a day");
            assert_eq!((day.year(), day.month(), day.day()), (2027, 1, 15));
            let mut found = String::new();
            member.read_to_string(&mut found).expect("the sum is right");
            assert_eq!(found, text);
        }
        let empty = zip::ZipArchive::new(Cursor::new(Zip::new(at).finish()));
        assert_eq!(empty.expect("a zip file").len(), 0);
    }
}
