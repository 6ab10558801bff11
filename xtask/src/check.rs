//! `cargo x check`: everything that can be judged without running the product.
//! Absent: the rules; rustfmt and clippy are configured in Cargo.toml, tidy in tidy.toml.

use anyhow::{Result, bail};

use crate::builds::{BUILDS, Place};
use crate::count::Count;
use crate::workspace::Workspace;
use crate::{assets, process, tidy, tools, ui};

/// rustfmt, clippy over each real build, and tidy.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo x check\n  cargo x check --fix    let rustfmt and clippy mend what they can"
)]
pub(crate) struct Args {
    /// Mend what can be mended by machine.
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let count = all(workspace, args.fix)?;
    if count.failed > 0 {
        bail!(
            "{} of {} checks failed",
            count.failed,
            count.failed + count.passed
        );
    }
    ui::line(format_args!("{} checks passed", count.passed));
    Ok(())
}

/// Runs every check, also after one failed.
pub(crate) fn all(workspace: &Workspace, fix: bool) -> Result<Count> {
    tools::wasm_target(workspace)?;
    assets::announce_dev(workspace)?;
    let mut count = Count::default();
    count.add(ui::step("rustfmt", |step| {
        let mut cargo = workspace.command("cargo");
        cargo.args(["fmt", "--all"]);
        if !fix {
            cargo.arg("--check");
        }
        process::run(step, &mut cargo)?;
        Ok(((), String::new()))
    }));
    for build in BUILDS {
        count.add(ui::step(format!("clippy {}", build.name), |step| {
            let mut cargo = build.cargo(workspace, "clippy");
            if build.place == Place::Native {
                cargo.arg("--all-targets");
            }
            if fix {
                cargo.args(["--fix", "--allow-dirty", "--allow-staged"]);
            }
            process::run(step, cargo.args(["--", "-D", "warnings"]))?;
            Ok(((), String::new()))
        }));
    }
    count.add(ui::step("tidy", |_| Ok(((), tidy::check(workspace)?))));
    Ok(count)
}
