//! One crate's modules: the names each declares, and the paths each mentions, read from its source.
//! Absent: types and macro expansion; a name that a macro makes belongs to the file that calls the macro.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use crate::tidy::{Texts, source};

/// A path in the source, such as `crate::queries::posts`, and its place.
#[derive(Clone)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) file: String,
    pub(super) line: usize,
}

/// A module's contents. Modules that `cfg` chooses between share one entry.
#[derive(Default)]
pub(super) struct Module {
    /// The files that declare its items.
    pub(super) files: BTreeSet<String>,
    pub(super) items: BTreeSet<String>,
    /// Names that `use` brings in, with the paths that they stand for.
    pub(super) imports: BTreeMap<String, Vec<Vec<String>>>,
    /// The paths of `use path::*`.
    pub(super) globs: Vec<Vec<String>>,
    pub(super) mentions: Vec<Mention>,
}

/// The modules of one crate by their names' path; the root has the empty one.
pub(super) type Modules = BTreeMap<Vec<String>, Module>;

/// Reads the crate that begins in the file `root`.
pub(super) fn read_crate(root: &str, texts: &Texts) -> Modules {
    let mut modules = Modules::new();
    let mut waiting = vec![(Vec::new(), root.to_owned())];
    let mut seen = BTreeSet::new();
    while let Some((module, file)) = waiting.pop() {
        let Some(text) = texts.get(&file) else {
            continue;
        };
        if !seen.insert((module.clone(), file.clone())) {
            continue;
        }
        let is_folder_owner = module.is_empty()
            || Path::new(&file)
                .file_name()
                .is_some_and(|name| name == "mod.rs");
        let code = source::code_of(text);
        let mut reader = Reader {
            tokens: tokens(&code),
            at: 0,
            lines: text.lines().collect(),
            file: &file,
            is_folder_owner,
            top: module.len(),
            module,
            modules: &mut modules,
            children: Vec::new(),
        };
        reader.items();
        waiting.append(&mut reader.children);
    }
    modules
}

struct Token<'a> {
    text: &'a str,
    line: usize,
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                rest.find(|c| !is_part(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token {
                text,
                line: number + 1,
            });
            rest = after.trim_start();
        }
    }
    tokens
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    lines: Vec<&'a str>,
    file: &'a str,
    /// Set where child modules lie beside this file rather than in a folder of its name.
    is_folder_owner: bool,
    /// How many names of `module` are the file's own; the rest are inline modules.
    top: usize,
    module: Vec<String>,
    modules: &'a mut Modules,
    children: Vec<(Vec<String>, String)>,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    fn here(&mut self) -> &mut Module {
        self.modules.entry(self.module.clone()).or_default()
    }

    /// Reads items until the module's closing brace or the end of the file.
    fn items(&mut self) {
        let file = self.file.to_owned();
        self.here().files.insert(file);
        let mut depth = 0_usize;
        let mut path_attribute = None;
        while self.at < self.tokens.len() {
            let is_path_start =
                self.at == 0 || !matches!(self.tokens[self.at - 1].text, "::" | ".");
            match self.text(0) {
                "#" if self.is_test_gate() => {
                    self.skip_item();
                    continue;
                }
                "#" if self.text(2) == "path" && self.text(3) == "=" => {
                    path_attribute = self.lines[self.line() - 1]
                        .split('"')
                        .nth(1)
                        .map(str::to_owned);
                }
                "{" => depth += 1,
                "}" if depth == 0 => return,
                "}" => depth -= 1,
                "mod" if is_name(self.text(1)) => {
                    self.child_module(path_attribute.take());
                    continue;
                }
                "use" if is_name(self.text(1)) || matches!(self.text(1), "{" | "::") => {
                    self.at += 1;
                    self.use_tree(&[], depth == 0);
                    continue;
                }
                "macro_rules" if self.text(1) == "!" => {
                    let name = self.text(2).to_owned();
                    let exported = self.at >= 2 && self.tokens[self.at - 2].text == "macro_export";
                    if exported {
                        let file = self.file.to_owned();
                        // `crate::name!` finds it from anywhere: a module of that name stands for it.
                        let module = self.modules.entry(vec![name]).or_default();
                        module.files.insert(file);
                    } else {
                        self.here().items.insert(name);
                    }
                }
                "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "fn"
                    if depth == 0 && is_name(self.text(1)) =>
                {
                    let ahead = if self.text(1) == "fn" { 2 } else { 1 };
                    let name = self.text(ahead).to_owned();
                    self.here().items.insert(name);
                }
                first if is_path_start && is_name(first) && self.text(1) == "::" => {
                    self.inline_path();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Returns whether `#[cfg(test)]` or `#[cfg(all(test, …))]` begins here.
    fn is_test_gate(&self) -> bool {
        self.text(2) == "cfg"
            && (self.text(4) == "test" || (self.text(4) == "all" && self.text(6) == "test"))
    }

    /// Skips attributes and the item after them.
    fn skip_item(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "{" | "[" | "(" => depth += 1,
                "}" if depth == 1 => {
                    self.at += 1;
                    return;
                }
                "}" if depth == 0 => return,
                "}" | "]" | ")" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// `mod name;` or `mod name { … }`.
    fn child_module(&mut self, path_attribute: Option<String>) {
        let name = self.text(1).to_owned();
        let is_inline = self.text(2) == "{";
        self.at += 3;
        self.module.push(name.clone());
        if is_inline {
            self.items();
            self.at += 1;
        } else {
            let child = self.module.clone();
            let folder = Path::new(self.file).parent().unwrap_or(Path::new(""));
            let files = match path_attribute {
                Some(path) => vec![folder.join(path)],
                None => {
                    let mut folder = folder.to_owned();
                    if !self.is_folder_owner {
                        folder.push(Path::new(self.file).file_stem().unwrap_or_default());
                    }
                    folder.extend(&self.module[self.top..self.module.len() - 1]);
                    vec![
                        folder.join(format!("{name}.rs")),
                        folder.join(&name).join("mod.rs"),
                    ]
                }
            };
            let files = files.iter().map(|file| (child.clone(), normal(file)));
            self.children.extend(files);
        }
        self.module.pop();
    }

    /// One branch of a `use`, after `prefix`.
    fn use_tree(&mut self, prefix: &[String], binds: bool) {
        let mut path = prefix.to_vec();
        let line = self.line();
        loop {
            match self.text(0) {
                "::" => self.at += 1,
                "*" => {
                    self.at += 1;
                    if binds {
                        self.here().globs.push(path.clone());
                    }
                    return self.mention(path, line);
                }
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | ";" | "") {
                        self.use_tree(&path, binds);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "as" => {
                    let alias = self.text(1).to_owned();
                    self.at += 2;
                    return self.import(path, alias, line, binds);
                }
                "self" if !path.is_empty() => self.at += 1,
                name if is_name(name) => {
                    path.push(name.to_owned());
                    self.at += 1;
                }
                _ => {
                    let name = path.last().cloned().unwrap_or_default();
                    if !matches!(self.text(0), "," | ";" | "}") {
                        self.at += 1;
                    }
                    return self.import(path, name, line, binds);
                }
            }
        }
    }

    fn import(&mut self, path: Vec<String>, name: String, line: usize, binds: bool) {
        if binds {
            self.here()
                .imports
                .entry(name)
                .or_default()
                .push(path.clone());
        }
        self.mention(path, line);
    }

    fn inline_path(&mut self) {
        let line = self.line();
        let mut path = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && is_name(self.text(1)) {
            path.push(self.text(1).to_owned());
            self.at += 2;
        }
        self.mention(path, line);
    }

    fn mention(&mut self, path: Vec<String>, line: usize) {
        let file = self.file.to_owned();
        self.here().mentions.push(Mention { path, file, line });
    }
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.push(part.to_str().unwrap_or_default()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}
