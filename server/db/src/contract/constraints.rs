//! Constraints: violations are refused, and the error names the constraint.

use domain::UserId;

use super::support::{
    CaseResult, all, child_of, equal, fails, insert_one, insert_with, labels, message, raw, row,
    write,
};
use super::{Clients, ScratchRow};
use crate::queries::{contract, insert};
use crate::{Db, DbError, Value};

pub(super) async fn unique_violations_name_table_and_column(db: &Db, _: &Clients) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let expected = Err(DbError::Unique {
        table: "scratch".to_owned(),
        column: "label".to_owned(),
    });
    equal(&write(db, &[row("one")]).await, &expected)?;
    equal(&write(db, &[row("two"), row("one")]).await, &expected)?;
    // The value does not mislead the parser of the message.
    let odd = "' for key 'users.users_email_key' (email)=(x)";
    write(db, &[row(odd)]).await.map_err(message)?;
    equal(&write(db, &[row(odd)]).await, &expected)?;
    equal(&labels(db).await?, &vec![odd.to_owned(), "one".to_owned()])
}

pub(super) async fn a_duplicate_key_is_a_unique_violation(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let one = row("one");
    let again = ScratchRow {
        id: one.id,
        ..row("again")
    };
    write(db, &[one]).await.map_err(message)?;
    let names = clients.traits.names_duplicate_keys;
    fails(
        &write(db, &[again]).await,
        "a duplicate key was accepted",
        |error| match error {
            DbError::Unique { table, column } => !names || (table == "scratch" && column == "id"),
            _ => false,
        },
    )
}

pub(super) async fn foreign_keys_are_enforced(db: &Db, _: &Clients) -> CaseResult {
    let is_foreign_key = |error: &DbError| matches!(error, DbError::ForeignKey(_));
    let orphan = child_of(&row("nobody"));
    fails(
        &db.write(&insert(db.dialect(), &[orphan])).await,
        "an orphan was accepted",
        is_foreign_key,
    )?;
    let parent = row("parent");
    let child = child_of(&parent);
    let mut statements = vec![insert_one(db, &parent)];
    statements.extend(insert(db.dialect(), &[child]));
    db.write(&statements).await.map_err(message)?;
    let moved = contract::set_id(db.dialect(), parent.id, UserId::new());
    fails(
        &db.run(&moved).await,
        "a parent got another key",
        is_foreign_key,
    )?;
    equal(&all(db).await?, &vec![parent])
}

pub(super) async fn deleting_a_parent_deletes_its_children(db: &Db, _: &Clients) -> CaseResult {
    let (parent, other) = (row("parent"), row("other"));
    let kept = child_of(&other);
    let children = [child_of(&parent), kept.clone(), child_of(&parent)];
    let mut statements = insert(db.dialect(), &[parent.clone(), other.clone()]);
    statements.extend(insert(db.dialect(), &children));
    db.write(&statements).await.map_err(message)?;
    db.run(&contract::delete_scratch(db.dialect(), parent.id))
        .await
        .map_err(message)?;
    let left = db.all(contract::children()).await.map_err(message)?;
    equal(&left, &vec![kept])?;
    equal(&all(db).await?, &vec![other])
}

pub(super) async fn an_unknown_enum_value_is_refused_by_name(db: &Db, _: &Clients) -> CaseResult {
    let role = Value::Text("author".to_owned());
    for word in ["owner", "", "Author", "author,editor"] {
        let word = Value::Text(word.to_owned());
        let statement = insert_with(db, &row("x"), &role, &word);
        fails(
            &db.run(&statement).await,
            "an unknown value was accepted",
            |error| matches!(error, DbError::Check(name) if name.contains("scratch_role_check")),
        )?;
    }
    equal(&all(db).await?.len(), &0)
}

pub(super) async fn null_in_a_required_column_is_refused_by_name(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let given = row("x");
    for (column, value) in [
        ("label", Value::Text("x".to_owned())),
        ("bytes", Value::Bytes(given.bytes.clone())),
        ("whole", Value::Int(given.whole)),
        ("at", Value::Time(given.at)),
    ] {
        let statement = insert_with(db, &given, &value, &Value::Null);
        fails(
            &db.run(&statement).await,
            "NULL was accepted",
            |error| matches!(error, DbError::Check(what) if what.contains(column)),
        )?;
    }
    equal(&all(db).await?.len(), &0)
}

pub(super) async fn a_missing_table_says_what_to_do(db: &Db, _: &Clients) -> CaseResult {
    let says = |error: &DbError| {
        matches!(error, DbError::Unavailable(why)
            if why.contains("never_made") && why.contains("cargo x db migrate"))
    };
    let statement = raw("SELECT id FROM never_made");
    let asked = db.read(std::slice::from_ref(&statement)).await;
    fails(&asked, "a missing table was read", says)?;
    let asked = db.write(&[insert_one(db, &row("x")), statement]).await;
    fails(&asked, "a missing table was read in a batch", says)?;
    equal(&all(db).await?.len(), &0)
}
