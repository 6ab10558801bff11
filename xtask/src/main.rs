//! `cargo x`: the commands people run. Owns building, serving, checking and testing the product from a fresh clone.
//! Absent: anything of the product itself; this crate depends on none of ours.

mod assets;
mod bench;
mod build;
mod builds;
mod check;
mod chromium;
mod client;
mod count;
mod database;
mod db;
mod deploy;
mod dev;
mod environment;
mod events;
mod files;
mod native;
mod place;
mod prerender;
mod process;
mod secrets;
mod serve;
mod services;
mod sizes;
mod sources;
mod test;
mod tidy;
mod tools;
mod ui;
mod watch;
mod worker;
mod workspace;
mod wrangler;

use clap::{Parser, Subcommand};
use workspace::Workspace;

/// Waypost's commands. Each sets up what it needs, says what it did, and is quick the second time.
#[derive(Parser)]
#[command(name = "cargo x", bin_name = "cargo x", max_term_width = 100)]
struct Cli {
    /// Show the output of every tool as it comes.
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, migrate, seed, serve, and rebuild on change.
    Dev(dev::Args),
    /// Run the site as a native program.
    Serve(serve::Args),
    /// Build the client, the styles and the Worker, and print their sizes.
    Build(build::Args),
    /// Make the pages of posts and authors ahead of time.
    Prerender(prerender::Args),
    /// Build, check, migrate, prerender and deploy.
    Deploy(deploy::Args),
    /// Run every test; the inner loop is `--quick`.
    Test(test::Args),
    /// rustfmt, clippy over each real build, and tidy.
    Check(check::Args),
    /// Check that each line is in its room (rules: xtask/tidy.toml).
    Tidy(tidy::Args),
    /// Migrate or seed a database.
    #[command(subcommand)]
    Db(db::Command),
    /// Start or end private PostgreSQL and MariaDB servers.
    #[command(subcommand)]
    Services(services::Command),
    /// Measure a release build.
    Bench(bench::Args),
}

fn main() {
    let cli = Cli::parse();
    ui::init(cli.verbose);
    let result = process::end_children_on_signals()
        .and_then(|()| Workspace::find())
        .and_then(|workspace| run(&workspace, cli.command));
    if let Err(error) = result {
        while process::is_ending() {
            // The signal's handler exits when all children have.
            std::thread::park();
        }
        ui::error(&format!("{error:#}"));
        process::end_all();
        std::process::exit(1);
    }
}

fn run(workspace: &Workspace, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Dev(args) => dev::run(workspace, &args),
        Command::Serve(args) => serve::run(workspace, &args),
        Command::Build(args) => build::run(workspace, &args),
        Command::Prerender(args) => prerender::run(workspace, &args),
        Command::Deploy(args) => deploy::run(workspace, &args),
        Command::Test(args) => test::run(workspace, &args),
        Command::Check(args) => check::run(workspace, &args),
        Command::Tidy(args) => tidy::run(workspace, &args),
        Command::Db(command) => db::run(workspace, &command),
        Command::Services(command) => services::run(workspace, &command),
        Command::Bench(args) => bench::run(workspace, &args),
    }
}
