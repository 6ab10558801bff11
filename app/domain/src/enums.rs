//! Enums that are stored and sent as text, spelled as they stand here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

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

#[cfg(test)]
mod tests {
    use super::*;

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
