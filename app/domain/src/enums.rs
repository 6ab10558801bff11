//! The closed sets of words that rows carry. The words are stored and shown in JSON as they stand here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that stands for this value in the database and in JSON.
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

words! {
    /// What a user may do; each role includes the ones before it.
    Role {
        /// Reads and comments.
        Reader = "reader",
        /// Writes posts of his own.
        Author = "author",
        /// Edits everybody's posts.
        Editor = "editor",
        /// Manages users.
        Admin = "admin",
    }
}

words! {
    /// Where a post stands between a first line and the archive.
    PostStatus {
        /// Being written; its author alone sees it.
        Draft = "draft",
        /// Finished, waiting for its time.
        Scheduled = "scheduled",
        /// Public.
        Published = "published",
        /// Was public and is withdrawn.
        Archived = "archived",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_strangers_are_refused() {
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
