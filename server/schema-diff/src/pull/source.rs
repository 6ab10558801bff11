//! The declarations as they are written: the words of each column, with its comments.

/// A declared table as text.
pub(super) struct Written {
    pub(super) docs: Vec<String>,
    pub(super) table: String,
    pub(super) row: String,
    pub(super) columns: Vec<WrittenColumn>,
}

/// A declared column as text.
pub(super) struct WrittenColumn {
    pub(super) name: String,
    /// Its lines, comments included, without indentation.
    pub(super) lines: Vec<String>,
    /// Its Rust type.
    pub(super) rust_type: String,
}

/// Reads every `table!` of a source file.
pub(super) fn read(source: &str) -> Vec<Written> {
    let blocks = source.split("\ntable! {\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("\n}\n").next());
    blocks.filter_map(table).collect()
}

fn table(block: &str) -> Option<Written> {
    let mut lines = block.lines().map(str::trim);
    let mut docs = Vec::new();
    let head = loop {
        let line = lines.next()?;
        if !line.starts_with("///") {
            break line;
        }
        docs.push(line.to_owned());
    };
    let (table, row) = head.strip_suffix('{')?.split_once(':')?;
    let mut columns = Vec::new();
    let mut own: Vec<String> = Vec::new();
    for line in lines.take_while(|line| *line != "}") {
        own.push(line.to_owned());
        if line.starts_with("//") || !line.ends_with(',') {
            continue;
        }
        let lines = std::mem::take(&mut own);
        let first = lines.iter().find(|line| !line.starts_with("//"))?.clone();
        let (name, rest) = first.split_once(':')?;
        let rust_type = rest.split("=>").next()?.trim().trim_end_matches(',');
        columns.push(WrittenColumn {
            name: name.to_owned(),
            rust_type: rust_type.to_owned(),
            lines,
        });
    }
    Some(Written {
        docs,
        table: table.trim().to_owned(),
        row: row.trim().to_owned(),
        columns,
    })
}

#[cfg(test)]
mod tests {
    use db::schema::{SOURCE, TABLES};

    use super::*;

    #[test]
    fn every_declared_column_is_found_in_the_source() {
        let written = read(SOURCE);
        assert_eq!(written.len(), TABLES.len());
        for table in TABLES {
            let found = written.iter().find(|one| one.table == table.name);
            let found = found.map(|one| &one.columns).into_iter().flatten();
            let names: Vec<&str> = found.map(|column| column.name.as_str()).collect();
            let declared: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(names, declared, "{}", table.name);
        }
    }
}
