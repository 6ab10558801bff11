//! Typographic signs: dashes and dots in every language, quotation marks in English.
//!
//! The parser finds the straight signs that may be replaced. Until a block is complete, noncharacters
//! stand for them, because a quotation mark depends on the text around it and on its language.

use std::iter::repeat_n;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::characters::is_legal;
use crate::{english, quotes};

const DOUBLE: char = quotes::DOUBLE;
const SINGLE: char = quotes::SINGLE;
const HYPHEN: char = '\u{fdd4}';
const DOT: char = '\u{fdd5}';

/// Stands for code and pictures among text.
const OBJECT: char = '\u{fffc}';

/// Returns the marks for a sign that the parser has replaced; `None` for any other text.
pub(crate) fn mark(text: &str, written: &str) -> Option<String> {
    let is_sign = match text {
        "“" | "”" | "‘" | "’" => written == "\"" || written == "'",
        "…" => written == "...",
        _ => text.starts_with(['–', '—']) && written.bytes().all(|byte| byte == b'-'),
    };
    let mark = |sign: char| match sign {
        '"' => DOUBLE,
        '\'' => SINGLE,
        '-' => HYPHEN,
        _ => DOT,
    };
    is_sign.then(|| written.chars().map(mark).collect())
}

pub(crate) fn is_sign(letter: char) -> bool {
    [DOUBLE, SINGLE, DOT].contains(&letter)
}

pub(crate) fn is_double_quote(letter: char) -> bool {
    letter == DOUBLE
}

/// Replaces the marks by what the author typed.
pub(crate) fn as_typed(text: &str) -> String {
    let typed = |letter: char| match letter {
        DOUBLE => '"',
        SINGLE => '\'',
        HYPHEN => '-',
        DOT => '.',
        letter => letter,
    };
    text.chars().map(typed).collect()
}

/// Replaces the marks in the text of a document.
pub(crate) fn apply(events: &mut [Event<'_>]) {
    let is_english = english::is_english(prose(events));
    let mut start = 0;
    for end in 0..=events.len() {
        if events.get(end).is_none_or(is_boundary) {
            apply_to_block(&mut events[start..end], is_english);
            start = end + 1;
        }
    }
}

/// Text outside code.
fn prose<'a>(events: &'a [Event<'_>]) -> impl Iterator<Item = &'a str> {
    let mut is_code = false;
    events.iter().filter_map(move |event| match event {
        Event::Start(Tag::CodeBlock(_)) => {
            is_code = true;
            None
        }
        Event::End(TagEnd::CodeBlock) => {
            is_code = false;
            None
        }
        Event::Text(text) if !is_code => Some(text.as_ref()),
        _ => None,
    })
}

/// True between blocks of text.
fn is_boundary(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => is_block(&tag.to_end()),
        Event::End(tag) => is_block(tag),
        event => matches!(event, Event::Rule | Event::Html(_)),
    }
}

fn is_block(tag: &TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}

fn apply_to_block(events: &mut [Event<'_>], is_english: bool) {
    let has_marks = |event: &Event<'_>| match event {
        Event::Text(text) => !text.chars().all(is_legal),
        _ => false,
    };
    if !events.iter().any(has_marks) {
        return;
    }
    let mut block = String::new();
    for event in &*events {
        match event {
            Event::Text(text) => block.push_str(text),
            Event::Code(_) | Event::Start(Tag::Image { .. }) => block.push(OBJECT),
            Event::SoftBreak | Event::HardBreak | Event::TaskListMarker(_) => block.push(' '),
            _ => {}
        }
    }
    let mut quotes = if is_english {
        quotes::curl(&block)
    } else {
        Vec::new()
    }
    .into_iter();
    for event in events {
        if has_marks(event)
            && let Event::Text(text) = event
        {
            *text = replace_marks(text, &mut quotes).into();
        }
    }
}

fn replace_marks(text: &str, quotes: &mut impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            HYPHEN => {
                let length = rest.len() - rest.trim_start_matches(HYPHEN).len();
                push_dashes(&mut out, length / HYPHEN.len_utf8());
                length
            }
            DOT => {
                out.push('…');
                3 * DOT.len_utf8()
            }
            DOUBLE => {
                out.push(quotes.next().unwrap_or('"'));
                letter.len_utf8()
            }
            SINGLE => {
                out.push(quotes.next().unwrap_or('\''));
                letter.len_utf8()
            }
            letter => {
                out.push(letter);
                letter.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

/// Writes two hyphens as an en dash and three as an em dash, and more as the fewest of both.
fn push_dashes(out: &mut String, hyphens: usize) {
    let (ems, ens) = match (hyphens % 3, hyphens % 2) {
        (0, _) => (hyphens / 3, 0),
        (_, 0) => (0, hyphens / 2),
        (1, _) => (hyphens / 3 - 1, 2),
        _ => (hyphens / 3, 1),
    };
    out.extend(repeat_n('—', ems).chain(repeat_n('–', ens)));
}
