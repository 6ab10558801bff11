// What D1's local simulation costs by itself: asks what a page asks, and shows nothing of it. It runs in the process that
// is measured, so this much is in everybody's figure. With SESSION it asks by a session of D1's, which begins there; with
// SHOWN it asks what a prerendered page asks: whether it is still true.

let sql;

export default {
  async fetch(request, env) {
    sql ??= JSON.parse(env.SQL);
    const { pathname: path } = new URL(request.url);
    const database = env.SESSION ? env.DB.withSession(env.SESSION) : env.DB;
    const ask = (name, ...values) => database.prepare(sql[name]).bind(...values);
    if (env.SHOWN) {
      const name = path.split("/").at(-1);
      const still = path.startsWith("/posts/")
        ? ask("shown::post", name, name, name, 51, name, name, 1, name, name, 1)
        : ask("shown::user", name, name, 11);
      await still.raw();
      return new Response("ok");
    }
    if (path === "/posts") await ask("posts::list", 11).all();
    if (path === "/users") await ask("users::list", 11).all();
    if (path === "/api/v1/users") await ask("users::list", 21).all();
    if (path.startsWith("/posts/")) {
      const slug = path.slice("/posts/".length);
      await database.batch([
        ask("posts::find", slug, slug),
        ask("comments::of_post", slug, 51),
        ask("posts::neighbour older", slug, slug, 1),
        ask("posts::neighbour newer", slug, slug, 1),
      ]);
    }
    if (path.startsWith("/users/")) {
      const handle = path.slice("/users/".length);
      await database.batch([ask("users::find", handle), ask("posts::by_author", handle, 11)]);
    }
    return new Response("ok");
  },
};
