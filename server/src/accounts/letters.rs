//! The words of all mails. No name stands in them: whoever signs up with somebody else's address chooses it.

use app::mail::{Key, Letter};

const IGNORE: &str = "Was it not you? Then do nothing: without this code nobody can do anything, and nothing has changed.";

/// A code by which a new password is set.
pub(super) fn reset(code: &str) -> Letter<'_> {
    Letter {
        title: "Your code for a new password",
        before: &[
            "Somebody, most likely you, has asked for a new password. Type this code in the browser where you asked for it:",
        ],
        key: Key::Code(code),
        after: &[
            "It is good for ten minutes and a single use. Nobody from the site will ever ask you for it.",
            IGNORE,
        ],
        reason: "You get this mail because your address was typed on the page for a new password.",
    }
}

/// A code by which somebody signs in.
pub(super) fn sign_in(code: &str) -> Letter<'_> {
    Letter {
        title: "Your code for signing in",
        before: &[
            "Somebody, most likely you, wants to sign in. Type this code in the browser where you asked for it:",
        ],
        key: Key::Code(code),
        after: &[
            "It is good for ten minutes and a single use. Nobody from the site will ever ask you for it.",
            IGNORE,
        ],
        reason: "You get this mail because your address was typed on the page for signing in.",
    }
}

/// A code by which somebody who is signed in proves who they are.
pub(super) fn confirm(code: &str) -> Letter<'_> {
    Letter {
        title: "Your code to confirm that it is you",
        before: &[
            "Somebody who is signed in to your account, most likely you, is about to change something that protects it. Type this code in \
             the browser where you asked for it:",
        ],
        key: Key::Code(code),
        after: &[
            "It is good for ten minutes and a single use. Nobody from the site will ever ask you for it.",
            "Was it not you? Then somebody else is signed in to your account: end the other sessions in the settings, and set a new password.",
        ],
        reason: "You get this mail because a code was asked for in your account.",
    }
}

/// A code by which somebody shows that an address is theirs.
pub(super) fn verify(code: &str) -> Letter<'_> {
    Letter {
        title: "Your code to confirm your address",
        before: &[
            "Somebody, most likely you, has made an account with this address. Type this code in the browser where you did it:",
        ],
        key: Key::Code(code),
        after: &[
            "It is good for a day and a single use.",
            "Was it not you? Then do nothing: without this code the address does not count as confirmed.",
        ],
        reason: "You get this mail because an account was made with your address.",
    }
}

/// A code by which an account gets this address.
pub(super) fn change_email(code: &str) -> Letter<'_> {
    Letter {
        title: "Your code for a new address",
        before: &[
            "Somebody, most likely you, wants this to be the address of their account. Type this code in the browser where you asked for it:",
        ],
        key: Key::Code(code),
        after: &[
            "It is good for ten minutes and a single use. Nobody from the site will ever ask you for it.",
            IGNORE,
        ],
        reason: "You get this mail because your address was typed in the settings of an account.",
    }
}

/// An answer to somebody who wants the address of an account for another one.
pub(super) fn email_taken(_: &str) -> Letter<'_> {
    Letter {
        title: "There is an account with this address already",
        before: &[
            "Somebody, most likely you, wants this to be the address of their account. But it is that of another account, and so nothing \
             has changed. Sign in to that one and give it another address first, or take another address for yours.",
        ],
        key: Key::None,
        after: &[
            "Was it not you? Then do nothing: nobody but you can change the address of your account.",
        ],
        reason: "You get this mail because your address was typed in the settings of another account.",
    }
}

/// An answer to somebody who has no account and wants to get into it.
pub(super) fn nobody(_: &str) -> Letter<'_> {
    Letter {
        title: "There is no account with this address",
        before: &[
            "Somebody, most likely you, has asked for a code to get into an account with this address. There is none: perhaps you have \
             signed up with another address?",
        ],
        key: Key::None,
        after: &[
            "Was it not you? Then do nothing: the site knows nothing of you but this address, and forgets it within days.",
        ],
        reason: "You get this mail because your address was typed on a page of the site.",
    }
}

/// The news that there is a new token for the API. `address` is that of the page where it is revoked.
pub(super) fn token_made(address: &str) -> Letter<'_> {
    Letter {
        title: "A new API token for your account",
        before: &[
            "Somebody, most likely you, has made a token by which a program uses the site for you.",
            "Was it you? Then there is nothing to do. Was it not you? Revoke it, and change your password.",
        ],
        key: Key::Link {
            label: "See your tokens",
            address,
        },
        after: &[],
        reason: "You get this mail because your account has this address.",
    }
}

/// The news that the password is another.
pub(super) const PASSWORD_CHANGED: Letter<'static> = Letter {
    title: "Your password was changed",
    before: &["The password of your account was changed, and every other browser was signed out."],
    key: Key::None,
    after: &[
        "Was it not you? Then somebody knows your password, or can read your mail: change the password of your mailbox first, and \
         then set a new one on the site.",
    ],
    reason: "You get this mail because your account has this address.",
};

/// The news, to the old address, that an account has another one.
pub(super) const EMAIL_GIVEN_UP: Letter<'static> = Letter {
    title: "Your account has another address now",
    before: &[
        "The address of your account was changed. Mail goes to the new one from now on, and you sign in with that one or with your handle.",
    ],
    key: Key::None,
    after: &[
        "Was it not you? Then somebody was signed in to your account and knows its password, or can read your mail: write to the people \
         who run the site.",
    ],
    reason: "You get this mail because your account had this address until now.",
};

/// The news, to the new address, that it is that of an account.
pub(super) const EMAIL_CHANGED: Letter<'static> = Letter {
    title: "This is the address of your account now",
    before: &[
        "You have shown that this address is yours. Mail goes to it from now on, and you can sign in with it.",
    ],
    key: Key::None,
    after: &[],
    reason: "You get this mail because your account has this address.",
};

/// The news that there is one more passkey.
pub(super) const PASSKEY_ADDED: Letter<'static> = Letter {
    title: "A passkey was added to your account",
    before: &[
        "From now on, whoever has the device that keeps it, and can unlock it, can sign in to your account.",
    ],
    key: Key::None,
    after: &[
        "Was it not you? Then remove it in the settings, end the other sessions there, and set a new password.",
    ],
    reason: "You get this mail because your account has this address.",
};

/// The news that there is one passkey less.
pub(super) const PASSKEY_REMOVED: Letter<'static> = Letter {
    title: "A passkey was removed from your account",
    before: &["Nobody can sign in to your account with it any more."],
    key: Key::None,
    after: &[
        "Was it not you? Then somebody else is signed in to your account: end the other sessions in the settings, and set a new password.",
    ],
    reason: "You get this mail because your account has this address.",
};

/// The news that an address is proved, and that whoever made the account before has no way into it any more. `reset` is the address
/// of the page where a password is set.
pub(super) fn shut_out(reset: &str) -> Letter<'_> {
    Letter {
        title: "Your earlier password no longer counts",
        before: &[
            "You have signed in with a code, which shows that this address is yours. Nobody had shown that before, and so anybody may have \
             made the account: its password no longer counts, and every other browser was signed out.",
            "You can set a new password here, or sign in with a code again whenever you like.",
        ],
        key: Key::Link {
            label: "Set a new password",
            address: reset,
        },
        after: &[],
        reason: "You get this mail because your account has this address.",
    }
}

/// The first sentence of [`closed`].
pub(super) const CLOSED: &str =
    "Your account was closed, as you asked, and every browser was signed out.";

/// The news that an account is closed, and the way to keep it.
pub(super) fn closed<'a>(before: &'a [&'a str], keep: &'a str) -> Letter<'a> {
    Letter {
        title: "Your account is to be erased",
        before,
        key: Key::Link {
            label: "Keep my account",
            address: keep,
        },
        after: &[
            "Until then you can sign in and keep it, and everything will be as it was.",
            "Was it not you? Then keep the account, and set a new password.",
        ],
        reason: "You get this mail because your account has this address.",
    }
}

/// The news that an account is open again.
pub(super) const KEPT: Letter<'static> = Letter {
    title: "Your account is kept",
    before: &["Your account is open again, and everything is as it was. It is not erased."],
    key: Key::None,
    after: &["Was it not you? Then somebody can sign in to your account: set a new password."],
    reason: "You get this mail because your account has this address.",
};
