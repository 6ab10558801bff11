//! Decisions about texts in an anonymised export, declared with each column.

/// An anonymised export's treatment of a column.
///
/// Ids, numbers, truth values, times and texts of a closed set stay as they are and need no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Nobody is recognised by it: it stays.
    Public,
    /// An e-mail address: becomes another one, below a domain that no mail reaches.
    Email,
    /// A name in addresses, lower-case words joined by hyphens: becomes another one that no other row has.
    Slug,
    /// The address of a page: becomes another one, below a domain that leads nowhere.
    Url,
    /// The name of a person.
    Name,
    /// A text that a person wrote: each letter and digit becomes another one; length, blanks and marks stay.
    Text,
    /// Made of other columns: made anew from what these have become.
    Derived,
    /// The hash of a password: becomes one with which nobody can sign in.
    Password,
    /// A secret without which its row means nothing: all rows of the table are left out.
    LeaveOut,
}

#[cfg(test)]
mod tests {
    use super::Personal;
    use crate::schema::{Column, TABLES, Table};
    use crate::value::Kind;

    /// The columns of texts and bytes that nobody has decided about.
    fn undecided(tables: &[Table]) -> Vec<String> {
        let is_left_out = |table: &&Table| {
            let mut columns = table.columns.iter();
            columns.any(|column| column.personal == Some(Personal::LeaveOut))
        };
        let tables = tables.iter().filter(|table| !is_left_out(table));
        let is_undecided = |column: &&Column| {
            matches!(column.kind, Kind::Text | Kind::Bytes)
                && column.words.is_none()
                && column.personal.is_none()
        };
        tables
            .flat_map(|table| table.columns.iter().filter(is_undecided))
            .map(|column| format!("{}.{}", column.table, column.name))
            .collect()
    }

    #[test]
    fn every_text_is_public_or_personal() {
        let undecided = undecided(TABLES);
        assert!(
            undecided.is_empty(),
            "{}: is it personal? Add `.personal(…)` to the column in tables.rs (`Personal::Public` if nobody is recognised by it)",
            undecided.join(", ")
        );
    }

    #[test]
    fn a_text_without_a_decision_is_found() {
        const ID: Column = Column::new::<i64>("notes", "id").key();
        const BODY: Column = Column::new::<Option<String>>("notes", "body");
        const PHOTO: Column = Column::new::<Vec<u8>>("notes", "photo");
        const TITLE: Column = Column::new::<String>("notes", "title").personal(Personal::Public);
        const NOTES: Table = Table::new("notes", &[ID, TITLE, BODY, PHOTO], &[]);
        assert_eq!(undecided(&[NOTES]), ["notes.body", "notes.photo"]);
        const TOKEN: Column = Column::new::<String>("notes", "token").personal(Personal::LeaveOut);
        assert!(undecided(&[Table::new("notes", &[ID, BODY, TOKEN], &[])]).is_empty());
    }
}
