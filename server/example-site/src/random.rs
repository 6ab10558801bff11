//! Deterministic pseudo-random numbers: the same on every call and every machine.

/// Mixes the bits of a number (the finaliser of SplitMix64, by Steele, Lea and Flood, 2014).
pub(crate) const fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}

/// Returns the `n`th number of a stream, below `end`. `end` must be positive.
pub(crate) const fn below(stream: u64, n: u64, end: u64) -> u64 {
    mix(mix(stream).wrapping_add(n)) % end
}

/// Hashes a string (FNV-1a, 64 bits).
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
