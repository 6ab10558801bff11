// The cost of D1's local simulation alone: runs the queries of a page, and renders nothing. The simulation runs in the
// measured process, so it is part of every result. With SESSION, queries use a D1 session that starts there. With
// FINGERPRINT, only the query runs that checks whether a prerendered page is current.

let sql;

export default {
  async fetch(request, env) {
    sql ??= JSON.parse(env.SQL);
    const { pathname: path } = new URL(request.url);
    const now = Date.now();
    const database = env.SESSION ? env.DB.withSession(env.SESSION) : env.DB;
    const prepare = (name, ...values) => database.prepare(sql[name]).bind(...values);
    if (env.FINGERPRINT) {
      const name = path.split("/").at(-1);
      const statement = path.startsWith("/posts/")
        ? prepare("fingerprints::post", name, name, name, 51, now, name, name, 1, now, name, name, 1, now, name)
        : prepare("fingerprints::user", name, now, name, 11);
      await statement.raw();
      return new Response("ok");
    }
    if (path === "/posts") await prepare("posts::list", now, 11).all();
    if (path === "/users") await prepare("users::list", 11).all();
    if (path === "/api/v1/users") await prepare("users::list", 21).all();
    if (path.startsWith("/posts/")) {
      const slug = path.slice("/posts/".length);
      await database.batch([
        prepare("posts::read, 1 of 4", slug, slug),
        prepare("posts::read, 2 of 4", slug, 51),
        prepare("posts::read, 3 of 4", now, slug, slug, 1),
        prepare("posts::read, 4 of 4", now, slug, slug, 1),
      ]);
    }
    if (path.startsWith("/users/")) {
      const handle = path.slice("/users/".length);
      await database.batch([prepare("posts::by_author, 1 of 2", handle), prepare("posts::by_author, 2 of 2", now, handle, 11)]);
    }
    return new Response("ok");
  },
};
