// Builds example-javascript.wasm; see README.md.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { componentize } from "@bytecodealliance/componentize-js";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { component } = await componentize({
  sourcePath: path("app.js"),
  witPath: path("../../wit"),
  worldName: "pack",
  // Each of them would be an import, and a pack may import nothing.
  disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
});
await writeFile(path("example-javascript.wasm"), component);
