//! The form of a case: texts of the schema, and what stands in their place.

/// One change of the schema.
pub(crate) struct Case {
    /// A claim.
    pub(crate) name: &'static str,
    /// Texts of the schema and what stands in their place.
    pub(crate) edits: &'static [(&'static str, &'static str)],
    /// The renames that are asked for.
    pub(crate) renames: &'static [&'static str],
    /// The values that NULL becomes: column and text.
    pub(crate) filled: Option<(&'static str, &'static str)>,
}

pub(crate) const fn case(
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
) -> Case {
    Case {
        name,
        edits,
        renames: &[],
        filled: None,
    }
}

pub(crate) const fn renames(
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
    renames: &'static [&'static str],
) -> Case {
    Case {
        renames,
        ..case(name, edits)
    }
}

pub(crate) const fn fills(
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
    filled: (&'static str, &'static str),
) -> Case {
    Case {
        filled: Some(filled),
        ..case(name, edits)
    }
}
