//! Random bytes of the operating system or of the Worker's runtime.

/// An error: the system gives no random bytes. Nothing secret can be made then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Random bytes.
///
/// # Errors
/// When the system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom_04::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Digits in base `base`, each as likely as any other. A byte beyond the last whole multiple of `base` would make small digits more
/// likely, and is drawn again.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn digits<const N: usize>(base: u8) -> Result<[u8; N], NoRandomness> {
    let mut digits = [0; N];
    let mut filled = 0;
    while filled < N {
        for byte in bytes::<N>()? {
            if let (Some(digit), Some(slot)) = (digit(byte, base), digits.get_mut(filled)) {
                *slot = digit;
                filled += 1;
            }
        }
    }
    Ok(digits)
}

/// The digit that a random byte gives; `None` where it gives none without favour.
fn digit(byte: u8, base: u8) -> Option<u8> {
    let whole = u8::MAX - u8::MAX % base;
    (byte < whole).then_some(byte % base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_digit_is_as_likely_as_any_other() {
        for base in [2, 10, 62] {
            let mut counts = vec![0_u32; usize::from(base)];
            for digit in (0..=u8::MAX).filter_map(|byte| digit(byte, base)) {
                counts[usize::from(digit)] += 1;
            }
            assert!(
                counts.iter().all(|count| *count == counts[0] && *count > 0),
                "{base}: {counts:?}"
            );
        }
    }

    #[test]
    fn digits_are_below_their_base_and_differ() {
        let drawn = digits::<1000>(10);
        assert!(drawn.is_ok_and(
            |digits| (0..10).all(|n| digits.contains(&n)) && digits.iter().all(|n| *n < 10)
        ));
        assert_ne!(bytes::<32>(), bytes::<32>());
    }
}
