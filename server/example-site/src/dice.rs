//! Repeatable variety: numbers that look random and are the same on every machine.

/// Scrambles a number (the finaliser of SplitMix64, by Steele, Lea and Flood, 2014).
pub(crate) const fn scramble(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}

/// A number below `end` for the `n`th thing of one `kind`. `end` is positive.
pub(crate) const fn below(kind: u64, n: u64, end: u64) -> u64 {
    scramble(scramble(kind).wrapping_add(n)) % end
}

/// The number of a word: FNV-1a, 64 bits.
pub(crate) fn number(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
