//! The commands that compare schemas: `generate` writes migrations, `check` looks at a real database.

mod check;
mod folders;
mod generate;
mod scratch;

pub(crate) use check::{CheckArgs, check};
pub(crate) use generate::{GenerateArgs, generate};
