//! Building the site: tools, client, styles, Worker, and only when all of them succeeded the files that are served.
//! Absent: how each part is built; see `client`, `assets`, `worker`, `prerender`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::assets::{Announced, DEV_SCRIPT, Staged as Assets};
use crate::place::{Note, Place};
use crate::prerender::{self, Wanted};
use crate::workspace::{Mode, Workspace};
use crate::{assets, client, files, native, sizes, tools, ui, worker};

/// Build the client, the styles and the Worker, prerender what needs no database, and print the sizes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x build                     what `wrangler deploy` uploads, but for the pages of `cargo x prerender`
  cargo x build --no-prerender      without any page
  cargo x build --dev               quick to build, not optimised, nothing prerendered
  cargo x build --features test_routes    with cargo features of the Worker")]
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
    /// The site's address, for the pages that are prerendered.
    #[arg(long, value_name = "URL", default_value = prerender::LOCAL)]
    site_url: String,
    /// Prerender nothing.
    #[arg(long)]
    no_prerender: bool,
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
    let features = args.features.as_deref();
    if args.dev {
        site(workspace, Mode::Dev, features, Parts::ALL)?;
        ui::line(format_args!(
            "built target/site and {} (dev)",
            worker::SERVED
        ));
        return Ok(());
    }
    let site_url = (!args.no_prerender).then_some(args.site_url.as_str());
    let built = release(workspace, &Place::usual(workspace), features, site_url)?;
    sizes::report(workspace)?;
    if !built.is_current(workspace)? {
        ui::line("the sources have changed meanwhile: build again before you deploy this");
    }
    Ok(())
}

/// A complete build that is not the served one yet.
pub(crate) struct Built {
    pub(crate) assets: Assets,
    /// The Worker's folder, if that was asked for.
    pub(crate) worker: Option<PathBuf>,
    /// Which build it is, as its pages know it.
    build: String,
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
    let build = assets.announce(workspace)?;
    let worker = if parts.worker {
        Some(worker::build(workspace, &tools, mode, features)?)
    } else {
        None
    };
    Ok(Built {
        assets,
        worker,
        build,
    })
}

/// Builds these parts and, when all succeeded, makes them the ones that are served. A failure leaves what is served
/// alone. Nothing is prerendered, and what was is gone. Files are changed one by one, so that who watches them sees it.
pub(crate) fn site(
    workspace: &Workspace,
    mode: Mode,
    features: Option<&str>,
    parts: Parts,
) -> Result<Changed> {
    let built = stage(workspace, mode, features, parts)?;
    let place = Place::usual(workspace);
    let held = place.hold()?;
    held.forget()?;
    // First the assets: a page must not name one that is not there.
    let assets = files::mirror(&built.assets.folder, &place.site)?;
    let worker = match &built.worker {
        Some(folder) => files::mirror(folder, &place.worker)?,
        None => false,
    };
    held.remember(&Note::of(&built.build, &built.assets.folder)?)?;
    Ok(Changed { assets, worker })
}

/// Builds what is deployed and makes it the site of this place; where its address is given, with the pages that need no
/// database.
pub(crate) fn release(
    workspace: &Workspace,
    place: &Place,
    features: Option<&str>,
    site_url: Option<&str>,
) -> Result<Announced> {
    let built = stage(workspace, Mode::Release, features, Parts::ALL)?;
    let worker = built.worker.context("no Worker was built")?;
    let program = match site_url {
        Some(_) => Some(native::prerender(workspace)?),
        None => None,
    };
    let note = Note::of(&built.build, &built.assets.folder)?;
    let held = place.hold()?;
    let next = held.next()?;
    if let (Some(program), Some(site_url)) = (program, site_url) {
        let wanted = Wanted {
            site_url,
            ..Wanted::default()
        };
        prerender::pages(workspace, &program, &next, &wanted)?;
        ui::line("`cargo x prerender` adds the pages of posts and authors");
    }
    note.complete(&built.assets.folder, &next)?;
    held.forget()?;
    held.exchange(&next)?;
    files::mirror(&worker, &place.worker)?;
    held.remember(&note)?;
    Announced::read(workspace).context("no asset manifest")
}

/// The note on the site of this place, if it is a release of the present sources.
pub(crate) fn current(workspace: &Workspace, place: &Place) -> Result<Option<Note>> {
    let (Some(note), Some(announced)) = (place.note(), Announced::read(workspace)) else {
        return Ok(None);
    };
    let is_release = note.build == announced.build && !announced.assets.contains_key(DEV_SCRIPT);
    Ok((is_release && announced.is_current(workspace)?).then_some(note))
}
