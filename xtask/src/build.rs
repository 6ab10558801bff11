//! Building the site: tools, client, styles, Worker, and only when all of them succeeded the files that are served.
//! Absent: how each part is built; see `client`, `assets`, `worker`.

use std::path::PathBuf;

use anyhow::Result;

use crate::assets::Staged as Assets;
use crate::workspace::{Mode, Workspace};
use crate::{assets, client, sizes, tools, ui, worker};

/// Build the client, the styles and the Worker, and print their sizes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x build                     what `wrangler deploy` uploads
  cargo x build --dev               quick to build, not optimised
  cargo x build --features probe    with cargo features of the Worker")]
pub(crate) struct Args {
    /// Build quickly, with stable asset names.
    #[arg(long, conflicts_with = "release")]
    dev: bool,
    /// Build what is deployed; this is the default.
    #[arg(long)]
    release: bool,
    /// Cargo features of the Worker, separated by commas.
    #[arg(long)]
    features: Option<String>,
}

/// Which parts to build again; the assets are always bundled, which takes no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) client: bool,
    pub(crate) worker: bool,
    /// Whether pages are told to reload, also where the rest is built as for deployment.
    pub(crate) dev_script: bool,
}

impl Parts {
    pub(crate) const ALL: Self = Self {
        client: true,
        worker: true,
        dev_script: false,
    };
}

/// What a build changed among the files that are served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) assets: bool,
    pub(crate) worker: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mode = if args.dev { Mode::Dev } else { Mode::Release };
    site(workspace, mode, args.features.as_deref(), Parts::ALL)?;
    match mode {
        Mode::Dev => ui::line(format_args!(
            "built target/site and {} (dev)",
            worker::SERVED
        )),
        Mode::Release => sizes::report(workspace)?,
    }
    Ok(())
}

/// A complete build that is not the served one yet.
pub(crate) struct Built {
    pub(crate) assets: Assets,
    /// The Worker's folder, if that was asked for.
    pub(crate) worker: Option<PathBuf>,
}

/// Builds these parts beside what is served.
pub(crate) fn stage(
    workspace: &Workspace,
    mode: Mode,
    features: Option<&str>,
    parts: Parts,
) -> Result<Built> {
    let tools = tools::ensure(workspace)?;
    let client = client::folder(workspace, mode).join("client_bg.wasm");
    if parts.client || !client.is_file() {
        client::build(workspace, &tools, mode)?;
    }
    let has_dev_script = parts.dev_script || mode == Mode::Dev;
    let assets = assets::build(workspace, mode, has_dev_script)?;
    assets.announce(workspace)?;
    let worker = if parts.worker {
        Some(worker::build(workspace, &tools, mode, features)?)
    } else {
        None
    };
    Ok(Built { assets, worker })
}

/// Builds these parts and, when all succeeded, makes them the ones that are served. A failure leaves what is served alone.
pub(crate) fn site(
    workspace: &Workspace,
    mode: Mode,
    features: Option<&str>,
    parts: Parts,
) -> Result<Changed> {
    let built = stage(workspace, mode, features, parts)?;
    // First the assets: a page must not name one that is not there.
    let assets = built.assets.publish(workspace)?;
    let worker = match built.worker {
        Some(folder) => worker::publish(workspace, &folder)?,
        None => false,
    };
    Ok(Changed { assets, worker })
}
