//! The server functions: what islands ask the server.

#![expect(missing_docs, reason = "Leptos writes a struct of the arguments")]

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::Problem;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListKind {
    /// Posts.
    Posts,
    /// People.
    Users,
}

impl ListKind {
    /// Its name in the arguments of a server function.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Users => "users",
        }
    }

    /// The list that lives at `path`.
    pub fn at(path: &str) -> Option<Self> {
        [Self::Posts, Self::Users]
            .into_iter()
            .find(|subject| subject.path() == path)
    }

    /// The path of its list.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Posts => "/posts",
            Self::Users => "/users",
        }
    }
}

/// A page of a list as the page itself would show it: rendered once, by the server, by the same components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The HTML of what stands below the search form.
    pub html: String,
}

/// One page of a list: what `query` finds, from `cursor` on; both as they stand in the address.
///
/// # Errors
/// 400 for a cursor that is not valid; 503 when the database cannot answer.
#[server(prefix = "/fn", endpoint = "find", input = GetUrl, output = Json)]
pub async fn find(subject: ListKind, query: String, cursor: String) -> Result<Fragment, Problem> {
    Ok(crate::pages::fragment(subject, &query, &cursor).await?)
}
