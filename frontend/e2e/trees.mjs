// What is read aloud of each screen: landmarks, headings, tables with their columns, and controls. The trees beside this
// are compared; `UPDATE_TREES=1` writes them anew, and a change of them is to be looked at as one of a picture.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

const FOLDER = new URL("./trees/", import.meta.url);

/** What a tree has; rows, lists and texts are other every day. */
const KEPT = /^(\s*)- '?(banner|navigation|main|contentinfo|region|heading|table|columnheader|figure|img|button|textbox|searchbox|combobox|slider|form|search|alert|status)\b/;

for (const { name, address, status, as } of SCREENS) {
  test(`read aloud: ${name}`, async () => {
    const tree = await visit(await address(), async (page) => outline(await page.locator("body").ariaSnapshot()), {
      as,
      status,
      javaScriptEnabled: false,
    });
    const file = new URL(`${name.replaceAll(" ", "-").replaceAll(",", "")}.txt`, FOLDER);
    if (process.env.UPDATE_TREES) {
      writeFileSync(file, tree);
    }
    assert.equal(tree, readFileSync(file, "utf8"), "what is read aloud changed; UPDATE_TREES=1 writes it anew");
  });
}

/** The tree without what the days and the data change: numbers, names of things, how often something is there. */
function outline(snapshot) {
  const lines = [];
  for (const line of snapshot.split("\n")) {
    if (!KEPT.test(line)) {
      continue;
    }
    const indent = line.length - line.trimStart().length;
    const told = line
      .trim()
      .replace(/^- /, "")
      .replace(/:( .*)?$/, "")
      .replace(/"((?:[^"\\]|\\.)*)"/, (_, name) => `"${settled(name)}"`);
    const kept = `${" ".repeat(Math.min(indent, 8))}${told}`;
    if (!lines.includes(kept)) {
      lines.push(kept);
    }
  }
  return `${lines.join("\n")}\n`;
}

function settled(name) {
  return name
    .replace(/[-+−±]?\d[\d,.:]*/g, "0")
    .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g, "Jan")
    .replace(/\b(fell|rose|stayed)\b/g, "moved")
    .replace(/\b(from 0 to|at) 0\b/g, "to 0")
    .replace(/\b(finding|gap|week|month|scan)s?\b/g, "$1s")
    // Of the severities, the worst one that changed is told.
    .replace(/\b(Critical|High|Medium|Low) findings moved/g, "Findings moved")
    .replace(/"|\\/g, "");
}
