//! The policy: who may do what. One table, in one place; nothing outside it decides.
//!
//! A row is an action. Its cells say from which role on somebody may do it to what is their own, to what is another's but stands
//! below something of their own (a comment below their post), and to anything else; which scope a token needs for it; and whether
//! a person must have proved who they are within the last minutes. Absent: whose a thing is, which the caller knows.

mod scopes;
mod table;

use domain::{Role, Scope, UserId};

pub use scopes::Scopes;
pub use table::Action;
use table::{Confirmed, Grade};

/// Somebody who wants to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in.
    Nobody,
    /// Somebody whose account is suspended.
    Suspended,
    /// Somebody who is signed in.
    Member(Role),
}

impl Actor {
    /// Every kind of actor, in the order of their rights.
    pub const ALL: [Self; 6] = [
        Self::Nobody,
        Self::Suspended,
        Self::Member(Role::Reader),
        Self::Member(Role::Author),
        Self::Member(Role::Editor),
        Self::Member(Role::Admin),
    ];
}

/// The relation of an actor to what the action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the actor's own, or becomes it.
    Own,
    /// It is another's, below something of the actor's.
    Below,
    /// It is another's, or the site's.
    Other,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::Own, Self::Below, Self::Other];

    /// The relation of `actor` to a thing of `owner`.
    pub fn between(actor: UserId, owner: UserId) -> Self {
        if actor == owner {
            Self::Own
        } else {
            Self::Other
        }
    }
}

/// True if `actor` may do `action`.
pub fn may(actor: Actor, action: Action, relation: Relation) -> bool {
    match (actor, grade(action, relation)) {
        (Actor::Nobody | Actor::Suspended, _) | (_, Grade::Never) => false,
        (Actor::Member(role), Grade::From(least)) => role >= least,
    }
}

/// True if a token with `scopes` may be used for `action`, if its owner may do it at all. What only an administrator may do needs
/// the scope `admin`.
pub fn token_may(scopes: Scopes, action: Action, relation: Relation) -> bool {
    let is_admins = grade(action, relation) == Grade::From(Role::Admin);
    action
        .rule()
        .token
        .is_some_and(|scope| scopes.allows(scope) && (!is_admins || scopes.allows(Scope::Admin)))
}

/// The least scope by which a token may be used for `action`; `None` if none is enough.
pub fn least_scope(action: Action, relation: Relation) -> Option<Scope> {
    let mut scopes = scopes::ALL.into_iter();
    scopes.find(|scope| token_may((*scope).into(), action, relation))
}

/// True if a token of somebody in `role` can be used for something by `scope` that it could not by a lesser one.
pub fn is_of_use(scope: Scope, role: Role) -> bool {
    Action::ALL.iter().any(|action| {
        Relation::ALL.into_iter().any(|relation| {
            may(Actor::Member(role), *action, relation)
                && least_scope(*action, relation) == Some(scope)
        })
    })
}

/// True if a person in a browser must have proved within [`domain::lifetimes::CONFIRMATION_TTL`] who they are, to do `action`.
pub fn needs_confirmation(action: Action) -> bool {
    action.rule().confirmed == Confirmed::Needed
}

/// True if somebody with the role `inviter` may give `role` by an invite: nobody gives more than they have.
pub fn may_give(inviter: Role, role: Role) -> bool {
    role <= inviter
}

fn grade(action: Action, relation: Relation) -> Grade {
    let rule = action.rule();
    match relation {
        Relation::Own => rule.own,
        Relation::Below => rule.below,
        Relation::Other => rule.other,
    }
}

#[cfg(test)]
mod tests;
