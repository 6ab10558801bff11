//! Answers of Chromium's virtual authenticator, which is another program than these tests.
#![expect(clippy::unwrap_used, reason = "tests")]

use webauthn::{
    Assertion, Credential, Expected, Registration, decode, verify_assertion, verify_registration,
};

const ATTESTATION: &str = "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAQECAwQFBgcIAQIDBAUGBwgAIPk7owdelxoSIwtYO-xb4I4M020CdxykcH57Tx3p0l3DpQECAyYgASFYIFQ91ipreKQ0jG8aWUpuLyvus1Lnbalt2fgUVMX-YGMOIlgg6zjkvqzijfxjZmnU6On0Xe86MhQFNGvByYsDyqDWu60";
const CREATED: &str = "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiWVNCamFHRnNiR1Z1WjJVZ2IyWWdkR2hsSUhOcGRHVSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6OTEwMSIsImNyb3NzT3JpZ2luIjpmYWxzZX0";
const USED: &str = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiWVNCamFHRnNiR1Z1WjJVZ2IyWWdkR2hsSUhOcGRHVSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6OTEwMSIsImNyb3NzT3JpZ2luIjpmYWxzZSwib3RoZXJfa2V5c19jYW5fYmVfYWRkZWRfaGVyZSI6ImRvIG5vdCBjb21wYXJlIGNsaWVudERhdGFKU09OIGFnYWluc3QgYSB0ZW1wbGF0ZS4gU2VlIGh0dHBzOi8vZ29vLmdsL3lhYlBleCJ9";
const DATA: &str = "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg";
const SIGNATURE: &str = "MEUCIQD36PbTZ1Qiz2qs-Y99oemndnAO_L6GPkYnddg9_CjtdQIgHfG7JCVIvXGJ4dz3TuPpXyR5bMDjQE1w8niTYFsz4H0";
const USER_HANDLE: &str = "AZKjtMXWfo-aCxwtPk9aaw";

#[test]
fn what_chromium_sends_is_taken() {
    let bytes = |text| decode(text).unwrap();
    let expected = Expected {
        origin: "http://localhost:9101",
        rp_id: "localhost",
        challenge: b"a challenge of the site",
    };
    let response = Registration {
        client_data: &bytes(CREATED),
        attestation: &bytes(ATTESTATION),
    };
    let new = verify_registration(&response, &expected).unwrap();
    assert_eq!((new.algorithm, new.sign_count), (-7, 1));
    let response = Assertion {
        client_data: &bytes(USED),
        authenticator_data: &bytes(DATA),
        signature: &bytes(SIGNATURE),
        user_handle: Some(&bytes(USER_HANDLE)),
    };
    let credential = Credential {
        user_handle: &bytes(USER_HANDLE),
        public_key: &new.public_key,
        sign_count: new.sign_count,
        is_backup_eligible: new.is_backup_eligible,
    };
    let used = verify_assertion(&response, &expected, &credential).unwrap();
    assert_eq!(used.sign_count, 2);
}
