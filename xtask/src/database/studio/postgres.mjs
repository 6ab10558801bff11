// PostgreSQL. To read, each statement is in a transaction that the server keeps from writing; the protocol takes one statement at a
// time, so that none can end it and go on. A connection is used for one request.
import { certificates, library } from "./library.mjs";
import { ONLY_READS, Rows } from "./reading.mjs";

const pg = library("pg");
const READ_ONLY = "25006";
/** The types of times and dates (pg_type.dat), shown as the server writes them: a Date has milliseconds only. */
const TIMES = new Set([1082, 1083, 1114, 1184, 1266]);

/** Runs `work` with a function that runs one statement; with `isTogether`, all of them or none. Plain names are of `schema`. */
export async function open(server, { isWrite, isTogether, schema }, work) {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database: server.database,
    ssl: server.tls ? { ca: certificates(server.tls), rejectUnauthorized: true } : false,
    connectionTimeoutMillis: server.connect_timeout,
    application_name: "studio",
    options: server.options,
    types: { getTypeParser: (type, format) => (TIMES.has(type) ? String : pg.types.getTypeParser(type, format)) },
  });
  // What breaks it is said by the statement that is under way.
  client.on("error", () => {});
  try {
    await client.connect();
    if (!isWrite) await client.query("BEGIN READ ONLY");
    else if (isTogether) await client.query("BEGIN");
    if (schema) await client.query("SELECT set_config('search_path', quote_ident($1), false)", [schema]);
    const result = await work((query) => run(client, query));
    if (isWrite && isTogether) await client.query("COMMIT");
    return result;
  } finally {
    // What is open is rolled back.
    await client.end().catch(() => {});
  }
}

function run(client, { sql, parameters }) {
  return new Promise((resolve, reject) => {
    const rows = new Rows();
    const query = new pg.Query({ text: sql, values: [...parameters], queryMode: "extended" });
    query.on("row", (row) => {
      try {
        rows.add(row);
      } catch (error) {
        reject(error);
        // What still comes is not read.
        client.connection.stream.destroy();
      }
    });
    query.on("error", (error) => reject(error.code === READ_ONLY ? new Error(ONLY_READS) : error));
    query.on("end", () => resolve(rows.all));
    client.query(query);
  });
}
