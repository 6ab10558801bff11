//! From a URL to a server's options: scheme, parts, parameters.

use crate::parameters::Draft;
use crate::syntax::Parts;
use crate::{ServerDialect, ServerOptions};

impl ServerOptions {
    /// Parses `postgres://user:password@host:port/database?sslmode=…`, or `mysql://…` alike.
    ///
    /// # Errors
    /// The beginning of a sentence that says what is wrong. It shows nothing that may belong to a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or("it is not a URL")?;
        let Some((dialect, port)) = ServerDialect::from_scheme(scheme) else {
            let is_name = scheme.bytes().all(|byte| byte.is_ascii_lowercase());
            // Without `//` it may be the user's name, or anything else.
            let scheme = (is_name && rest.starts_with("//")).then(|| format!(" with `{scheme}:`,"));
            return Err(format!(
                "it begins{} not with `postgres://` or `mysql://`",
                scheme.unwrap_or_default()
            ));
        };
        let parts = Parts::split(rest)?;
        Draft::new(dialect, parts)?.finish(port)
    }
}
