//! Each target over its corpus, and over a fixed number of inputs made from it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use fuzz::TARGETS;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

/// Inputs that are made for each target.
const CASES: u32 = 1_000;

/// The names of the targets with the folders of their corpora.
fn corpora() -> Vec<(&'static str, &'static str)> {
    include_str!("../corpora.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .collect()
}

/// The texts of a target's corpus.
fn corpus(target: &str) -> Vec<String> {
    let (_, folder) = corpora()
        .into_iter()
        .find(|(name, _)| *name == target)
        .unwrap_or_else(|| panic!("{target} has no corpus"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect()
}

/// A small change of a text.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, char),
    Remove(Index),
    /// The text from one place to another, once more.
    Repeat(Index, Index),
    Cut(Index),
}

impl Change {
    fn apply(&self, text: &mut Vec<char>) {
        let place = |index: &Index| index.index(text.len() + 1);
        match self {
            Self::Insert(at, character) => text.insert(place(at), *character),
            Self::Remove(at) if !text.is_empty() => _ = text.remove(at.index(text.len())),
            Self::Remove(_) => {}
            Self::Repeat(from, to) => {
                let (from, to) = (place(from), place(to));
                let part = text[from.min(to)..from.max(to)].to_vec();
                text.splice(to..to, part);
            }
            Self::Cut(at) => text.truncate(place(at)),
        }
    }
}

/// Texts of the corpus with some changes, among them characters of other texts of the corpus.
fn inputs(corpus: Vec<String>) -> impl Strategy<Value = String> {
    let letters: Vec<char> = corpus
        .concat()
        .chars()
        .chain("\0\u{202e}\u{fffe}é".chars())
        .collect();
    let change = prop_oneof![
        3 => (any::<Index>(), prop_oneof![select(letters), any::<char>()]).prop_map(|(at, c)| Change::Insert(at, c)),
        2 => any::<Index>().prop_map(Change::Remove),
        1 => any::<(Index, Index)>().prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => any::<Index>().prop_map(Change::Cut),
    ];
    (select(corpus), prop::collection::vec(change, 0..12)).prop_map(|(text, changes)| {
        let mut text = text.chars().collect();
        for change in changes {
            change.apply(&mut text);
        }
        text.into_iter().collect()
    })
}

#[test]
fn what_must_hold_holds_for_the_corpora_and_for_inputs_made_from_them() {
    for target in TARGETS {
        let corpus = corpus(target.name);
        for text in &corpus {
            (target.run)(text);
        }
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new(config);
        let outcome = runner.run(&inputs(corpus), |text| {
            (target.run)(&text);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{}: {error}", target.name);
        }
    }
}

#[test]
fn every_corpus_belongs_to_a_target() {
    for (name, _) in corpora() {
        let is_target = TARGETS.iter().any(|target| name == target.name);
        assert!(is_target, "no target reads the corpus of {name}");
    }
}
