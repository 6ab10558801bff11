//! Keys: those of the three algorithms, whole, and no others.

use webauthn::authenticator::{Authenticator, Key, attestation, cose};
use webauthn::{Expected, FailedStep, NewCredential, Registration, verify_registration};

/// The outcome of a registration of this key by an authenticator that is honest else.
fn registered_key(public_key: &[u8]) -> Result<NewCredential, FailedStep> {
    let expected = Expected {
        origin: "https://site.example",
        rp_id: "site.example",
        challenge: b"a challenge of the site",
    };
    let authenticator = Authenticator::new(expected.origin, expected.rp_id, Key::p256(7));
    let client_data = authenticator.client_data("webauthn.create", expected.challenge);
    let response = Registration {
        client_data: &client_data,
        attestation: &attestation(&authenticator.data(Some(public_key))),
    };
    verify_registration(&response, &expected)
}

#[test]
fn an_algorithm_that_was_not_asked_for_is_refused() {
    let x = [7; 32].as_slice();
    for algorithm in [-258, -35, -6, 0, i64::MIN] {
        let key = cose(&[(1, 2), (3, algorithm), (-1, 1)], &[(-2, x), (-3, x)]);
        assert_eq!(
            registered_key(&key),
            Err(FailedStep::Algorithm),
            "{algorithm}"
        );
    }
    let none = cose(&[(1, 2), (-1, 1)], &[(-2, x), (-3, x)]);
    assert_eq!(registered_key(&none), Err(FailedStep::Algorithm));
}

#[test]
fn a_key_is_a_point_of_its_curve_and_nothing_else() {
    let good = Key::p256(7).cose();
    let (x, y) = (good[10..42].to_vec(), good[45..77].to_vec());
    let (numbers, rsa) = ([(1, 2), (3, -7), (-1, 1)], [(1, 3), (3, -257)]);
    let exponent = [1, 0, 1].as_slice();
    assert!(registered_key(&cose(&rsa, &[(-1, &[255; 256]), (-2, exponent)])).is_ok());
    assert!(registered_key(&cose(&numbers, &[(-2, &x), (-3, &y)])).is_ok());
    let ed25519 = Key::ed25519(7).cose();
    let ed25519_x = ed25519[ed25519.len() - 32..].to_vec();
    for (why, key) in [
        ("not on the curve", cose(&numbers, &[(-2, &x), (-3, &x)])),
        ("short", cose(&numbers, &[(-2, &x[1..]), (-3, &y)])),
        ("no y", cose(&numbers, &[(-2, &x)])),
        ("x twice", cose(&numbers, &[(-2, &x), (-2, &x), (-3, &y)])),
        (
            "another parameter",
            cose(&numbers, &[(-2, &x), (-3, &y), (-4, &x)]),
        ),
        (
            "another curve",
            cose(&[(1, 2), (3, -7), (-1, 2)], &[(-2, &x), (-3, &y)]),
        ),
        (
            "another type",
            cose(&[(1, 1), (3, -7), (-1, 1)], &[(-2, &x), (-3, &y)]),
        ),
        (
            "Ed448",
            cose(&[(1, 1), (3, -8), (-1, 7)], &[(-2, &ed25519_x)]),
        ),
        (
            "Ed25519 with y",
            cose(&[(1, 1), (3, -8), (-1, 6)], &[(-2, &ed25519_x), (-3, &y)]),
        ),
        (
            "RSA of 2,040 bits",
            cose(&rsa, &[(-1, &[255; 255]), (-2, &[1, 0, 1])]),
        ),
        (
            "RSA that begins with zeroes",
            cose(&rsa, &[(-1, &[127; 256]), (-2, &[1, 0, 1])]),
        ),
        (
            "RSA of an even number",
            cose(&rsa, &[(-1, &[254; 256]), (-2, &[1, 0, 1])]),
        ),
        (
            "RSA with the exponent 3",
            cose(&rsa, &[(-1, &[255; 256]), (-2, &[3])]),
        ),
        (
            "RSA with y",
            cose(&rsa, &[(-1, &[255; 256]), (-2, &[1, 0, 1]), (-3, &y)]),
        ),
        (
            "a modulus of P-256",
            cose(&[(1, 2), (3, -7)], &[(-1, &x), (-2, &x), (-3, &y)]),
        ),
        (
            "of small order",
            cose(&[(1, 1), (3, -8), (-1, 6)], &[(-2, &[0; 32])]),
        ),
        ("no map", vec![0x01]),
        ("of unknown length", vec![0xbf, 0xff]),
    ] {
        assert_eq!(registered_key(&key), Err(FailedStep::PublicKey), "{why}");
    }
}
