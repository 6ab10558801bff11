//! Redirects to addresses that came from outside: to this site alone.

/// The address, if every browser takes it as a path of this site: those take `/\` as `//`, and leave tabs and line ends out.
pub fn of_this_site(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let stays = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (stays && !address.contains(char::is_control)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_would_take_as_another_site_is_no_path() {
        for (address, stays) in [
            ("/", true),
            ("/posts?q=//a\\b", true),
            ("/%5Cevil.example", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("/a\\..\\..\\evil.example", false),
            ("/\t/evil.example", false),
            ("/\r\n/evil.example", false),
            ("https://evil.example", false),
            ("evil", false),
            ("", false),
        ] {
            assert_eq!(of_this_site(address).is_some(), stays, "{address:?}");
        }
    }
}
