//! From a path in the source to the files that declare what it names. Follows re-exports.
//! Absent: traits and types; `Type::name` is found by `Type`.

use std::collections::BTreeSet;

use super::modules::Modules;

/// Steps already taken: a module and the names that were looked for from there.
type Seen = BTreeSet<(Vec<String>, Vec<String>)>;

/// The files that declare what `path` means in the module `from`; none when it is another crate's.
pub(super) fn resolve(modules: &Modules, from: &[String], path: &[String]) -> BTreeSet<String> {
    named(modules, from, path, &mut Seen::new()).unwrap_or_default()
}

/// Like [`resolve`] for a path that must exist: a name that is not declared in sight (a macro made it) is the module's.
fn named(
    modules: &Modules,
    from: &[String],
    path: &[String],
    seen: &mut Seen,
) -> Option<BTreeSet<String>> {
    let (at, names) = start(from, path);
    if let Some(files) = find(modules, &at, names, seen) {
        return Some(files);
    }
    let module = deepest(modules, &at, names);
    let is_own = names.len() < path.len() || module.len() > at.len();
    is_own.then(|| modules.get(&module).map(|module| module.files.clone()))?
}

/// Applies the leading `crate`, `self` and `super`.
fn start<'a>(from: &[String], path: &'a [String]) -> (Vec<String>, &'a [String]) {
    let (mut at, mut names) = (from.to_vec(), path);
    while let [first, rest @ ..] = names {
        match first.as_str() {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" => {}
            _ => break,
        }
        names = rest;
    }
    (at, names)
}

/// The last module on the way from `at` along `names`.
fn deepest(modules: &Modules, at: &[String], names: &[String]) -> Vec<String> {
    let mut module = at.to_vec();
    for name in names {
        module.push(name.clone());
        if !modules.contains_key(&module) {
            module.pop();
            break;
        }
    }
    module
}

/// The files where `names`, seen from the module `at`, are declared.
fn find(
    modules: &Modules,
    at: &[String],
    names: &[String],
    seen: &mut Seen,
) -> Option<BTreeSet<String>> {
    if !seen.insert((at.to_vec(), names.to_vec())) {
        return None;
    }
    let module = modules.get(at)?;
    let Some((first, rest)) = names.split_first() else {
        return Some(module.files.clone());
    };
    let child = |name: &String| [at, std::slice::from_ref(name)].concat();
    if modules.contains_key(&child(first)) {
        return find(modules, &child(first), rest, seen);
    }
    // Other crates' paths lead nowhere: `use serde::Serialize`.
    let is_own = |path: &Vec<String>| {
        matches!(path[0].as_str(), "crate" | "super" | "self")
            || modules.contains_key(&child(&path[0]))
            || (path[0] != *first && module.imports.contains_key(&path[0]))
    };
    let mut imported = BTreeSet::new();
    for path in module
        .imports
        .get(first)
        .into_iter()
        .flatten()
        .filter(|path| is_own(path))
    {
        let path = [path.as_slice(), rest].concat();
        imported.extend(named(modules, at, &path, seen).unwrap_or_default());
    }
    if !imported.is_empty() {
        return Some(imported);
    }
    if module.items.contains(first) {
        return Some(module.files.clone());
    }
    let own_globs = module.globs.iter().filter(|path| is_own(path));
    own_globs.into_iter().find_map(|path| {
        let path = [path.as_slice(), names].concat();
        let (at, names) = start(at, &path);
        find(modules, &at, names, seen)
    })
}
