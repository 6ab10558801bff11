// What is read at most, and what may be run where only reading is wanted. The database itself refuses to change rows (see the files of the engines); here is
// refused what ends its transaction, changes the session, or does something outside of the database.
// Absent: running it.

const READS = /^[\s(]*(select|with|show|describe|desc|explain|table|values|pragma)\b/i;
/** Comments at the beginning; not those that MySQL and MariaDB run. */
const COMMENTS = /^(\s+|--[^\n]*(\n|$)|#[^\n]*(\n|$)|\/\*(?!M?!)[\s\S]*?\*\/)+/;

/** The sentence for whoever wants to change something. */
export const ONLY_READS = "this studio only reads: start it with --write to change something";

/** Fails unless the statement is one that reads. */
export function ensureReads(sql) {
  if (!READS.test(sql.replace(COMMENTS, ""))) throw new Error(ONLY_READS);
}

/** The most rows of a statement: a page shows no more, and a browser holds no table of a million. */
const MAX_ROWS = 10_000;

/** Rows as they come; fails when there are too many. */
export class Rows {
  all = [];

  add(row) {
    if (this.all.push(row) > MAX_ROWS) throw new Error("more than 10,000 rows came back: a LIMIT shows some of them");
  }
}
