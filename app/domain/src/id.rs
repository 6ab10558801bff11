//! Ids: UUIDv7, made by the application, so that rows which refer to each other can be written in one batch.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Calls the macro `$callback` with every id type, so that each is listed here alone.
#[macro_export]
macro_rules! for_each_id {
    ($callback:ident) => {
        $callback! {
            /// The id of a user.
            UserId
            /// The id of a post.
            PostId
            /// The id of a comment.
            CommentId
            /// The id of an API token.
            TokenId
            /// The id of a session, which stays when its token is rotated.
            SessionId
            /// The id of a one-time code.
            CodeId
            /// The id of an invite.
            InviteId
            /// The id of a link of a profile.
            LinkId
            /// The id of an event.
            EventId
            /// The id of an earlier state of a post.
            RevisionId
        }
    };
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id; later ids sort after earlier ones (RFC 9562, version 7).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

for_each_id!(ids);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let made: Vec<PostId> = (0..1000).map(|_| PostId::new()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(made[0].to_string().len(), 36);
    }
}
