//! The difference of one table.

use db::Dialect;

use super::Steps;
use crate::Change;
use crate::model::{Check, ForeignKey, Index, Table, Unique};

pub(super) fn compare(dialect: Dialect, current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    columns(current, wanted, steps);
    if current.primary_key != wanted.primary_key {
        let (from, to) = (current.primary_key.clone(), wanted.primary_key.clone());
        steps.add(7, Change::ChangeKey(table.clone(), from, to));
    }
    if current.options != wanted.options {
        let options = wanted.options.clone();
        steps.add(6, Change::ChangeOptions(table.clone(), options));
    }
    uniques(dialect, current, wanted, steps);
    foreign_keys(dialect, current, wanted, steps);
    checks(dialect, current, wanted, steps);
    indexes(current, wanted, steps);
    if current.search != wanted.search {
        if let Some(search) = &current.search {
            steps.add(0, Change::DropSearch(current.clone(), search.clone()));
        }
        if let Some(search) = &wanted.search {
            steps.add(13, Change::CreateSearch(wanted.clone(), search.clone()));
        }
    }
}

fn columns(current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    for column in &wanted.columns {
        match current.column(&column.name) {
            None => steps.add(5, Change::AddColumn(table.clone(), column.clone())),
            Some(present) if present != column => {
                let (from, to) = (present.clone(), column.clone());
                steps.add(6, Change::AlterColumn(table.clone(), from, to));
            }
            Some(_) => {}
        }
    }
    let gone = current.columns.iter();
    for column in gone.filter(|column| wanted.column(&column.name).is_none()) {
        steps.add(10, Change::DropColumn(table.clone(), column.clone()));
    }
}

/// Pairs of what is the same but for its name, what only the first has, and what only the second has.
fn pair<T: Clone>(
    current: &[T],
    wanted: &[T],
    is_same: impl Fn(&T, &T) -> bool,
) -> (Vec<(T, T)>, Vec<T>, Vec<T>) {
    let mut added: Vec<T> = wanted.to_vec();
    let (mut same, mut gone) = (Vec::new(), Vec::new());
    for one in current {
        match added.iter().position(|other| is_same(one, other)) {
            Some(at) => same.push((one.clone(), added.remove(at))),
            None => gone.push(one.clone()),
        }
    }
    (same, gone, added)
}

/// The two names, if they differ and are worth a step: on SQLite only a copy of the table has another one; see `other_names`.
fn renamed(
    dialect: Dialect,
    from: Option<&String>,
    to: Option<&String>,
) -> Option<(String, String)> {
    let (from, to) = (from?, to?);
    (from != to && dialect != Dialect::Sqlite).then(|| (from.clone(), to.clone()))
}

/// The names of constraints that differ in nothing else.
pub(super) fn names(current: &Table, wanted: &Table) -> Vec<(String, String)> {
    let (uniques, ..) = pair(&current.uniques, &wanted.uniques, same_unique);
    let (keys, ..) = pair(&current.foreign_keys, &wanted.foreign_keys, same_key);
    let (checks, ..) = pair(&current.checks, &wanted.checks, same_check);
    let uniques = uniques.into_iter().map(|(a, b)| (a.name, b.name));
    let keys = keys.into_iter().map(|(a, b)| (a.name, b.name));
    let checks = checks.into_iter().map(|(a, b)| (a.name, b.name));
    let all = uniques.chain(keys).chain(checks);
    all.filter_map(|(from, to)| Some((from?, to?)))
        .filter(|(from, to)| from != to)
        .collect()
}

fn same_unique(a: &Unique, b: &Unique) -> bool {
    a.columns == b.columns
}

fn same_key(a: &ForeignKey, b: &ForeignKey) -> bool {
    let unnamed = |key: &ForeignKey| ForeignKey {
        name: None,
        ..key.clone()
    };
    unnamed(a) == unnamed(b)
}

fn same_check(a: &Check, b: &Check) -> bool {
    a.condition == b.condition
}

fn uniques(dialect: Dialect, current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    let (same, gone, added) = pair(&current.uniques, &wanted.uniques, same_unique);
    for (a, b) in same {
        if let Some((from, to)) = renamed(dialect, a.name.as_ref(), b.name.as_ref()) {
            let change = Change::RenameConstraint(table.clone(), from, to, true);
            steps.add(9, change);
        }
    }
    for unique in gone {
        let is_replaced = added.iter().any(|other| other.name == unique.name);
        let turn = if is_replaced { 3 } else { 9 };
        steps.add(turn, Change::DropUnique(table.clone(), unique));
    }
    for unique in added {
        steps.add(8, Change::AddUnique(table.clone(), unique));
    }
}

/// Gives constraints their wanted names; MySQL cannot, and removes and adds them.
fn rename<T>(
    dialect: Dialect,
    table: &str,
    (same, mut gone, mut added): (Vec<(T, T)>, Vec<T>, Vec<T>),
    name: impl Fn(&T) -> Option<&String>,
    steps: &mut Steps,
) -> (Vec<T>, Vec<T>) {
    for (a, b) in same {
        let Some((from, to)) = renamed(dialect, name(&a), name(&b)) else {
            continue;
        };
        if dialect == Dialect::MySql {
            gone.push(a);
            added.push(b);
        } else {
            let change = Change::RenameConstraint(table.to_owned(), from, to, false);
            steps.add(9, change);
        }
    }
    (gone, added)
}

fn foreign_keys(dialect: Dialect, current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    let pairs = pair(&current.foreign_keys, &wanted.foreign_keys, same_key);
    let (gone, added) = rename(dialect, table, pairs, |key| key.name.as_ref(), steps);
    for key in gone {
        steps.add(2, Change::DropForeignKey(table.clone(), key));
    }
    for key in added {
        steps.add(12, Change::AddForeignKey(table.clone(), key));
    }
}

fn checks(dialect: Dialect, current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    let pairs = pair(&current.checks, &wanted.checks, same_check);
    let (gone, added) = rename(dialect, table, pairs, |check| check.name.as_ref(), steps);
    for check in gone {
        steps.add(3, Change::DropCheck(table.clone(), check));
    }
    for check in added {
        steps.add(11, Change::AddCheck(table.clone(), check));
    }
}

fn indexes(current: &Table, wanted: &Table, steps: &mut Steps) {
    let table = &wanted.name;
    let mut added: Vec<Index> = Vec::new();
    let mut left: Vec<Index> = Vec::new();
    for index in &current.indexes {
        match wanted.indexes.iter().find(|other| other.name == index.name) {
            Some(same) if same == index => {}
            Some(other) => steps.add(
                9,
                Change::ReplaceIndex(table.clone(), index.clone(), other.clone()),
            ),
            None => left.push(index.clone()),
        }
    }
    for index in &wanted.indexes {
        if current.indexes.iter().any(|other| other.name == index.name) {
            continue;
        }
        let is_same = |other: &Index| {
            *index
                == Index {
                    name: index.name.clone(),
                    ..other.clone()
                }
        };
        match left.iter().position(is_same) {
            Some(at) => {
                let change =
                    Change::RenameIndex(table.clone(), left.remove(at), index.name.clone());
                steps.add(9, change);
            }
            None => added.push(index.clone()),
        }
    }
    for index in added {
        steps.add(8, Change::AddIndex(table.clone(), index));
    }
    for index in left {
        steps.add(9, Change::DropIndex(table.clone(), index));
    }
}
