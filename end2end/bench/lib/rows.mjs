// Cost of lists as the site grows: rows that D1 reads, and CPU of `/posts`.

import { interleaved } from "./pages.mjs";
import { statements } from "./baseline.mjs";

/** Returns the rows that D1 reads for list queries: first pages, and one page from the middle. */
export async function rowsRead(server, root) {
  const sql = statements(root);
  const database = await server.database();
  const query = (statement, ...values) => database.prepare(statement).bind(...values).all();
  const middle = await query(
    "SELECT id, published_at FROM posts WHERE status = 'published' AND deleted_at IS NULL " +
      "ORDER BY published_at DESC LIMIT 1 OFFSET (SELECT count(*) / 3 FROM posts)",
  );
  const { id, published_at: at } = middle.results[0];
  const figures = {};
  for (const [name, ...values] of [
    ["posts::list", Date.now(), 11],
    ["posts::list older", Date.now(), at, at, id, 11],
    ["users::list", 11],
  ]) {
    const { meta, results } = await query(sql[name], ...values);
    if (results.length === 0) throw new Error(`${name} found nothing`);
    figures[name] = meta.rows_read;
  }
  return figures;
}

/** Measures the CPU of `/posts` on sites of several sizes (servers by name), interleaved. */
export async function cpuBySize(servers, amount) {
  const figures = await interleaved(servers, "/posts", amount);
  return Object.fromEntries(Object.entries(figures).map(([name, { cpu }]) => [name, cpu]));
}
