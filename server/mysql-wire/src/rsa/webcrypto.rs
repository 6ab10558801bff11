//! RSA by WebCrypto.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use super::{MODULUS_BITS, too_long, unusable_key, weak_key};
use crate::Error;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &Object,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = encrypt)]
    fn encrypt(algorithm: &Object, key: &JsValue, message: &Uint8Array)
    -> Result<Promise, JsValue>;
}

pub(super) async fn encrypt_block(key: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
    let key = imported(key).await.map_err(|_| unusable_key())?;
    let modulus_bits = Reflect::get(&key, &"algorithm".into())
        .and_then(|algorithm| Reflect::get(&algorithm, &"modulusLength".into()));
    let modulus_bits = modulus_bits.ok().and_then(|bits| bits.as_f64());
    if !modulus_bits.is_some_and(|bits| MODULUS_BITS.contains(&(bits as usize))) {
        return Err(weak_key());
    }
    encrypted(&key, message).await.map_err(|_| too_long())
}

async fn imported(key: &[u8]) -> Result<JsValue, JsValue> {
    let usages = Array::of1(&"encrypt".into());
    let key = import_key("spki", &Uint8Array::from(key), &oaep()?, false, &usages)?;
    JsFuture::from(key).await
}

async fn encrypted(key: &JsValue, message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let block = encrypt(&oaep()?, key, &Uint8Array::from(message))?;
    Ok(Uint8Array::new(&JsFuture::from(block).await?).to_vec())
}

/// OAEP with SHA-1, as MySQL uses it.
fn oaep() -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"RSA-OAEP".into())?;
    Reflect::set(&algorithm, &"hash".into(), &"SHA-1".into())?;
    Ok(algorithm)
}
