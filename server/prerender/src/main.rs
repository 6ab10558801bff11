//! `prerender`: see `prerender --help`.

use anyhow::Result;
use clap::Parser;
use prerender::args::Args;

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error")).init();
    let summary = prerender::run(&args, |name| std::env::var(name).ok(), print).await?;
    print(&summary);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print(line: &str) {
    println!("{line}");
}
