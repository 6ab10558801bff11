//! The commands that compare schemas: `generate` writes migrations, `check` looks at a real database, `push` changes one
//! without a migration, `pull` declares one, and `baseline` notes one's state.

mod baseline;
mod check;
mod folders;
mod generate;
mod lints;
mod losses;
mod objects;
mod outcome;
mod pull;
mod push;
mod released;
mod scratch;

pub(crate) use baseline::{BaselineArgs, baseline};
pub(crate) use check::{CheckArgs, check};
pub(crate) use generate::{GenerateArgs, generate};
pub(crate) use pull::{PullArgs, pull};
pub(crate) use push::{PushArgs, push};
pub(crate) use released::{ReleasedArgs, write as note_released};
