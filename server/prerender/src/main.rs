//! `prerender`: see `prerender --help`.

use anyhow::Result;
use clap::Parser;
use prerender::settings::Settings;

#[tokio::main]
async fn main() -> Result<()> {
    let settings = Settings::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error")).init();
    let summary = prerender::run(&settings, |name| std::env::var(name).ok(), say).await?;
    say(&summary);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the program's answer")]
fn say(line: &str) {
    println!("{line}");
}
