// MySQL and MariaDB. To read, each statement is in a transaction that the server keeps from writing, and so is what might follow it
// in the session. A connection is used for one request, and takes one statement at a time.
import { isIP } from "node:net";
import { certificates, library } from "./library.mjs";
import { ONLY_READS, Rows } from "./reading.mjs";

const mysql = library("mysql2/promise");
const READ_ONLY = 1792;

/** Runs `work` with a function that runs one statement; with `isTogether`, all of them or none. */
export async function open(server, { isWrite, isTogether }, work) {
  const connection = await mysql.createConnection({
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database: server.database,
    ssl: server.tls
      ? { ca: certificates(server.tls), rejectUnauthorized: true, verifyIdentity: isIP(server.host) === 0 }
      : undefined,
    connectTimeout: server.connect_timeout,
    charset: "utf8mb4",
    timezone: "Z",
    // Exactly as they are stored.
    dateStrings: true,
    supportBigNumbers: true,
    multipleStatements: false,
    namedPlaceholders: false,
    flags: ["-LOCAL_FILES"],
  });
  connection.on("error", () => {});
  try {
    // Parameters are escaped by the client, as these modes have it.
    await connection.query("SET time_zone = '+00:00', sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION'");
    if (!isWrite) {
      await connection.query("SET SESSION TRANSACTION READ ONLY");
      await connection.query("START TRANSACTION READ ONLY");
    } else if (isTogether) await connection.query("START TRANSACTION");
    const result = await work((query) => run(connection, query));
    if (isWrite && isTogether) await connection.query("COMMIT");
    return result;
  } finally {
    // What is open is rolled back.
    await connection.end().catch(() => {});
  }
}

function run({ connection }, { sql, parameters }) {
  return new Promise((resolve, reject) => {
    const rows = new Rows();
    const query = connection.query(sql, [...parameters]);
    query.on("result", (row) => {
      try {
        rows.add(row);
      } catch (error) {
        reject(error);
        // What still comes is not read.
        connection.destroy();
      }
    });
    query.on("error", (error) => reject(error.errno === READ_ONLY ? new Error(ONLY_READS) : error));
    query.on("end", () => resolve(rows.all));
  });
}
