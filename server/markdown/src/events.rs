//! Parser events as the renderer writes them: the author's own text, with typographic signs, and
//! with addresses as links where that is wanted.

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream,
};

use crate::source::restore;
use crate::{autolink, typography};

/// Parses prepared source.
pub(crate) fn parse(source: &str, options: Options, links_addresses: bool) -> Vec<Event<'_>> {
    let options = options | Options::ENABLE_SMART_PUNCTUATION;
    let parser = Parser::new_ext(source, options).into_offset_iter();
    let restored = parser.map(|(event, range)| restore_event(event, &source[range]));
    let mut events = Vec::new();
    let mut is_verbatim = false;
    let mut open_links = 0_usize;
    for event in TextMergeStream::new(restored) {
        match &event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) => is_verbatim = true,
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => is_verbatim = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => open_links += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => open_links -= 1,
            Event::Text(text) if !is_verbatim && text.contains("://") => {
                push_text(&mut events, text, links_addresses && open_links == 0);
                continue;
            }
            _ => {}
        }
        events.push(event);
    }
    typography::apply(&mut events);
    events
}

/// Pushes text whose addresses are as they were typed, as links if `are_links`.
fn push_text(events: &mut Vec<Event<'_>>, text: &str, are_links: bool) {
    let mut pushed = 0;
    for range in autolink::addresses(text) {
        let address: CowStr<'_> = typography::as_typed(&text[range.clone()]).into();
        events.push(Event::Text(text[pushed..range.start].to_owned().into()));
        if are_links {
            events.push(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: address.clone(),
                title: "".into(),
                id: "".into(),
            }));
        }
        events.push(Event::Text(address));
        if are_links {
            events.push(Event::End(TagEnd::Link));
        }
        pushed = range.end;
    }
    events.push(Event::Text(text[pushed..].to_owned().into()));
}

/// Undoes what `source::prepare` did. `written` is the event's source.
fn restore_event<'a>(event: Event<'a>, written: &str) -> Event<'a> {
    match event {
        Event::Text(text) => Event::Text(match typography::mark(&text, written) {
            Some(marked) => marked.into(),
            None => restored(text),
        }),
        Event::Code(text) => Event::Code(restored(text)),
        Event::Html(text) => Event::Html(restored(text)),
        Event::InlineHtml(text) => Event::InlineHtml(restored(text)),
        Event::FootnoteReference(label) => Event::FootnoteReference(restored(label)),
        Event::Start(tag) => Event::Start(restore_tag(tag)),
        event => event,
    }
}

fn restore_tag(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
            Tag::CodeBlock(CodeBlockKind::Fenced(restored(info)))
        }
        Tag::FootnoteDefinition(label) => Tag::FootnoteDefinition(restored(label)),
        Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        } => Tag::Link {
            link_type,
            dest_url: restored(dest_url),
            title: restored(title),
            id,
        },
        Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        } => Tag::Image {
            link_type,
            dest_url: restored(dest_url),
            title: restored(title),
            id,
        },
        tag => tag,
    }
}

fn restored(text: CowStr<'_>) -> CowStr<'_> {
    let changed = match restore(&text) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(changed) => Some(changed),
    };
    changed.map_or(text, Into::into)
}
