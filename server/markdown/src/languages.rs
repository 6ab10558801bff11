//! Highlighted languages: keywords, comments and quotes for the tokenizer.

/// Delimiters of a string literal.
pub(crate) struct Quote {
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
    /// True if a backslash escapes the next character.
    pub(crate) has_escapes: bool,
    pub(crate) is_multiline: bool,
}

/// Token rules that a table of words cannot express.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// Identifiers, operators and calls.
    Code,
    /// Code with lifetimes, raw strings and macros.
    Rust,
    /// The first word of a command is the program.
    Shell,
    /// Selectors and declarations.
    Css,
    /// Keys and values.
    Data,
    /// Tags and text.
    Markup,
}

pub(crate) struct Language {
    /// Names in a fence's info string; the first is shown on the page.
    pub(crate) names: &'static [&'static str],
    pub(crate) grammar: Grammar,
    /// Keywords, separated by spaces.
    pub(crate) keywords: &'static str,
    /// Built-in types, separated by spaces; capitalised names are always types.
    pub(crate) types: &'static str,
    pub(crate) ignores_case: bool,
    pub(crate) line_comment: Option<&'static str>,
    pub(crate) block_comment: Option<(&'static str, &'static str)>,
    /// Longer delimiters come first.
    pub(crate) quotes: &'static [Quote],
    /// Letters allowed as a string prefix, such as `b` in `b"…"`.
    pub(crate) quote_prefixes: &'static str,
    /// Characters that may start an identifier, besides letters and "_".
    pub(crate) identifier_start: &'static str,
    /// Characters allowed inside an identifier, besides letters, digits and "_".
    pub(crate) identifier_inside: &'static str,
}

/// Finds a language by its lower-case name.
pub(crate) fn by_name(name: &str) -> Option<&'static Language> {
    ALL.iter()
        .copied()
        .find(|language| language.names.contains(&name))
}

pub(crate) const ALL: &[&Language] = &[
    &RUST,
    &TYPESCRIPT,
    &JAVASCRIPT,
    &SQL,
    &SHELL,
    &CSS,
    &HTML,
    &JSON,
    &TOML,
    &PYTHON,
];

const fn single_line(delimiter: &'static str, has_escapes: bool) -> Quote {
    Quote {
        open: delimiter,
        close: delimiter,
        has_escapes,
        is_multiline: false,
    }
}

const fn multiline(delimiter: &'static str, has_escapes: bool) -> Quote {
    Quote {
        open: delimiter,
        close: delimiter,
        has_escapes,
        is_multiline: true,
    }
}

const DEFAULT: Language = Language {
    names: &[],
    grammar: Grammar::Code,
    keywords: "",
    types: "",
    ignores_case: false,
    line_comment: None,
    block_comment: None,
    quotes: &[single_line("\"", true), single_line("'", true)],
    quote_prefixes: "",
    identifier_start: "",
    identifier_inside: "",
};

static RUST: Language = Language {
    names: &["rust", "rs"],
    grammar: Grammar::Rust,
    keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in \
        let loop match mod move mut pub ref return self static struct super trait true type union \
        unsafe use where while yield macro_rules",
    types: "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize Self",
    line_comment: Some("//"),
    block_comment: Some(("/*", "*/")),
    quotes: &[multiline("\"", true)],
    quote_prefixes: "bc",
    ..DEFAULT
};

static JAVASCRIPT: Language = Language {
    names: &["js", "javascript", "mjs", "cjs", "jsx"],
    keywords: "as async await break case catch class const continue debugger default delete do else \
        export extends false finally for from function get if import in instanceof let new null of \
        return set static super switch this throw true try typeof undefined var void while with yield",
    line_comment: Some("//"),
    block_comment: Some(("/*", "*/")),
    quotes: &[
        single_line("\"", true),
        single_line("'", true),
        multiline("`", true),
    ],
    identifier_start: "$@",
    identifier_inside: "$",
    ..DEFAULT
};

static TYPESCRIPT: Language = Language {
    names: &["ts", "typescript", "mts", "cts", "tsx"],
    keywords: "abstract as async await break case catch class const continue debugger declare default \
        delete do else enum export extends false finally for from function get if implements import \
        in infer instanceof interface is keyof let namespace new null of private protected public \
        readonly return satisfies set static super switch this throw true try type typeof undefined \
        var void while with yield",
    types: "any bigint boolean never number object string symbol unknown",
    ..JAVASCRIPT
};

static SQL: Language = Language {
    names: &["sql", "sqlite", "postgres", "postgresql", "mysql"],
    keywords: "add all alter analyze and as asc begin between by cascade case cast check collate column \
        commit conflict constraint create cross current_date current_timestamp database default \
        delete desc distinct do drop each else end escape except exists explain false filter first \
        for foreign from full group having if ilike in index inner insert instead intersect into is \
        join key last lateral left like limit materialized natural not nothing null nulls of offset \
        on or order outer over partition plan pragma primary query recursive references release \
        rename replace restrict returning right rollback row rows savepoint select set table \
        temporary then to transaction trigger true truncate union unique update using vacuum values \
        view virtual when where window with without",
    types: "bigint binary blob boolean bytea char date datetime decimal double float int integer json \
        jsonb numeric real serial smallint text time timestamp timestamptz tinyint tsvector uuid varchar",
    ignores_case: true,
    line_comment: Some("--"),
    block_comment: Some(("/*", "*/")),
    quotes: &[
        multiline("'", false),
        single_line("\"", false),
        single_line("`", false),
    ],
    ..DEFAULT
};

static SHELL: Language = Language {
    names: &["sh", "bash", "shell", "zsh", "console"],
    grammar: Grammar::Shell,
    keywords: "case do done elif else esac export fi for function if in local readonly return select set \
        shift then time trap unset until while",
    line_comment: Some("#"),
    quotes: &[multiline("\"", true), multiline("'", false)],
    identifier_start: "./~-",
    identifier_inside: "./~-+:@%#",
    ..DEFAULT
};

static CSS: Language = Language {
    names: &["css", "scss"],
    grammar: Grammar::Css,
    keywords: "important from to and not only or",
    block_comment: Some(("/*", "*/")),
    identifier_start: "-@",
    identifier_inside: "-",
    ..DEFAULT
};

static HTML: Language = Language {
    names: &["html", "xml", "svg", "vue", "svelte"],
    grammar: Grammar::Markup,
    block_comment: Some(("<!--", "-->")),
    quotes: &[multiline("\"", false), multiline("'", false)],
    identifier_inside: "-:.@",
    ..DEFAULT
};

static JSON: Language = Language {
    names: &["json", "jsonc", "json5"],
    grammar: Grammar::Data,
    keywords: "true false null",
    line_comment: Some("//"),
    block_comment: Some(("/*", "*/")),
    ..DEFAULT
};

static TOML: Language = Language {
    names: &["toml", "ini"],
    grammar: Grammar::Data,
    keywords: "true false inf nan",
    line_comment: Some("#"),
    quotes: &[
        multiline("\"\"\"", true),
        multiline("'''", false),
        single_line("\"", true),
        single_line("'", false),
    ],
    identifier_inside: "-",
    ..DEFAULT
};

static PYTHON: Language = Language {
    names: &["python", "py"],
    keywords: "and as assert async await break case class continue def del elif else except False finally \
        for from global if import in is lambda match None nonlocal not or pass raise return True try \
        while with yield",
    types: "bool bytes dict float frozenset int list object self set str tuple",
    line_comment: Some("#"),
    quotes: &[
        multiline("\"\"\"", true),
        multiline("'''", true),
        single_line("\"", true),
        single_line("'", true),
    ],
    quote_prefixes: "bfrFRB",
    identifier_start: "@",
    ..DEFAULT
};
