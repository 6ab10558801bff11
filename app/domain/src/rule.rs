//! Rules that a browser can hold by itself.

/// The rule of a field, for the attributes of its input (HTML, "constraint validation") and for its reader. It is never stricter than
/// the type that it belongs to, which the server asks; rules that no pattern can say are the type's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// The whole value, as a regular expression of JavaScript.
    pub pattern: Option<&'static str>,
    /// The fewest characters.
    pub min: usize,
    /// The sentence about it, which the type says too.
    pub sentence: &'static str,
}
