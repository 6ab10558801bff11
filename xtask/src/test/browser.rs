//! The tests in Chromium against the Worker on each engine and against the native server, one after the other. Owns the
//! site and the database of each. On D1, the Worker is the one that is deployed, and pages are prerendered.
//! Absent: the tests; see end2end/browser.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::slowest::Times;
use super::{Outcome, counted};
use crate::build::native::{self, Pages};
use crate::build::{self, BuildRecord, Parts, WorkerFeatures};
use crate::count::{Count, Runner};
use crate::database::{Amount, Database, Engine, LocalD1, RemoteDatabase};
use crate::services::{Service, Services};
use crate::workspace::{Mode, Workspace};
use crate::wrangler::{self, Output, WorkerConfig};
use crate::{files, native_server, ports, secrets, tools, ui};

/// The folder of all suites.
const FOLDER: &str = "target/browser";
/// The folder of the local D1 in a suite's folder.
const STATE: &str = "state";
/// The tag of tests that together touch every kind of page.
const SMOKE: &str = "@smoke";

/// One run of the tests.
struct Suite {
    /// The name of its folder and its database.
    name: &'static str,
    label: &'static str,
    site: Site,
    /// Of the tests of readers, only those with this tag.
    tag: Option<&'static str>,
}

/// A way of running the site.
#[derive(Clone, Copy)]
enum Site {
    Worker(Engine),
    Native(Service),
}

/// All of it on the Worker that is deployed. What the other engines and the native server answer is compared without a
/// browser, byte for byte; here, they show that a browser can use it.
const SUITES: [Suite; 4] = [
    Suite {
        name: "d1",
        label: "browser tests, Worker on D1",
        site: Site::Worker(Engine::D1),
        tag: None,
    },
    Suite {
        name: "postgres",
        label: "browser smoke, Worker on PostgreSQL",
        site: Site::Worker(Engine::Postgres),
        tag: Some(SMOKE),
    },
    Suite {
        name: "mysql",
        label: "browser smoke, Worker on MySQL",
        site: Site::Worker(Engine::Mysql),
        tag: Some(SMOKE),
    },
    Suite {
        name: "native",
        label: "browser tests with rows of their own, native server on MySQL",
        site: Site::Native(Service::Mysql),
        tag: Some(SMOKE),
    },
];

/// Runs every suite, also after one could not be run.
pub(super) fn run(workspace: &Workspace, services: &Services, times: &Times) -> Result<Outcome> {
    tools::ensure_node(workspace)?;
    let chromium = match tools::ensure_chromium()? {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let builds = Builds::make(workspace, services, chromium)?;
    let mut count = Count::default();
    for suite in &SUITES {
        match builds.run(suite, times) {
            Ok(counted) => count = count.and(counted),
            Err(error) => count.add::<()>(Err(error.context(suite.label))),
        }
    }
    Ok(Outcome::Ran(count))
}

/// The builds and servers that all suites share.
struct Builds<'a> {
    workspace: &'a Workspace,
    services: &'a Services,
    chromium: PathBuf,
    /// The Worker as it is deployed.
    worker: PathBuf,
    /// The one with a client for every server.
    whole_worker: PathBuf,
    assets: PathBuf,
    native: PathBuf,
    prerender: PathBuf,
}

impl<'a> Builds<'a> {
    fn make(workspace: &'a Workspace, services: &'a Services, chromium: PathBuf) -> Result<Self> {
        // As it is deployed, for D1; the tests in workerd have built the one with every client.
        let deployed = WorkerFeatures::deployed(workspace)?;
        let built = build::stage(workspace, Mode::Release, &deployed, Parts::ALL)?;
        let tools = tools::ensure(workspace)?;
        let features = WorkerFeatures::for_tests();
        let whole = build::build_worker(workspace, &tools, Mode::Release, &features)?;
        let [program, prerender, ..] = native::build_all(workspace)?;
        // Copies: other builds may follow these while the tests run.
        let folder = workspace.path(FOLDER);
        files::fresh(&folder)?;
        let (own_worker, own_assets) = (folder.join("worker"), folder.join("assets"));
        let own_whole = folder.join("whole-worker");
        files::mirror(built.worker()?, &own_worker)?;
        files::mirror(&whole, &own_whole)?;
        files::mirror(&built.assets, &own_assets)?;
        let own_program = folder.join("native-server");
        std::fs::copy(program, &own_program).context("cannot copy the native server")?;
        let own_prerender = folder.join("prerender");
        std::fs::copy(prerender, &own_prerender).context("cannot copy the prerenderer")?;
        Ok(Self {
            workspace,
            services,
            chromium,
            worker: own_worker,
            whole_worker: own_whole,
            assets: own_assets,
            native: own_program,
            prerender: own_prerender,
        })
    }

    /// Runs one suite on a site of its own. Only its log and the pictures of failures are left.
    fn run(&self, suite: &Suite, times: &Times) -> Result<Count> {
        let folder = self.workspace.path(FOLDER).join(suite.name);
        files::fresh(&folder)?;
        let data = Data::new(suite, &folder);
        let count = data
            .make(self)
            .and_then(|url| self.serve(suite, &folder, url.as_deref(), times));
        data.remove(self)?;
        count
    }

    fn serve(
        &self,
        suite: &Suite,
        folder: &Path,
        url: Option<&str>,
        times: &Times,
    ) -> Result<Count> {
        let port = ports::free()?;
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
        match suite.site {
            Site::Worker(Engine::D1) => {
                playwright.env("PRERENDERED", "1");
            }
            Site::Worker(Engine::Hyperdrive | Engine::Mysql | Engine::Postgres) => {}
            // Some tests serve rows of their own.
            Site::Native(_) => {
                playwright
                    .env("NATIVE_SERVER", &self.native)
                    .env("SITE_DIR", &self.assets);
            }
        }
        if let Some(tag) = suite.tag {
            // Not by `--grep`, which lets every test of a project run that another one depends on.
            playwright.env("TAG", tag);
        }
        let count = counted(suite.label, Runner::Playwright, &mut playwright, times);
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
        let config = WorkerConfig {
            // Miniflare has workerd trust it too.
            env: vec![("NODE_EXTRA_CA_CERTS", ca)],
            file: None,
        };
        let (worker, assets) = match engine {
            Engine::D1 => (&self.worker, self.with_pages(folder, port)?),
            Engine::Hyperdrive | Engine::Mysql | Engine::Postgres => {
                (&self.whole_worker, self.assets.clone())
            }
        };
        let mut vars = BTreeMap::from([
            ("DB_DRIVER", engine.driver().to_owned()),
            ("SESSION_SECRET", secrets::random()?),
            ("REGISTRATION", "open".to_owned()),
        ]);
        vars.extend(url.map(|url| ("DATABASE_URL", url.to_owned())));
        ui::step("workerd", |step| {
            let options = wrangler::Options {
                port,
                vars,
                config: &config,
                site: Some(wrangler::Site {
                    worker,
                    assets: &assets,
                    state: &folder.join(STATE),
                }),
            };
            step.note(format!("port {port}"));
            wrangler::Server::start(self.workspace, &options).map(Server::Worker)
        })
    }

    /// The assets with the pages of the local D1, as they are deployed.
    fn with_pages(&self, folder: &Path, port: u16) -> Result<PathBuf> {
        let database = LocalD1::inside(self.workspace, &folder.join(STATE))?;
        let database = Database::D1(database).remote()?;
        let site = folder.join("site");
        files::fresh(&site)?;
        let pages = Pages {
            site_url: &format!("http://127.0.0.1:{port}"),
            database: Some(&database),
            ..Pages::default()
        };
        native::prerender(self.workspace, &self.prerender, &site, &pages)?;
        BuildRecord::new("", &self.assets)?.complete(&self.assets, &site)?;
        Ok(site)
    }

    fn start_native(&self, url: Option<&str>, port: u16) -> Result<Server> {
        let url = url.context("the native server needs a URL")?;
        let ca = self.services.ca().display();
        ui::step("native server", |step| {
            let options = native_server::Options {
                program: &self.native,
                assets: &self.assets,
                database_url: &format!("{url}?sslrootcert={ca}"),
                port,
                session_secret: &secrets::random()?,
            };
            step.note(format!("port {port}"));
            native_server::Server::start(self.workspace, &options).map(Server::Native)
        })
    }
}

/// The database of one suite.
enum Data {
    D1(PathBuf),
    InServer(Service, String),
}

impl Data {
    fn new(suite: &Suite, folder: &Path) -> Self {
        let service = match suite.site {
            Site::Worker(Engine::D1) => return Self::D1(folder.join(STATE)),
            Site::Worker(Engine::Postgres | Engine::Hyperdrive) => Service::Postgres,
            Site::Worker(Engine::Mysql) => Service::Mysql,
            Site::Native(service) => service,
        };
        Self::InServer(service, format!("browser_{}", suite.name))
    }

    /// Makes it, migrated and seeded; returns its URL, if it is in a server.
    fn make(&self, builds: &Builds<'_>) -> Result<Option<String>> {
        let (database, url) = match self {
            Self::D1(folder) => (
                Database::D1(LocalD1::inside(builds.workspace, folder)?),
                None,
            ),
            Self::InServer(service, name) => {
                let url = builds.services.make(*service, name)?;
                // TLS would protect nothing on one machine; the sites use it all the same.
                let plain = format!("{url}?sslmode=disable");
                (Database::Remote(RemoteDatabase::parse(&plain)?), Some(url))
            }
        };
        database.migrate(builds.workspace)?;
        database.seed(builds.workspace, Amount::default())?;
        Ok(url)
    }

    fn remove(&self, builds: &Builds<'_>) -> Result<()> {
        match self {
            Self::D1(folder) => files::remove(folder),
            Self::InServer(service, name) => builds.services.remove(*service, name),
        }
    }
}

/// A site that is served. Dropping it ends it.
enum Server {
    Worker(wrangler::Server),
    Native(native_server::Server),
}

impl Server {
    /// The lines of its output.
    fn log(&self) -> Vec<String> {
        match self {
            Self::Native(server) => server.output().collect(),
            Self::Worker(server) => server
                .output()
                .filter_map(|output| match output {
                    Output::Line(line) => Some(line),
                    Output::Reloaded => None,
                })
                .collect(),
        }
    }
}
