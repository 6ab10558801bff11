//! Judges that others wrote, before what the native server sends.
//! Absent: the judges, and what they are asked; see `crate::judges` and end2end/judges.

use anyhow::Result;

use super::slowest::Times;
use super::{Outcome, counted, node};
use crate::build::{self, Parts, WorkerFeatures, native};
use crate::count::Runner;
use crate::database::{Amount, Database, RemoteDatabase};
use crate::native_server::{Options, Server};
use crate::workspace::{Mode, Workspace};
use crate::{files, judges, ports, secrets, tools, ui};

/// The folder of the database.
const FOLDER: &str = "target/judges";

pub(super) fn run(workspace: &Workspace, times: &Times) -> Result<Outcome> {
    tools::ensure_node(workspace)?;
    let judges = match judges::ensure(workspace)? {
        Ok(folder) => folder,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let parts = Parts {
        worker: false,
        ..Parts::ALL
    };
    let built = build::stage(workspace, Mode::Release, &WorkerFeatures::all(), parts)?;
    let [program, ..] = native::build_all(workspace)?;
    let folder = workspace.path(FOLDER);
    files::fresh(&folder)?;
    let url = format!("sqlite:{}", folder.join("site.sqlite").display());
    let database = Database::Remote(RemoteDatabase::parse(&url)?);
    database.migrate(workspace)?;
    database.seed(workspace, Amount::default())?;

    let port = ports::free()?;
    let server = ui::step("native server", |step| {
        step.note(format!("port {port}"));
        let options = Options {
            program: &program,
            assets: &built.assets,
            database_url: &url,
            port,
            session_secret: &secrets::random()?,
        };
        Server::start(workspace, &options)
    })?;
    let mut node = node::tests(workspace, "end2end/judges", 1)?;
    node.env("BASE_URL", format!("http://127.0.0.1:{port}"))
        .env("JUDGES", judges);
    let count = counted("judges", Runner::Node, &mut node, times)?;
    drop(server);
    files::remove(&folder)?;
    Ok(Outcome::Ran(count))
}
