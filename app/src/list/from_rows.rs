//! From the rows of queries to the items of lists.

use db::queries::posts::PostCard;
use db::queries::users::Profile;
use domain::{Cursor, Search, highlight};

use super::{ListPage, PostItem, UserItem};
use crate::html::escaped;
use crate::language;
use crate::text::counted;

impl ListPage {
    /// The cursor of the page of older rows.
    pub(crate) const fn older(&self) -> Option<Cursor> {
        match self {
            Self::Posts(page) => page.older,
            Self::Users(page) => page.older,
        }
    }
}

impl PostItem {
    /// `post`, with what `search` matches marked.
    pub(crate) fn new(post: PostCard, search: &Search) -> Self {
        let language = language::guess(&[post.title.as_str(), &post.excerpt]);
        Self {
            slug: post.slug,
            language: language.to_owned(),
            title_html: marked(&post.title, search),
            excerpt_html: marked(&post.excerpt, search),
            snippet_html: post.snippet.map(|text| marked(&text, search)),
            published_at: post.published_at.rfc3339(),
            published_on: post.published_at.day(),
            author_handle: post.author_handle,
            author_name: post.author_name,
            reading_time: format!("{} min read", post.reading_minutes),
        }
    }
}

impl UserItem {
    /// `user`, with what `search` matches marked.
    pub(crate) fn new(user: Profile, search: &Search) -> Self {
        let language = language::guess(&[user.name.as_str(), &user.bio]);
        Self {
            handle: user.handle,
            language: language.to_owned(),
            name_html: marked(&user.name, search),
            bio_html: marked(&user.bio, search),
            post_count: counted(user.post_count, "post", "posts"),
        }
    }
}

/// `text` as HTML, with what `search` matches in `<mark>`.
fn marked(text: &str, search: &Search) -> String {
    let mut html = String::with_capacity(text.len());
    for piece in highlight(text, search) {
        if piece.is_match {
            html.push_str("<mark>");
            html.push_str(&escaped(piece.text));
            html.push_str("</mark>");
        } else {
            html.push_str(&escaped(piece.text));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_its_matches_are_marked() {
        for (text, typed, html) in [
            ("The night train", "", "The night train"),
            ("The night train", "night", "The <mark>night</mark> train"),
            ("<b>&amp;", "", "&lt;b&gt;&amp;amp;"),
            ("a<b>", "b", "a&lt;<mark>b</mark>&gt;"),
            ("列車", "列 車", "<mark>列</mark><mark>車</mark>"),
            ("", "night", ""),
        ] {
            assert_eq!(
                marked(text, &Search::parse(typed)),
                html,
                "{typed} in {text}"
            );
        }
    }
}
