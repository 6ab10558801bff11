// A site of a test's own rows: a SQLite file, made from the migrations, behind a native server. NATIVE_SERVER is the program,
// SITE_DIR the folder of its assets. Absent: the rows; each test has its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

const MIGRATIONS = path.resolve(import.meta.dirname, "../../../migrations/sqlite");
/** 1 March 2026, 12:00. */
const START = Date.UTC(2026, 2, 1, 12);
const DAY = 86_400_000;

/** The rows of a site. Whatever a test does not give has a value that fits. */
export class Rows {
  #db;
  #count = 0;

  constructor(file) {
    this.#db = new DatabaseSync(file);
    for (const name of readdirSync(MIGRATIONS).filter((name) => name.endsWith(".sql")).sort()) {
      this.#db.exec(readFileSync(path.join(MIGRATIONS, name), "utf8"));
    }
  }

  /** The columns that hold text, by table. */
  textColumns() {
    const tables = this.#db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")
      .all();
    const columns = this.#db.prepare("SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT'");
    return Object.fromEntries(tables.map(({ name }) => [name, columns.all(name).map((column) => column.name)]));
  }

  /** Inserts a row as it is given. */
  insert(table, row) {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    this.#db.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places})`).run(...Object.values(row));
    return row;
  }

  /** Inserts a person. */
  user(given) {
    const n = (this.#count += 1);
    return this.insert("users", {
      id: this.id(n),
      handle: `person-${n}`,
      email: `person-${n}@example.com`,
      name: `Person ${n}`,
      bio: "",
      role: "author",
      password_hash: "!",
      post_count: 1,
      search_text: "",
      created_at: START - n * DAY,
      updated_at: START - n * DAY,
      ...given,
    });
  }

  /** Inserts a post, each a day older than the one before. */
  post(author, given) {
    const n = (this.#count += 1);
    const at = START - n * DAY;
    return this.insert("posts", {
      id: this.id(n),
      author_id: author.id,
      title: `Post ${n}`,
      slug: `post-${n}`,
      excerpt: "",
      content: "",
      content_html: "<p>Text.</p>\n",
      renderer_version: 1,
      reading_minutes: 1,
      search_text: "",
      comment_count: 0,
      status: "published",
      comments_open: 1,
      published_at: at,
      created_at: at,
      updated_at: at,
      ...given,
    });
  }

  /** Inserts a comment; the post has to count it. */
  comment(post, author, given) {
    const n = (this.#count += 1);
    return this.insert("comments", {
      id: this.id(n),
      post_id: post.id,
      author_id: author.id,
      body: "",
      body_html: "<p>Text.</p>\n",
      created_at: START,
      ...given,
    });
  }

  /** A UUID, larger for larger numbers. */
  id(n) {
    return `019a0000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
  }

  close() {
    this.#db.close();
  }
}

/** Serves the rows that `fill` inserts, with further `settings`. Returns the site's address, and a function that ends it. */
export async function serve(fill, settings = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "own-site-"));
  const file = path.join(folder, "site.sqlite");
  const rows = new Rows(file);
  fill(rows);
  rows.close();
  const port = await freePort();
  const server = spawn(process.env.NATIVE_SERVER, {
    env: {
      DATABASE_URL: `sqlite:${file}`,
      PORT: String(port),
      SITE_DIR: process.env.SITE_DIR,
      SESSION_SECRET: "a secret of a test, and of nothing else",
      ...settings,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = async () => {
    if (server.exitCode === null && server.kill()) await once(server, "exit");
    rmSync(folder, { recursive: true });
  };
  const log = [];
  for await (const line of createInterface(server.stderr)) {
    log.push(line);
    if (line.includes("serving at http")) {
      server.stderr.resume();
      return { origin: `http://127.0.0.1:${port}`, end };
    }
  }
  await end();
  throw new Error(`the native server has not started:\n${log.join("\n")}`);
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}
