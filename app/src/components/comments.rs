//! Comments below a post.

use db::queries::comments::CommentRow;
use domain::{Cursor, Page};
use leptos::either::Either;
use leptos::prelude::*;

use super::{Day, Pager};
use crate::address;
use crate::language;
use crate::text::counted;

/// One page of a post's comments, newest first.
#[component]
pub(crate) fn Comments<'a>(
    comments: &'a Page<CommentRow>,
    count: i64,
    path: &'a str,
) -> impl IntoView + use<> {
    if count == 0 {
        return Either::Left(view! {
            <section class="comments" aria-labelledby="comments">
                <h2 id="comments">"Comments"</h2>
                <p class="empty">"Nobody has said anything yet."</p>
            </section>
        });
    }
    let address = |cursor: Cursor| address::list(path, "", "comments", &cursor.to_string());
    let items = comments
        .rows
        .iter()
        .map(|comment| {
            let (lang, dir, own) =
                language::attributes(language::guess_in_html(&comment.body_html));
            view! {
                <li>
                    <article class="comment" lang=lang dir=dir>
                        <p class="meta" lang=own>
                            <a href=format!("/users/{}", comment.author_handle)>
                                <bdi>{comment.author_name.clone()}</bdi>
                            </a>
                            <Day at=comment.created_at/>
                        </p>
                        <div class="comment-body" inner_html=comment.body_html.clone()></div>
                    </article>
                </li>
            }
        })
        .collect_view();
    Either::Right(view! {
        <section class="comments" aria-labelledby="comments">
            <h2 id="comments">{counted(count, "comment", "comments")}</h2>
            <ol>{items}</ol>
            <Pager newer=comments.newer.map(address) older=comments.older.map(address)/>
        </section>
    })
}
