//! The site's own migrations, as they lie in their folders.

/// The names of a dialect's migrations, in the order of their numbers.
pub(crate) fn names(dialect: &str) -> Vec<String> {
    let folder = format!("{}/../../migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).expect("a folder");
    let name = |file: std::fs::DirEntry| file.file_name().into_string().expect("a name in letters");
    let mut names: Vec<String> = files.map(|file| name(file.expect("a file"))).collect();
    names.sort();
    assert!(
        names.len() >= 2 && names[0].starts_with("0001"),
        "{names:?}"
    );
    names
}
