// PostgreSQL and MariaDB for tests against the built Worker: each test file has databases of its own on the servers that
// `cargo x test` started. Absent: what is asked of them.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { dbCli } from "../bench/lib/state.mjs";
import { root } from "./harness.mjs";

const run = promisify(execFile);

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo x test\`, or \`cargo x services up\` and see its output`);
  return value;
}

/** What an engine's own client is called with, and how it gives one value. */
const CLIENTS = {
  postgres: {
    admin: () => setting("TEST_POSTGRES_URL"),
    ask: (url, sql) => run("psql", [url.href, "-XAtqv", "ON_ERROR_STOP=1", "-c", sql]),
  },
  mysql: {
    admin: () => setting("TEST_MYSQL_URL"),
    ask: (url, sql) =>
      run(
        "mariadb",
        ["-NB", `-h${url.hostname}`, `-P${url.port}`, `-u${url.username}`, url.pathname.slice(1), "-e", sql],
        { env: { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) } },
      ),
  },
};

/** A database of its own on the server of `engine`, migrated and seeded; `ask` runs SQL in it and gives its output. */
export async function database(engine, name) {
  const client = CLIENTS[engine];
  const admin = new URL(client.admin());
  const own = new URL(admin);
  own.pathname = `/${name}_${process.pid}`;
  const asAdmin = (sql) => client.ask(admin, sql);
  await asAdmin(`DROP DATABASE IF EXISTS ${own.pathname.slice(1)}`);
  await asAdmin(`CREATE DATABASE ${own.pathname.slice(1)}`);
  const plain = `${own.href}?sslmode=disable`;
  dbCli(root, ["migrate", "--database-url", plain]);
  dbCli(root, ["seed", "--database-url", plain]);
  const force = engine === "postgres" ? " WITH (FORCE)" : "";
  return {
    /** Without TLS. */
    plain,
    /** With TLS; the server's certificate is one that the tests' own authority signed. */
    secure: own.href,
    name: own.pathname.slice(1),
    ask: async (sql) => (await client.ask(own, sql)).stdout.trim(),
    remove: () => asAdmin(`DROP DATABASE IF EXISTS ${own.pathname.slice(1)}${force}`),
  };
}

/** How many connections to `db` are open, but for the one that asks. */
export async function connections(engine, db) {
  const sql = {
    postgres: `SELECT count(*) FROM pg_stat_activity WHERE datname = '${db.name}' AND pid <> pg_backend_pid()`,
    mysql: `SELECT count(*) FROM information_schema.processlist WHERE db = '${db.name}' AND id <> connection_id()`,
  };
  return Number(await db.ask(sql[engine]));
}

/** Waits until `count()` is 0; gives the last count, or why there is none, when it never is. */
export async function none(count, seconds = 30) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    // A server that is full for a moment has no room for who counts either.
    last = await count().catch((error) => error.message);
    if (last === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return last;
}

/** The stand-in for Hyperdrive in front of `url`; `order` sends it a command. */
export async function standIn(url, options = []) {
  const cargo = process.env.CARGO ?? "cargo";
  const upstream = url.split("?")[0];
  const args = ["run", "--quiet", "-p", "hyperdrive-standin", "--profile", "native", "--"];
  const child = spawn(cargo, [...args, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--upstream", upstream, ...options], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { address, control } = JSON.parse(line);
  const through = new URL(upstream);
  through.host = address;
  const order = async (path, body) => {
    const response = await fetch(new URL(path, control), body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text && JSON.parse(text);
  };
  return {
    url: through.href,
    order,
    plan: (plan) => order("/plan", plan),
    stats: () => order("/stats"),
    reset: () => order("/reset", {}),
    advance: (seconds) => order("/clock", { advance_s: seconds }),
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Both Hyperdrive bindings in front of `db`: one that caches for a minute, one that does not; `order` resets both and plans. */
export async function hyperdrives(db) {
  const [cached, direct] = await Promise.all([standIn(db.plain, ["--cached"]), standIn(db.plain)]);
  const both = [cached, direct];
  return {
    cached,
    direct,
    bindings: { HYPERDRIVE_CACHED: cached.url, HYPERDRIVE_DIRECT: direct.url },
    order: async (plan) => {
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
