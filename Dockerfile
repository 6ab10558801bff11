# The site as a container: `docker build --tag site .`, then
#   docker run --publish 8787:8787 --env DATABASE_URL=postgres://… --env SESSION_SECRET=… --env SITE_URL=https://… site
# The server does not apply migrations; run them separately: `docker run … site db-cli migrate`.

FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln --symbolic ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
# The assets first: pages are compiled with their names. Nothing is prerendered, because the site's URL and database are
# known only when the container starts.
RUN cargo x build --no-prerender --native

FROM debian:bookworm-slim
RUN useradd --system --no-create-home --uid 10001 site
COPY --from=build /src/target/shipped/native-server /src/target/shipped/db-cli /usr/local/bin/
COPY --from=build /src/target/site /srv/site
ENV HOST=0.0.0.0 PORT=8787 SITE_DIR=/srv/site
USER site
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=10s CMD ["native-server", "--check-health"]
CMD ["native-server"]
