//! The commands that compare schemas: `generate` writes migrations, `check` looks at a real database, `push` changes one
//! without a migration.

mod check;
mod folders;
mod generate;
mod losses;
mod push;
mod scratch;

pub(crate) use check::{CheckArgs, check};
pub(crate) use generate::{GenerateArgs, generate};
pub(crate) use push::{PushArgs, push};
