// PostgreSQL and MariaDB for tests of the built Worker: each test file has its own databases on the servers that
// `cargo x test` starts. Absent: the tests.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { dbCli, program } from "../bench/lib/state.mjs";
import { root } from "./harness.mjs";

const run = promisify(execFile);

function requiredVariable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo x test\`, or \`cargo x services up\` and set what it prints`);
  return value;
}

/** Command-line client and administrator URL of each engine. */
const CLIENTS = {
  postgres: {
    admin: () => requiredVariable("TEST_POSTGRES_URL"),
    query: (url, sql) => run("psql", [url.href, "-XAtqv", "ON_ERROR_STOP=1", "-c", sql]),
  },
  mysql: {
    admin: () => requiredVariable("TEST_MYSQL_URL"),
    query: (url, sql) =>
      run(
        "mariadb",
        ["-NB", `-h${url.hostname}`, `-P${url.port}`, `-u${url.username}`, url.pathname.slice(1), "-e", sql],
        { env: { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) } },
      ),
  },
};

/** Creates a database on the server of `engine`, migrated and seeded; `query` runs SQL in it and returns the output. */
export async function database(engine, name) {
  const client = CLIENTS[engine];
  const admin = new URL(client.admin());
  const url = new URL(admin);
  url.pathname = `/${name}_${process.pid}`;
  const queryAsAdmin = (sql) => client.query(admin, sql);
  await queryAsAdmin(`DROP DATABASE IF EXISTS ${url.pathname.slice(1)}`);
  await queryAsAdmin(`CREATE DATABASE ${url.pathname.slice(1)}`);
  const plain = `${url.href}?sslmode=disable`;
  dbCli(root, ["migrate", "--database-url", plain]);
  dbCli(root, ["seed", "--database-url", plain]);
  const force = engine === "postgres" ? " WITH (FORCE)" : "";
  return {
    /** Without TLS. */
    plain,
    /** With TLS; the server's certificate is signed by the tests' own authority. */
    secure: url.href,
    name: url.pathname.slice(1),
    query: async (sql) => (await client.query(url, sql)).stdout.trim(),
    remove: () => queryAsAdmin(`DROP DATABASE IF EXISTS ${url.pathname.slice(1)}${force}`),
  };
}

/** Counts open connections to `db`, except the one that counts. */
export async function connections(engine, db) {
  const sql = {
    postgres: `SELECT count(*) FROM pg_stat_activity WHERE datname = '${db.name}' AND pid <> pg_backend_pid()`,
    mysql: `SELECT count(*) FROM information_schema.processlist WHERE db = '${db.name}' AND id <> connection_id()`,
  };
  return Number(await db.query(sql[engine]));
}

/** Waits until `count()` is 0, and returns it; after a timeout, the last count or error message. */
export async function waitForZero(count, seconds = 30) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    // A server without free connections rejects the counting connection too.
    last = await count().catch((error) => error.message);
    if (last === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return last;
}

/** Starts the stand-in for Hyperdrive in front of `url`; `command` sends it a command. */
export async function standIn(url, options = []) {
  const upstream = url.split("?")[0];
  const args = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--upstream", upstream, ...options];
  const child = spawn(...program(root, "HYPERDRIVE_STANDIN", "hyperdrive-standin", args), {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { address, control } = JSON.parse(line);
  const through = new URL(upstream);
  through.host = address;
  const command = async (path, body) => {
    const response = await fetch(new URL(path, control), body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text && JSON.parse(text);
  };
  return {
    url: through.href,
    command,
    plan: (plan) => command("/plan", plan),
    stats: () => command("/stats"),
    reset: () => command("/reset", {}),
    advance: (seconds) => command("/clock", { advance_s: seconds }),
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Starts both Hyperdrive bindings for `db`: one caches for a minute, one does not. `configure` resets both and sets their plan. */
export async function hyperdrives(db) {
  const [cached, direct] = await Promise.all([standIn(db.plain, ["--cached"]), standIn(db.plain)]);
  const both = [cached, direct];
  return {
    cached,
    direct,
    bindings: { HYPERDRIVE_CACHED: cached.url, HYPERDRIVE_DIRECT: direct.url },
    configure: async (plan) => {
      for (const one of both) {
        await one.reset();
        await one.plan(plan);
      }
    },
    stop: async () => {
      for (const one of both) await one.stop();
    },
  };
}
