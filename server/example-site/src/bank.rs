//! The paragraph bank: for each topic openings with their titles, middles and endings, written so that any three go
//! together. Read once from the text files under `bank/`.

use std::sync::LazyLock;

/// What can be said about one subject.
pub(crate) struct Topic {
    /// The file's name, also the key of its comments.
    pub(crate) name: &'static str,
    /// Handles of the people who write about it.
    pub(crate) authors: Vec<&'static str>,
    pub(crate) openings: Vec<Opening>,
    pub(crate) middles: Vec<&'static str>,
    pub(crate) endings: Vec<&'static str>,
}

/// A first paragraph and the titles that fit it.
pub(crate) struct Opening {
    pub(crate) titles: Vec<&'static str>,
    pub(crate) text: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../bank/", $name, ".txt")))),*] };
}

/// Every topic, in a fixed order.
pub(crate) static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| {
    files![
        "walking",
        "letterpress",
        "boats",
        "bread",
        "gardens",
        "repair",
        "radio",
        "night-trains",
        "programming",
        "astronomy",
        "languages",
        "libraries",
        "cities",
        "birds",
    ]
    .into_iter()
    .map(|(name, text)| Topic::read(name, text))
    .collect()
});

/// The pieces of a bank file: what stands after each `== heading`, with the heading.
pub(crate) fn sections(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.strip_prefix("== ")
        .unwrap_or_default()
        .split("\n== ")
        .filter_map(|part| part.split_once('\n'))
        .map(|(heading, body)| (heading, body.trim()))
}

impl Topic {
    fn read(name: &'static str, text: &'static str) -> Self {
        let mut topic = Self {
            name,
            authors: Vec::new(),
            openings: Vec::new(),
            middles: Vec::new(),
            endings: Vec::new(),
        };
        for (heading, body) in sections(text) {
            match (heading, body.split_once('\n')) {
                ("authors", _) => topic.authors = body.split(", ").collect(),
                ("opening", Some((titles, text))) => {
                    topic.openings.push(Opening {
                        titles: titles.split(" | ").collect(),
                        text,
                    });
                }
                ("middle", _) => topic.middles.push(body),
                ("ending", _) => topic.endings.push(body),
                (other, _) => panic!("bank/{name}.txt: unknown or empty section {other:?}"),
            }
        }
        topic
    }
}
