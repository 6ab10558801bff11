// The page: Prisma's Studio, a component that reads and changes rows by SQL, which it sends to server.mjs.
// Absent: the databases, and who may ask.
import { createStudioBFFClient } from "@prisma/studio-core/data/bff";
import { createMySQLAdapter } from "@prisma/studio-core/data/mysql-core";
import { createPostgresAdapter } from "@prisma/studio-core/data/postgres-core";
import { createSQLiteAdapter } from "@prisma/studio-core/data/sqlite-core";
import { Studio } from "@prisma/studio-core/ui";
import "@prisma/studio-core/ui/index.css";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const ADAPTERS = { sqlite: createSQLiteAdapter, postgres: createPostgresAdapter, mysql: createMySQLAdapter };

const { engine } = document.documentElement.dataset;
const adapter = ADAPTERS[engine]({ executor: createStudioBFFClient({ url: "/query" }) });
createRoot(document.getElementById("studio")).render(createElement(Studio, { adapter }));
