//! Enums that are stored and sent as text, spelled as they stand here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// The text of every value, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The text of this value in the database and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}

text_enum! {
    /// A user's permissions; each role includes the ones before it.
    Role {
        /// Reads and comments.
        Reader = "reader",
        /// Writes posts of their own.
        Author = "author",
        /// Edits every author's posts.
        Editor = "editor",
        /// Manages users.
        Admin = "admin",
    }
}

text_enum! {
    /// The stage of a post between its first line and the archive.
    PostStatus {
        /// Being written, and visible to its author only.
        Draft = "draft",
        /// Finished, waiting for its time.
        Scheduled = "scheduled",
        /// Public.
        Published = "published",
        /// Withdrawn after it was public.
        Archived = "archived",
    }
}

text_enum! {
    /// The reason why a state of a post was kept.
    RevisionKind {
        /// It was saved, and replaced by another one.
        Saved = "saved",
        /// Readers saw it.
        Published = "published",
    }
}

text_enum! {
    /// A permission of an API token; each scope includes the ones before it.
    Scope {
        /// Reading what its owner may read.
        Read = "read",
        /// Writing what its owner may write.
        Write = "write",
        /// Doing what only administrators do, and closing the account.
        Admin = "admin",
    }
}

text_enum! {
    /// The purpose of a one-time code: a code is good for nothing else.
    CodePurpose {
        /// Proves that an address is its user's.
        VerifyEmail = "verify_email",
        /// Signs in.
        SignIn = "sign_in",
        /// Allows a new password.
        ResetPassword = "reset_password",
        /// Proves the address that a user changes to.
        ChangeEmail = "change_email",
        /// Proves again that a signed-in person is who they were.
        Confirm = "confirm",
        /// Signs in by a link that an operator printed.
        Link = "link",
        /// Makes the first account an administrator's.
        SetUp = "set_up",
    }
}

text_enum! {
    /// Something that happened to an account, for its owner and for administrators.
    EventKind {
        /// An account was made.
        SignedUp = "signed_up",
        /// A session began.
        SignedIn = "signed_in",
        /// A wrong password, code or passkey.
        SignInFailed = "sign_in_failed",
        /// A session was ended by its own browser.
        SignedOut = "signed_out",
        /// A session was ended from elsewhere.
        SessionRevoked = "session_revoked",
        /// All other sessions were ended.
        SessionsRevoked = "sessions_revoked",
        /// A signed-in person proved again who they are.
        Confirmed = "confirmed",
        /// A new password, by somebody who was signed in.
        PasswordChanged = "password_changed",
        /// A new password, by a code.
        PasswordReset = "password_reset",
        /// The address was proved.
        EmailVerified = "email_verified",
        /// Another address.
        EmailChanged = "email_changed",
        /// Another handle.
        HandleChanged = "handle_changed",
        /// A new passkey.
        PasskeyAdded = "passkey_added",
        /// A passkey was removed.
        PasskeyRemoved = "passkey_removed",
        /// A new API token.
        TokenCreated = "token_created",
        /// An API token was revoked.
        TokenRevoked = "token_revoked",
        /// A new invite.
        InviteCreated = "invite_created",
        /// An invite was withdrawn.
        InviteRevoked = "invite_revoked",
        /// Another role.
        RoleChanged = "role_changed",
        /// The account was suspended.
        Suspended = "suspended",
        /// The suspension was lifted.
        Restored = "restored",
        /// The person took their data.
        DataExported = "data_exported",
        /// The person asked for the erasure of the account.
        ErasureScheduled = "erasure_scheduled",
        /// The person kept the account after all.
        ErasureUndone = "erasure_undone",
        /// The account was erased.
        Erased = "erased",
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    #[test]
    fn a_word_is_the_same_in_the_database_and_in_json() {
        for word in CodePurpose::WORDS {
            let written: StrDeserializer<'_, Error> = word.into_deserializer();
            let read = CodePurpose::deserialize(written);
            assert_eq!(read.map(CodePurpose::as_str), Ok(*word));
        }
    }

    #[test]
    fn text_round_trips_and_unknown_text_is_rejected() {
        for word in PostStatus::WORDS {
            assert_eq!(
                word.parse::<PostStatus>().map(PostStatus::as_str),
                Ok(*word)
            );
        }
        assert_eq!("owner".parse::<Role>(), Err(()));
        assert_eq!("Admin".parse::<Role>(), Err(()));
        assert!(Role::Reader < Role::Admin);
    }
}
