//! Each step refuses an answer that is wrong in that step alone. The signatures are real.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use proptest::prelude::*;
use webauthn::authenticator::{Authenticator, Key, SignedUse, attestation};
use webauthn::{
    Assertion, Credential, Expected, FailedStep, NewCredential, Registration, Use,
    verify_assertion, verify_registration,
};

const ORIGIN: &str = "https://site.example";
const RP_ID: &str = "site.example";
const CHALLENGE: &[u8] = b"a challenge of the site";
const EXPECTED: Expected<'static> = Expected {
    origin: ORIGIN,
    rp_id: RP_ID,
    challenge: CHALLENGE,
};

const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const BACKED_UP: u8 = 1 << 4;
const HAS_EXTENSIONS: u8 = 1 << 7;

fn authenticator() -> Authenticator {
    Authenticator {
        user_handle: b"ada".to_vec(),
        ..Authenticator::new(ORIGIN, RP_ID, Key::p256(7))
    }
}

fn register(client_data: &[u8], attestation: &[u8]) -> Result<NewCredential, FailedStep> {
    let response = Registration {
        client_data,
        attestation,
    };
    verify_registration(&response, &EXPECTED)
}

/// The outcome of a registration by this authenticator.
fn registered(authenticator: &Authenticator) -> Result<NewCredential, FailedStep> {
    let (client_data, attestation) = authenticator.create(CHALLENGE);
    register(&client_data, &attestation)
}

/// The outcome of a use of the stored credential of `authenticator()` with this key.
fn used(key: &Key, signed: &SignedUse, user_handle: Option<&[u8]>) -> Result<Use, FailedStep> {
    let response = Assertion {
        client_data: &signed.client_data,
        authenticator_data: &signed.authenticator_data,
        signature: &signed.signature,
        user_handle,
    };
    let credential = Credential {
        user_handle: b"ada",
        public_key: &key.cose(),
        sign_count: 0,
        is_backup_eligible: true,
    };
    verify_assertion(&response, &EXPECTED, &credential)
}

/// The outcome of a use by this authenticator.
fn asserted(authenticator: &Authenticator) -> Result<Use, FailedStep> {
    let signed = authenticator.get(CHALLENGE);
    used(
        &authenticator.key,
        &signed,
        Some(&authenticator.user_handle),
    )
}

#[test]
fn a_credential_of_each_algorithm_is_registered_and_used() {
    for (key, algorithm) in [(Key::p256(7), -7), (Key::ed25519(7), -8), (Key::Rsa, -257)] {
        let mut authenticator = Authenticator {
            key,
            sign_count: 4,
            flags: Authenticator::FLAGS | BACKED_UP,
            ..authenticator()
        };
        let new = registered(&authenticator).unwrap();
        assert_eq!(new.id, authenticator.id);
        assert_eq!(new.public_key, authenticator.key.cose());
        assert_eq!((new.algorithm, new.sign_count), (algorithm, 4));
        assert!(new.is_backup_eligible && new.is_backed_up);
        let expected = Use {
            sign_count: 4,
            is_backed_up: true,
        };
        assert_eq!(asserted(&authenticator), Ok(expected));
        authenticator.flags = Authenticator::FLAGS;
        assert!(!asserted(&authenticator).unwrap().is_backed_up);
    }
}

#[test]
fn client_data_are_json() {
    let (client_data, attestation) = authenticator().create(CHALLENGE);
    let text = String::from_utf8(client_data).unwrap();
    for (found, instead) in [
        ("{", "["),
        ("}", ""),
        ("\"challenge\"", "\"other\""),
        ("\"origin\"", "\"type\""),
        ("false", "\"false\""),
        ("site", "\u{0}"),
    ] {
        let broken = text.replacen(found, instead, 1);
        let outcome = register(broken.as_bytes(), &attestation);
        assert_eq!(outcome, Err(FailedStep::ClientData), "{broken}");
    }
    for bytes in [b"\xff".as_slice(), b"", b"null", b"\"\""] {
        assert_eq!(register(bytes, &attestation), Err(FailedStep::ClientData));
    }
    // Browsers may add members, and a mark of the byte order is none of the text.
    let more = text.replacen('{', "\u{feff}{\"more\":[1],", 1);
    assert!(register(more.as_bytes(), &attestation).is_ok(), "{more}");
}

#[test]
fn the_type_is_of_the_ceremony() {
    let authenticator = authenticator();
    let client_data = authenticator.client_data("webauthn.get", CHALLENGE);
    let (_, attestation) = authenticator.create(CHALLENGE);
    assert_eq!(register(&client_data, &attestation), Err(FailedStep::Type));
    let client_data = authenticator.client_data("webauthn.create", CHALLENGE);
    let signed = authenticator.sign(client_data, authenticator.data(None));
    let outcome = used(&authenticator.key, &signed, None);
    assert_eq!(outcome, Err(FailedStep::Type));
}

#[test]
fn the_challenge_is_the_one_that_was_given() {
    let authenticator = authenticator();
    for other in [
        b"a challenge of the sitf".as_slice(),
        b"a challenge of the sit",
        b"",
    ] {
        let (client_data, attestation) = authenticator.create(other);
        assert_eq!(
            register(&client_data, &attestation),
            Err(FailedStep::Challenge)
        );
        let signed = authenticator.get(other);
        let outcome = used(&authenticator.key, &signed, None);
        assert_eq!(outcome, Err(FailedStep::Challenge));
    }
}

/// Both ceremonies refuse what `change` makes of an honest authenticator.
fn both_refuse(step: FailedStep, change: impl Fn(&mut Authenticator)) {
    let mut authenticator = authenticator();
    change(&mut authenticator);
    assert_eq!(registered(&authenticator), Err(step));
    assert_eq!(asserted(&authenticator), Err(step));
}

#[test]
fn the_origin_is_exactly_the_sites() {
    for origin in [
        "http://site.example",
        "https://site.example:8443",
        "https://site.example.",
        "https://site.example/",
        "https://sub.site.example",
        "https://site.example.evil.example",
        "https://SITE.example",
        "null",
    ] {
        both_refuse(FailedStep::Origin, |it| it.origin = origin.to_owned());
    }
}

#[test]
fn no_other_site_frames_the_page() {
    both_refuse(FailedStep::CrossOrigin, |it| it.is_framed = true);
    let (client_data, attestation) = authenticator().create(CHALLENGE);
    let text = String::from_utf8(client_data).unwrap();
    let framed = text.replacen('{', "{\"topOrigin\":\"https://evil.example\",", 1);
    let outcome = register(framed.as_bytes(), &attestation);
    assert_eq!(outcome, Err(FailedStep::CrossOrigin));
    // Level 1 knows no such member.
    let old = text.replacen(",\"crossOrigin\":false", "", 1);
    assert!(register(old.as_bytes(), &attestation).is_ok());
}

#[test]
fn the_relying_party_is_the_site() {
    for rp_id in ["example", "sub.site.example", "evil.example", ""] {
        both_refuse(FailedStep::RpId, |it| it.rp_id = rp_id.to_owned());
    }
}

#[test]
fn the_user_is_present_and_verified() {
    both_refuse(FailedStep::UserPresent, |it| it.flags &= !USER_PRESENT);
    both_refuse(FailedStep::UserVerified, |it| it.flags &= !USER_VERIFIED);
}

#[test]
fn only_what_is_eligible_is_backed_up_and_that_never_changes() {
    both_refuse(FailedStep::Backup, |it| {
        it.flags = USER_PRESENT | USER_VERIFIED | BACKED_UP;
    });
    let device_bound = Authenticator {
        flags: USER_PRESENT | USER_VERIFIED,
        ..authenticator()
    };
    assert!(!registered(&device_bound).unwrap().is_backup_eligible);
    // The stored one is eligible.
    assert_eq!(asserted(&device_bound), Err(FailedStep::Backup));
}

#[test]
fn an_id_has_1023_bytes_at_most() {
    for (length, is_taken) in [(0, false), (1, true), (1_023, true), (1_024, false)] {
        let authenticator = Authenticator {
            id: vec![1; length],
            ..authenticator()
        };
        let outcome = registered(&authenticator).map(|new| new.id.len());
        let expected = is_taken.then_some(length).ok_or(FailedStep::CredentialId);
        assert_eq!(outcome, expected);
    }
}

#[test]
fn the_attestation_has_its_form_and_its_statement_is_not_looked_at() {
    let authenticator = authenticator();
    let (client_data, honest) = authenticator.create(CHALLENGE);
    let data = authenticator.data(Some(&authenticator.key.cose()));
    let broken = |attestation: &[u8], why: &str| {
        let outcome = register(&client_data, attestation);
        assert_eq!(outcome, Err(FailedStep::AuthenticatorData), "{why}");
    };
    for length in 0..honest.len() {
        broken(&honest[..length], "cut");
    }
    broken(&[&honest[..], &[0]].concat(), "a byte more");
    broken(&attestation(&data[..54]), "data that are cut");
    broken(
        &attestation(&[&data[..], &[0]].concat()),
        "data with a byte more",
    );
    broken(&attestation(&authenticator.data(None)), "no credential");
    // An entry is a length, the name, two bytes of another length, and the data.
    let entry = &honest[honest.len() - data.len() - "xauthDataxx".len()..];
    assert!(register(&client_data, &[&[0xa1], entry].concat()).is_ok());
    broken(&[&[0xa2], entry, entry].concat(), "data twice");

    let mut packed = honest.clone();
    let format = packed.windows(4).position(|word| word == b"none").unwrap();
    packed[format..format + 4].copy_from_slice(b"tpmx");
    assert!(register(&client_data, &packed).is_ok());
    // Extensions that nobody asked for are passed over.
    let mut extended = data;
    extended[32] |= HAS_EXTENSIONS;
    broken(&attestation(&extended), "no extensions");
    extended.extend([0xa1, 0x61, b'x', 0xf5]);
    assert!(register(&client_data, &attestation(&extended)).is_ok());
}

#[test]
fn the_user_is_the_owner() {
    let authenticator = authenticator();
    let signed = authenticator.get(CHALLENGE);
    let outcome = |handle| used(&authenticator.key, &signed, handle).map(|_| ());
    assert_eq!(outcome(Some(b"ada".as_slice())), Ok(()));
    assert_eq!(outcome(None), Ok(()));
    for other in [b"eve".as_slice(), b"", b"adaa"] {
        assert_eq!(outcome(Some(other)), Err(FailedStep::UserHandle));
    }
}

#[test]
fn the_signature_is_by_the_key_over_everything() {
    for (key, other) in [
        (Key::p256(7), Key::p256(8)),
        (Key::ed25519(7), Key::ed25519(8)),
        (Key::Rsa, Key::p256(7)),
    ] {
        let authenticator = Authenticator {
            key,
            ..authenticator()
        };
        let signed = authenticator.get(CHALLENGE);
        assert_eq!(
            used(&other, &signed, None),
            Err(FailedStep::Signature),
            "another key"
        );
        for at in 0..signed.signature.len() {
            let mut forged = signed.clone();
            forged.signature[at] ^= 1;
            let outcome = used(&authenticator.key, &forged, None);
            assert_eq!(outcome, Err(FailedStep::Signature));
        }
        for signature in [&[][..], &[0; 64], &signed.signature[1..]] {
            let forged = SignedUse {
                signature: signature.to_vec(),
                ..signed.clone()
            };
            let outcome = used(&authenticator.key, &forged, None);
            assert_eq!(outcome, Err(FailedStep::Signature));
        }
        // What no step looks at is signed, too.
        let mut forged = signed.clone();
        let text = String::from_utf8(forged.client_data).unwrap();
        forged.client_data = text.replacen('}', " }", 1).into_bytes();
        let outcome = used(&authenticator.key, &forged, None);
        assert_eq!(outcome, Err(FailedStep::Signature));
    }
}

#[test]
fn every_changed_bit_of_what_was_signed_is_refused() {
    let authenticator = authenticator();
    let signed = authenticator.get(CHALLENGE);
    let lengths = [signed.client_data.len(), signed.authenticator_data.len()];
    for (part, length) in lengths.into_iter().enumerate() {
        for bit in 0..length * 8 {
            let mut forged = signed.clone();
            let bytes = match part {
                0 => &mut forged.client_data,
                _ => &mut forged.authenticator_data,
            };
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(
                used(&authenticator.key, &forged, None).is_err(),
                "{part} {bit}"
            );
        }
    }
}

#[test]
fn the_count_rises() {
    for (stored, count, is_taken) in [
        (0, 0, true),
        (0, 1, true),
        (1, 2, true),
        (7, u32::MAX, true),
        (7, 7, false),
        (7, 6, false),
        (7, 0, false),
    ] {
        let authenticator = Authenticator {
            sign_count: count,
            ..authenticator()
        };
        let signed = authenticator.get(CHALLENGE);
        let response = Assertion {
            client_data: &signed.client_data,
            authenticator_data: &signed.authenticator_data,
            signature: &signed.signature,
            user_handle: None,
        };
        let credential = Credential {
            user_handle: b"ada",
            public_key: &authenticator.key.cose(),
            sign_count: stored,
            is_backup_eligible: true,
        };
        let outcome = verify_assertion(&response, &EXPECTED, &credential).map(|it| it.sign_count);
        let expected = is_taken.then_some(count).ok_or(FailedStep::SignCount);
        assert_eq!(outcome, expected, "{stored} {count}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(client_data: Vec<u8>, bytes: Vec<u8>, key: Vec<u8>, at: usize, flags: u8) {
        static AUTHENTICATOR: LazyLock<Authenticator> = LazyLock::new(authenticator);
        let honest = AUTHENTICATOR.client_data("webauthn.create", CHALLENGE);
        let mut data = AUTHENTICATOR.data(None);
        data[32] = flags;
        data.extend(&bytes);
        for client_data in [&client_data, &honest] {
            for attestation in [&bytes, &attestation(&bytes), &attestation(&data)] {
                let _ = register(client_data, attestation);
            }
        }
        let _ = register(&honest, &attestation(&AUTHENTICATOR.data(Some(&key))));
        let (_, mut cut) = AUTHENTICATOR.create(CHALLENGE);
        cut.truncate(at % cut.len());
        cut.extend(&bytes);
        let _ = register(&honest, &cut);
        let signed = SignedUse { client_data, authenticator_data: data, signature: bytes };
        let _ = used(&AUTHENTICATOR.key, &signed, Some(&key));
    }
}
