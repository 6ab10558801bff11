//! Addresses of pages that differ in one part.

/// A path as axum writes it. `{name}` stands for the parameter, of which there is at most one: a part of the path between slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern(pub &'static str);

impl Pattern {
    /// The path whose parameter is `name`. Slugs and handles are letters, digits and hyphens: there is nothing to encode.
    pub fn path(self, name: &str) -> String {
        match self.around_parameter() {
            Some((before, after)) => [before, name, after].concat(),
            None => self.0.to_owned(),
        }
    }

    /// The parameter in `path` as it stands there; empty where the pattern has none.
    pub fn parameter_in(self, path: &str) -> Option<&str> {
        match self.around_parameter() {
            Some((before, after)) => {
                let parameter = path.strip_prefix(before)?.strip_suffix(after)?;
                (!parameter.is_empty() && !parameter.contains('/')).then_some(parameter)
            }
            None => (path == self.0).then_some(""),
        }
    }

    /// Tells whether it has a parameter.
    pub fn has_parameter(self) -> bool {
        self.around_parameter().is_some()
    }

    /// The path before and after the parameter.
    fn around_parameter(self) -> Option<(&'static str, &'static str)> {
        let (before, rest) = self.0.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        Some((before, after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_part_of_the_path() {
        for (pattern, path, expected) in [
            ("/posts/{slug}", "/posts/a-post", Some("a-post")),
            ("/posts/{slug}", "/posts/", None),
            ("/posts/{slug}", "/posts", None),
            ("/posts/{slug}", "/posts/a/b", None),
            ("/users/{handle}", "/users/ada/feed.xml", None),
            (
                "/users/{handle}/feed.xml",
                "/users/ada/feed.xml",
                Some("ada"),
            ),
            ("/users/{handle}/feed.xml", "/users/feed.xml", None),
            ("/users/{handle}/feed.xml", "/users/ada/feed.xml/", None),
            ("/about", "/about", Some("")),
            ("/about", "/about/", None),
            ("/", "/", Some("")),
            ("/", "", None),
        ] {
            assert_eq!(Pattern(pattern).parameter_in(path), expected, "{path}");
        }
    }

    #[test]
    fn paths_are_made_of_patterns() {
        assert_eq!(Pattern("/posts/{slug}").path("a-post"), "/posts/a-post");
        assert_eq!(
            Pattern("/users/{handle}/feed.xml").path("ada"),
            "/users/ada/feed.xml"
        );
        assert_eq!(Pattern("/feed.xml").path(""), "/feed.xml");
    }
}
