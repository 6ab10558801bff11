//! The tests in Chromium against each way of running the site, one after the other: the Worker on each engine, and the
//! native server. Owns what each of them runs on; all Workers are one build. On D1, the pages that can be are prerendered.
//! Absent: the tests; see end2end/browser.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Outcome, counted};
use crate::build::{self, Parts};
use crate::count::{Count, Runner};
use crate::database::{Amount, Database, Engine, Local, Served, Told};
use crate::environment::Source;
use crate::place::Note;
use crate::prerender::{self, Wanted};
use crate::services::{Service, Services};
use crate::workspace::{Mode, Workspace};
use crate::wrangler::{self, Apart, Said};
use crate::{chromium, files, native, secrets, tools, ui};

/// Where everything of theirs is.
const FOLDER: &str = "target/browser";
/// Where, in a suite's folder, the local D1 is.
const STATE: &str = "state";
/// Tests that together touch every kind of page.
const SMOKE: &str = "@smoke";

/// One run of the tests.
struct Suite {
    /// What its folder and its database are called.
    name: &'static str,
    label: &'static str,
    site: Site,
    /// Only tests with this tag.
    tag: Option<&'static str>,
}

/// A way of running the site.
#[derive(Clone, Copy)]
enum Site {
    Worker(Engine),
    Native(Service),
}

const SUITES: [Suite; 4] = [
    suite(
        "d1",
        "browser tests, Worker on D1",
        Site::Worker(Engine::D1),
    ),
    suite(
        "postgres",
        "browser tests, Worker on PostgreSQL",
        Site::Worker(Engine::Postgres),
    ),
    Suite {
        tag: Some(SMOKE),
        ..suite(
            "mysql",
            "browser smoke, Worker on MySQL",
            Site::Worker(Engine::Mysql),
        )
    },
    suite(
        "native",
        "browser tests, native server on MySQL",
        Site::Native(Service::Mysql),
    ),
];

const fn suite(name: &'static str, label: &'static str, site: Site) -> Suite {
    Suite {
        name,
        label,
        site,
        tag: None,
    }
}

/// Every suite; one that cannot be run is a failure and keeps no other from running.
pub(super) fn run(workspace: &Workspace, services: &Services) -> Result<Outcome> {
    tools::ensure_node(workspace)?;
    let chromium = match chromium::ensure()? {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let builds = Builds::make(workspace, services, chromium)?;
    let mut count = Count::default();
    for suite in &SUITES {
        match builds.run(suite) {
            Ok(counted) => count = count.and(counted),
            Err(error) => count.add(Err(error.context(suite.label))),
        }
    }
    Ok(Outcome::Ran(count))
}

/// What all suites share.
struct Builds<'a> {
    workspace: &'a Workspace,
    services: &'a Services,
    chromium: PathBuf,
    worker: PathBuf,
    assets: PathBuf,
    native: PathBuf,
    prerender: PathBuf,
}

impl<'a> Builds<'a> {
    fn make(workspace: &'a Workspace, services: &'a Services, chromium: PathBuf) -> Result<Self> {
        let built = build::stage(workspace, Mode::Release, None, Parts::ALL)?;
        let worker = built.worker.context("no Worker was built")?;
        let program = native::build(workspace, Mode::Release)?;
        let prerender = native::prerender(workspace)?;
        // Copies: other builds may follow these while the tests run.
        let folder = workspace.path(FOLDER);
        files::fresh(&folder)?;
        let (own_worker, own_assets) = (folder.join("worker"), folder.join("assets"));
        files::mirror(&worker, &own_worker)?;
        files::mirror(&built.assets.folder, &own_assets)?;
        let own_program = folder.join("native-server");
        std::fs::copy(program, &own_program).context("cannot copy the native server")?;
        let own_prerender = folder.join("prerender");
        std::fs::copy(prerender, &own_prerender).context("cannot copy the prerenderer")?;
        Ok(Self {
            workspace,
            services,
            chromium,
            worker: own_worker,
            assets: own_assets,
            native: own_program,
            prerender: own_prerender,
        })
    }

    /// One suite on a site of its own, which is gone afterwards but for its log and the pictures of failures.
    fn run(&self, suite: &Suite) -> Result<Count> {
        let folder = self.workspace.path(FOLDER).join(suite.name);
        files::fresh(&folder)?;
        let data = Data::of(suite, &folder);
        let count = data
            .make(self)
            .and_then(|url| self.serve(suite, &folder, url.as_deref()));
        data.remove(self)?;
        count
    }

    fn serve(&self, suite: &Suite, folder: &Path, url: Option<&str>) -> Result<Count> {
        let port = wrangler::free_port()?;
        let server = match suite.site {
            Site::Worker(engine) => self.start_worker(engine, folder, url, port)?,
            Site::Native(_) => self.start_native(url, port)?,
        };
        let mut playwright = self.workspace.node("node_modules/@playwright/test/cli.js");
        playwright
            .args(["test", "-c", "end2end/playwright.config.mjs"])
            .args(["--reporter", "list", "--output"])
            .arg(folder.join("failures"))
            .env("BASE_URL", format!("http://127.0.0.1:{port}"))
            .env("CHROMIUM", &self.chromium);
        if matches!(suite.site, Site::Worker(Engine::D1)) {
            playwright.env("PRERENDERED", "1");
        }
        if let Some(tag) = suite.tag {
            playwright.args(["--grep", tag]);
        }
        let count = counted(suite.label, Runner::Playwright, &mut playwright);
        let log = server.log().join("\n");
        files::write(&folder.join("server.log"), log.as_bytes())?;
        count
    }

    fn start_worker(
        &self,
        engine: Engine,
        folder: &Path,
        url: Option<&str>,
        port: u16,
    ) -> Result<Server> {
        let ca = self.services.ca().display().to_string();
        let told = Told {
            // Miniflare has workerd trust it too.
            env: vec![("NODE_EXTRA_CA_CERTS", ca)],
            config: None,
        };
        let assets = match engine {
            Engine::D1 => self.with_pages(folder, port)?,
            Engine::Hyperdrive | Engine::Mysql | Engine::Postgres => self.assets.clone(),
        };
        let mut vars = BTreeMap::from([
            ("DB_DRIVER", engine.driver().to_owned()),
            ("SESSION_SECRET", secrets::random()?),
        ]);
        vars.extend(url.map(|url| ("DATABASE_URL", url.to_owned())));
        ui::step("workerd", |_| {
            let options = wrangler::Options {
                port,
                vars,
                told: &told,
                apart: Some(Apart {
                    worker: &self.worker,
                    assets: &assets,
                    state: &folder.join(STATE),
                }),
            };
            let server = wrangler::Server::start(self.workspace, &options)?;
            Ok((Server::Worker(server), format!("port {port}")))
        })
    }

    /// The assets with the pages of the local D1, as they are deployed.
    fn with_pages(&self, folder: &Path, port: u16) -> Result<PathBuf> {
        let database = Database::D1(Local::inside(&folder.join(STATE)));
        let source = Source {
            url: database.url()?,
            shown: database.shown()?,
        };
        let site = folder.join("site");
        files::fresh(&site)?;
        let wanted = Wanted {
            site_url: &format!("http://127.0.0.1:{port}"),
            source: Some(&source),
            ..Wanted::default()
        };
        prerender::pages(self.workspace, &self.prerender, &site, &wanted)?;
        Note::of("", &self.assets)?.complete(&self.assets, &site)?;
        Ok(site)
    }

    fn start_native(&self, url: Option<&str>, port: u16) -> Result<Server> {
        let url = url.context("the native server needs an address")?;
        let ca = self.services.ca().display();
        ui::step("native server", |_| {
            let options = native::Options {
                program: &self.native,
                assets: &self.assets,
                database_url: &format!("{url}?sslrootcert={ca}"),
                port,
                session_secret: &secrets::random()?,
            };
            let server = native::Server::start(self.workspace, &options)?;
            Ok((Server::Native(server), format!("port {port}")))
        })
    }
}

/// The database of one suite.
enum Data {
    D1(PathBuf),
    Served(Service, String),
}

impl Data {
    fn of(suite: &Suite, folder: &Path) -> Self {
        let service = match suite.site {
            Site::Worker(Engine::D1) => return Self::D1(folder.join(STATE)),
            Site::Worker(Engine::Postgres | Engine::Hyperdrive) => Service::Postgres,
            Site::Worker(Engine::Mysql) => Service::Mysql,
            Site::Native(service) => service,
        };
        Self::Served(service, format!("browser_{}", suite.name))
    }

    /// Migrates and seeds it anew; gives its address, if it has one.
    fn make(&self, builds: &Builds<'_>) -> Result<Option<String>> {
        let (database, url) = match self {
            Self::D1(folder) => (Database::D1(Local::inside(folder)), None),
            Self::Served(service, name) => {
                let url = builds.services.make(*service, name)?;
                // Nobody is between here and here; the sites themselves do use TLS.
                let plain = format!("{url}?sslmode=disable");
                (Database::Served(Served::at(&plain)), Some(url))
            }
        };
        database.migrate(builds.workspace)?;
        database.seed(builds.workspace, Amount::default())?;
        Ok(url)
    }

    fn remove(&self, builds: &Builds<'_>) -> Result<()> {
        match self {
            Self::D1(folder) => files::remove(folder),
            Self::Served(service, name) => builds.services.remove(*service, name),
        }
    }
}

/// A site that is served. Dropping it ends it.
enum Server {
    Worker(wrangler::Server),
    Native(native::Server),
}

impl Server {
    /// What it has said.
    fn log(&self) -> Vec<String> {
        match self {
            Self::Native(server) => server.said().collect(),
            Self::Worker(server) => server
                .said()
                .filter_map(|said| match said {
                    Said::Line(line) => Some(line),
                    Said::Reloaded => None,
                })
                .collect(),
        }
    }
}
