//! Servers for which a Worker was built without a client.

/// A server that this build of the Worker cannot speak to.
pub fn left_out(product: &str) -> String {
    format!(
        "This Worker was built without a client for {product}, because no environment of wrangler.jsonc names one: put DB_DRIVER \
         into the vars of its environment there, then build and deploy again."
    )
}
