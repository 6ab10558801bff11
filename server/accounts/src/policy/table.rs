//! The table.

use domain::{Role, Scope};

/// The role from which on something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    From(Role),
    Never,
}

/// The need for a proof, given lately, of who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmed {
    Needed,
    NotNeeded,
}

/// A row of the table.
pub(super) struct Rule {
    pub(super) own: Grade,
    pub(super) below: Grade,
    pub(super) other: Grade,
    pub(super) token: Option<Scope>,
    pub(super) confirmed: Confirmed,
}

const NEVER: Grade = Grade::Never;
const READER: Grade = Grade::From(Role::Reader);
const AUTHOR: Grade = Grade::From(Role::Author);
const EDITOR: Grade = Grade::From(Role::Editor);
const ADMIN: Grade = Grade::From(Role::Admin);

const NONE: Option<Scope> = None;
const READ: Option<Scope> = Some(Scope::Read);
const WRITE: Option<Scope> = Some(Scope::Write);
const ALL: Option<Scope> = Some(Scope::Admin);

const NO: Confirmed = Confirmed::NotNeeded;
const YES: Confirmed = Confirmed::Needed;

/// Declares the actions with their rules: own, below, other; scope of a token; confirmed lately.
macro_rules! table {
    ($($(#[$doc:meta])* $action:ident: $own:ident $below:ident $other:ident, $token:ident, $confirmed:ident;)+) => {
        /// Something that somebody may or may not do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $action,)+ }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action),+];

            pub(super) const fn rule(self) -> Rule {
                match self {
                    $(Self::$action => Rule {
                        own: $own,
                        below: $below,
                        other: $other,
                        token: $token,
                        confirmed: $confirmed,
                    },)+
                }
            }
        }
    };
}

table! {
    /// Read a post that is not public.
    ReadDraft: READER NEVER EDITOR, READ, NO;
    /// Write a new post.
    WritePost: AUTHOR NEVER NEVER, WRITE, NO;
    /// Change a post, or restore an earlier state.
    EditPost: AUTHOR NEVER EDITOR, WRITE, NO;
    /// Publish, schedule, withdraw or archive a post.
    PublishPost: AUTHOR NEVER EDITOR, WRITE, NO;
    /// Give somebody a link to a post that is not public.
    ShareDraft: AUTHOR NEVER EDITOR, WRITE, NO;
    /// Put a post into the bin, or take it out.
    DeletePost: AUTHOR NEVER EDITOR, WRITE, NO;
    /// Delete a post for good.
    ErasePost: AUTHOR NEVER ADMIN, WRITE, NO;
    /// Choose the post that leads the front page.
    PinPost: EDITOR NEVER EDITOR, WRITE, NO;
    /// Rename and merge tags.
    ManageTags: EDITOR NEVER EDITOR, WRITE, NO;
    /// Upload an image.
    UploadImage: AUTHOR NEVER NEVER, WRITE, NO;
    /// Delete an image.
    DeleteImage: AUTHOR NEVER EDITOR, WRITE, NO;

    /// Comment on a post.
    WriteComment: READER NEVER NEVER, WRITE, NO;
    /// Change the words of a comment.
    EditComment: READER NEVER NEVER, WRITE, NO;
    /// Delete a comment.
    DeleteComment: READER AUTHOR EDITOR, WRITE, NO;
    /// Approve, hide or restore a comment.
    ModerateComment: EDITOR AUTHOR EDITOR, WRITE, NO;
    /// Report a comment to the moderators.
    ReportComment: NEVER READER READER, WRITE, NO;
    /// See what was reported and what waits for approval.
    SeeReports: EDITOR AUTHOR EDITOR, READ, NO;

    /// Change name, bio, links and picture.
    EditProfile: READER NEVER NEVER, WRITE, NO;
    /// Take another handle.
    ChangeHandle: READER NEVER NEVER, WRITE, NO;
    /// See an e-mail address.
    SeeEmail: READER NEVER ADMIN, READ, NO;
    /// Change the e-mail address.
    ChangeEmail: READER NEVER NEVER, NONE, YES;
    /// Change the password, or set one.
    ChangePassword: READER NEVER NEVER, NONE, YES;
    /// Add, rename and remove passkeys.
    ManagePasskeys: READER NEVER NEVER, NONE, YES;
    /// Make and revoke API tokens.
    ManageTokens: READER NEVER NEVER, NONE, YES;
    /// See the sessions.
    SeeSessions: READER NEVER NEVER, NONE, NO;
    /// End sessions.
    EndSessions: READER NEVER ADMIN, NONE, NO;
    /// See what happened to an account.
    SeeEvents: READER NEVER ADMIN, READ, NO;
    /// Take all data of an account.
    ExportData: READER NEVER NEVER, ALL, YES;
    /// Have an account erased, or change one's mind about it.
    CloseAccount: READER NEVER NEVER, ALL, YES;

    /// Invite somebody.
    Invite: AUTHOR NEVER NEVER, WRITE, NO;
    /// Withdraw an invite.
    RevokeInvite: AUTHOR NEVER ADMIN, WRITE, NO;
    /// See everybody who has an account, with role and state.
    SeePeople: ADMIN NEVER ADMIN, READ, NO;
    /// Suspend an account, or restore it. Nobody does it to themselves.
    Suspend: NEVER NEVER ADMIN, WRITE, NO;
    /// Give somebody another role. Nobody does it to themselves, so that an administrator is left.
    ChangeRole: NEVER NEVER ADMIN, WRITE, NO;
}
