//! `cargo x build`: tools, client, styles, Worker, and only when all of them succeeded the files that are served.
//! Absent: how each part is built; see the modules below.

mod assets;
mod builder_paths;
mod features;
pub(crate) mod native;
mod record;
mod shrink;
mod site_dir;
mod sizes;
mod sources;
mod wasm;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::{Mode, Workspace};
use crate::{files, tools, ui};
pub(crate) use assets::write_dev_manifest;
use assets::{DEV_SCRIPT, Manifest, Staged};
pub(crate) use features::WorkerFeatures;
pub(crate) use record::BuildRecord;
pub(crate) use site_dir::SiteDir;
pub(crate) use sources::{Packages, is_leftover};
pub(crate) use wasm::{WORKER_FOLDER, build_worker};

/// The address at which `cargo x dev` serves.
pub(crate) const LOCAL_URL: &str = "http://127.0.0.1:8787";

/// Build the client, the styles and the Worker, prerender the pages that need no database, and print the sizes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x build                     what `wrangler deploy` uploads, without the pages of `cargo x prerender`
  cargo x build --no-prerender      without any page
  cargo x build --native            also the programs of a native server
  cargo x build --dev               quick to build, not optimised, nothing prerendered
  cargo x build --all-engines       with clients for servers that wrangler.jsonc does not name
  cargo x build --features test_routes    with cargo features of the Worker")]
pub(crate) struct Args {
    /// Build quickly, with stable asset names.
    #[arg(long, conflicts_with = "release")]
    dev: bool,
    /// Build for deployment; this is the default.
    #[arg(long)]
    release: bool,
    /// Give the Worker a client for every database server. Without it, a release has those that an environment of
    /// wrangler.jsonc names in its DB_DRIVER; a build for development has all.
    #[arg(long)]
    all_engines: bool,
    /// Cargo features of the Worker, separated by commas.
    #[arg(long)]
    features: Option<String>,
    /// The site's address, for the pages that are prerendered.
    #[arg(long, value_name = "URL", default_value = LOCAL_URL)]
    site_url: String,
    /// Prerender nothing.
    #[arg(long)]
    no_prerender: bool,
    /// Also build the native server and `db-cli`, for a machine without the sources.
    #[arg(long, conflicts_with = "dev")]
    native: bool,
}

/// The parts to build again. The assets are always bundled, which takes no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) client: bool,
    pub(crate) worker: bool,
    /// Makes open pages reload after a build, also in a release.
    pub(crate) dev_script: bool,
}

impl Parts {
    pub(crate) const ALL: Self = Self {
        client: true,
        worker: true,
        dev_script: false,
    };
}

/// The served files that a build changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) assets: bool,
    pub(crate) worker: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let features = match args.dev || args.all_engines {
        true => WorkerFeatures::all(),
        false => WorkerFeatures::deployed(workspace)?,
    }
    .with(args.features.as_deref());
    if args.dev {
        site(workspace, Mode::Dev, &features, Parts::ALL)?;
        ui::line(format_args!("built target/site and {WORKER_FOLDER} (dev)"));
        return Ok(());
    }
    let site_url = (!args.no_prerender).then_some(args.site_url.as_str());
    let dir = SiteDir::new(workspace, None);
    let manifest = release(workspace, &dir, &features, site_url)?;
    sizes::report(workspace, &features)?;
    if args.native {
        for program in native::build_shipped(workspace)? {
            ui::line(format_args!("built {}", workspace.shown(&program)));
        }
    }
    if !manifest.is_current(workspace)? {
        ui::line("the sources have changed since the build began: build again before you deploy");
    }
    Ok(())
}

/// Compiles what needs no tool, while tools are installed.
pub(crate) fn compile(workspace: &Workspace, mode: Mode) -> Result<()> {
    write_dev_manifest(workspace)?;
    wasm::compile(workspace, mode)
}

/// A complete build that is not served yet.
pub(crate) struct Built {
    /// The folder of the assets.
    pub(crate) assets: PathBuf,
    /// The Worker's folder, if that was built.
    worker: Option<PathBuf>,
    /// The hash that the pages were compiled with.
    hash: String,
}

impl Built {
    /// The Worker's folder.
    pub(crate) fn worker(&self) -> Result<&PathBuf> {
        self.worker.as_ref().context("no Worker was built")
    }
}

/// Builds these parts beside the served site.
pub(crate) fn stage(
    workspace: &Workspace,
    mode: Mode,
    features: &WorkerFeatures,
    parts: Parts,
) -> Result<Built> {
    let tools = tools::ensure_beside(workspace, || compile(workspace, mode))?;
    let client = wasm::client_folder(workspace, mode).join("client_bg.wasm");
    if parts.client || !client.is_file() {
        wasm::build_client(workspace, &tools, mode)?;
    }
    let has_dev_script = parts.dev_script || mode == Mode::Dev;
    let assets: Staged = assets::build(workspace, mode, has_dev_script)?;
    let hash = assets.write_manifest(workspace)?;
    let build_worker = || build_worker(workspace, &tools, mode, features);
    Ok(Built {
        assets: assets.folder,
        worker: parts.worker.then(build_worker).transpose()?,
        hash,
    })
}

/// Builds these parts and, when all succeeded, serves them. A failure leaves the served site alone. Nothing is
/// prerendered, and earlier pages are gone. Files are changed one by one, so that wrangler sees each change.
pub(crate) fn site(
    workspace: &Workspace,
    mode: Mode,
    features: &WorkerFeatures,
    parts: Parts,
) -> Result<Changed> {
    let built = stage(workspace, mode, features, parts)?;
    let dir = SiteDir::new(workspace, None);
    let lock = dir.lock()?;
    lock.remove_record()?;
    // First the assets: a page must not name one that is not there.
    let assets = files::mirror(&built.assets, &dir.site)?;
    let worker = match &built.worker {
        Some(folder) => files::mirror(folder, &dir.worker)?,
        None => false,
    };
    lock.write_record(&BuildRecord::new(&built.hash, &built.assets)?)?;
    Ok(Changed { assets, worker })
}

/// Builds for deployment and exchanges the site in `dir`. With the site's address, the pages that need no database are
/// prerendered.
pub(crate) fn release(
    workspace: &Workspace,
    dir: &SiteDir,
    features: &WorkerFeatures,
    site_url: Option<&str>,
) -> Result<Manifest> {
    let built = stage(workspace, Mode::Release, features, Parts::ALL)?;
    let pages = match site_url {
        Some(site_url) => Some((native::build_prerenderer(workspace)?, site_url)),
        None => None,
    };
    let record = BuildRecord::new(&built.hash, &built.assets)?;
    let lock = dir.lock()?;
    let next = lock.next()?;
    if let Some((program, site_url)) = pages {
        let pages = native::Pages {
            site_url,
            ..native::Pages::default()
        };
        native::prerender(workspace, &program, &next, &pages)?;
        ui::line("`cargo x prerender` adds the pages of posts and authors");
    }
    record.complete(&built.assets, &next)?;
    lock.remove_record()?;
    lock.exchange(&next)?;
    files::mirror(built.worker()?, &dir.worker)?;
    lock.write_record(&record)?;
    Manifest::read(workspace).context("no asset manifest")
}

/// The record of the site in `dir`, if that is a release of the present sources.
pub(crate) fn current(workspace: &Workspace, dir: &SiteDir) -> Result<Option<BuildRecord>> {
    let (Some(record), Some(manifest)) = (dir.record(), Manifest::read(workspace)) else {
        return Ok(None);
    };
    let is_release = record.build == manifest.build && !manifest.assets.contains_key(DEV_SCRIPT);
    Ok((is_release && manifest.is_current(workspace)?).then_some(record))
}
