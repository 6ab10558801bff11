use std::fmt::Write as _;

use super::*;

/// A mark for each relation in which `actor` may do `action`.
fn cell(actor: Actor, action: Action) -> String {
    let marks = Relation::ALL.into_iter().zip(["own", "below", "other"]);
    let allowed: Vec<&str> = marks
        .filter(|(relation, _)| may(actor, action, *relation))
        .map(|(_, mark)| mark)
        .collect();
    if allowed.is_empty() {
        "-".to_owned()
    } else {
        allowed.join(" ")
    }
}

/// Every cell, as the snapshot shows it.
#[test]
fn every_cell() {
    let scopes = ["read", "write", "admin"];
    let mut text = format!(
        "{:<16}|{:<7}|{:<10}|{:<16}|{:<16}|{:<16}|{:<16}| {:<15}| confirmed\n",
        "action", " nobody", " suspended", " reader", " author", " editor", " admin", "token: own"
    );
    for action in Action::ALL {
        let _ = write!(text, "{:<16}", format!("{action:?}"));
        for (actor, width) in Actor::ALL.into_iter().zip([7, 10, 16, 16, 16, 16]) {
            let _ = write!(text, "|{:<width$}", format!(" {}", cell(actor, *action)));
        }
        let least = |relation| {
            let mut scopes = scopes.iter();
            scopes
                .find(|scope| token_may(Scopes::parse(scope), *action, relation))
                .map_or("-", |scope| scope)
        };
        let token = match (least(Relation::Own), least(Relation::Other)) {
            (own, other) if own == other => own.to_owned(),
            (own, other) => format!("{own}, {other}"),
        };
        let confirmed = if needs_confirmation(*action) {
            " yes"
        } else {
            ""
        };
        let _ = writeln!(text, "| {token:<15}|{confirmed}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_scope_is_offered_to_whom_it_is_of_use() {
    for role in [Role::Reader, Role::Author, Role::Editor, Role::Admin] {
        for scope in scopes::ALL {
            let used = Action::ALL.iter().filter(|action| {
                Relation::ALL.into_iter().any(|relation| {
                    may(Actor::Member(role), **action, relation)
                        && least_scope(**action, relation) == Some(scope)
                })
            });
            assert_eq!(is_of_use(scope, role), used.count() > 0, "{role} {scope}");
        }
        // Everybody may take their data, and close their account.
        assert!(is_of_use(Scope::Admin, role), "{role}");
    }
    assert_eq!(
        least_scope(Action::ManageTokens, Relation::Own),
        None,
        "no token makes another"
    );
    assert_eq!(
        least_scope(Action::RevokeInvite, Relation::Other),
        Some(Scope::Admin)
    );
}

#[test]
fn nobody_and_the_suspended_may_nothing() {
    for action in Action::ALL {
        for relation in Relation::ALL {
            assert!(!may(Actor::Nobody, *action, relation), "{action:?}");
            assert!(!may(Actor::Suspended, *action, relation), "{action:?}");
        }
    }
}

#[test]
fn a_higher_role_may_what_a_lower_one_may() {
    for action in Action::ALL {
        for relation in Relation::ALL {
            let allowed = Actor::ALL.map(|actor| may(actor, *action, relation));
            assert!(allowed.is_sorted(), "{action:?} {relation:?}: {allowed:?}");
        }
    }
}

#[test]
fn what_makes_an_account_ones_own_is_done_by_nobody_else_and_by_no_token() {
    use Action::{ChangeEmail, ChangePassword, ManagePasskeys, ManageTokens};
    for action in [ChangeEmail, ChangePassword, ManagePasskeys, ManageTokens] {
        assert!(needs_confirmation(action), "{action:?}");
        for relation in [Relation::Below, Relation::Other] {
            assert!(
                !may(Actor::Member(Role::Admin), action, relation),
                "{action:?}"
            );
        }
        for relation in Relation::ALL {
            assert!(
                !token_may(Scopes::parse("admin"), action, relation),
                "{action:?}"
            );
        }
    }
}

#[test]
fn nobody_changes_their_own_rights() {
    for action in [Action::ChangeRole, Action::Suspend] {
        assert!(
            !may(Actor::Member(Role::Admin), action, Relation::Own),
            "{action:?}"
        );
    }
    let (ada, bob) = (UserId::new(), UserId::new());
    assert_eq!(Relation::between(ada, ada), Relation::Own);
    assert_eq!(Relation::between(ada, bob), Relation::Other);
}

#[test]
fn nobody_gives_more_by_an_invite_than_they_have() {
    let roles = [Role::Reader, Role::Author, Role::Editor, Role::Admin];
    for (rights, inviter) in roles.into_iter().enumerate() {
        let given = roles.map(|role| may_give(inviter, role));
        assert!(given.is_sorted_by(|one, next| one >= next), "{inviter}");
        assert_eq!(given.iter().filter(|may| **may).count(), rights + 1);
    }
}
