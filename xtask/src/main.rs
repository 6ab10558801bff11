//! `cargo x`: the commands for people: building, serving, checking, testing and deploying from a fresh clone.
//! Absent: any part of the product; of our crates, this one depends only on the one that reads database URLs.

mod bench;
mod beside;
mod build;
mod cargo_output;
mod check;
mod count;
mod database;
mod deploy;
mod dev;
mod dotenv;
mod environment;
mod environment_arg;
mod files;
mod judges;
mod native_server;
mod ports;
mod prerender;
mod process;
mod secrets;
mod services;
mod settings;
mod test;
mod tidy;
mod tools;
mod ui;
mod variables;
mod workspace;
mod wrangler;

use clap::{Parser, Subcommand};
use workspace::Workspace;

/// The site's commands. Each installs what it needs, prints its steps, and is quick the second time.
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
    Dev(dev::Args),
    Serve(native_server::Args),
    Build(build::Args),
    Prerender(prerender::Args),
    Deploy(deploy::Args),
    Test(test::Args),
    Check(check::Args),
    /// Check the rules of the house: where lines belong, import cycles, names, documents.
    #[command(after_help = "Example:\n  cargo x tidy")]
    Tidy,
    #[command(subcommand)]
    Db(database::Command),
    #[command(subcommand)]
    Services(services::Command),
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
        Command::Serve(args) => native_server::run(workspace, &args),
        Command::Build(args) => build::run(workspace, &args),
        Command::Prerender(args) => prerender::run(workspace, &args),
        Command::Deploy(args) => deploy::run(workspace, &args),
        Command::Test(args) => test::run(workspace, &args),
        Command::Check(args) => check::run(workspace, &args),
        Command::Tidy => tidy::run(workspace),
        Command::Db(command) => database::run(workspace, &command),
        Command::Services(command) => services::run(workspace, &command),
        Command::Bench(args) => bench::run(workspace, &args),
    }
}
