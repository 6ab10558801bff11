//! The form by which a passkey is used or added. It is shown by its script alone, which fills it.

use leptos::prelude::*;

use crate::assets::PASSKEYS_JS;
use crate::context;
use crate::passkeys::{Purpose, rp_id};

/// True if passkeys can be used at the address of this site.
pub(super) fn has_passkeys() -> bool {
    context::current().is_some_and(|context| rp_id(context.site()).is_some())
}

/// The form: hidden until the script has found that the browser knows passkeys. `children` are its fields.
#[component]
pub(super) fn PasskeyForm(
    action: &'static str,
    purpose: Purpose,
    label: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <noscript>
            <p class="beside">"Passkeys take scripts, which are off in this browser. Your password works without, and so does a code by mail."</p>
        </noscript>
        <form class="account-form" method="post" action=action data-passkey=purpose.as_str() hidden>
            {children()}
            <button class="button">{label}</button>
            <p class="hint" role="status"></p>
        </form>
        <script type="module" src=PASSKEYS_JS></script>
    }
}
