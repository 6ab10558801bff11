// SQLite files, by the SQLite in Node. To read, a file is opened so that SQLite itself writes to none.
import { DatabaseSync } from "node:sqlite";
import { ONLY_READS, Rows } from "./reading.mjs";

/** The time that another program may keep the file locked. */
const BUSY_TIMEOUT = 5000;
const READ_ONLY = 8;

/** Runs `work` with a function that runs one statement; with `isTogether`, all of them or none. */
export async function open({ file }, { isWrite, isTogether }, work) {
  const database = new DatabaseSync(file, { readOnly: !isWrite, timeout: BUSY_TIMEOUT });
  try {
    if (isWrite && isTogether) database.exec("BEGIN IMMEDIATE");
    const result = await work((query) => run(database, query));
    if (isWrite && isTogether) database.exec("COMMIT");
    return result;
  } finally {
    // What is open is rolled back.
    database.close();
  }
}

function run(database, { sql, parameters }) {
  const statement = database.prepare(sql);
  // Prepared is the first one alone.
  const rest = sql.slice(sql.indexOf(statement.sourceSQL) + statement.sourceSQL.length);
  if (rest.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "").replace(/[\s;]/g, "") !== "") {
    throw new Error("one statement at a time, please: nothing was run");
  }
  statement.setReadBigInts(true);
  try {
    const rows = new Rows();
    const values = parameters.map((value) => (typeof value === "boolean" ? Number(value) : value));
    for (const row of statement.iterate(...values)) rows.add(row);
    return rows.all;
  } catch (error) {
    throw (error.errcode & 0xff) === READ_ONLY ? new Error(ONLY_READS) : error;
  }
}
