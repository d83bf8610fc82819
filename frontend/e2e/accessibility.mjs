// Every page, in light and dark and at three widths: axe finds nothing, nothing scrolls sideways, the outline is whole.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chart, dayOfFirst, firstDiff, firstFinding, visit } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PAGES = [
  ["overview", () => "/overview"],
  ["findings", () => "/findings"],
  ["findings with filters", () => "/findings?sev=critical&sev=high&nonsense=1"],
  ["nothing matches", () => "/findings?q=no-such-asset-anywhere"],
  ["unknown findings", () => "/findings?status=unknown"],
  ["finding", firstFinding],
  ["trend", () => "/trend"],
  ["trend of a part", () => "/trend?of=owner:none&topic=networking&control=nonsense"],
  ["exceptions", () => "/exceptions"],
  ["all exceptions", () => "/exceptions?tab=all"],
  ["file an exception", newException],
  ["file an exception for nothing", () => "/exceptions/new", 422],
  ["no such exception", () => "/exceptions/X-999999999", 404],
  ["scans", () => "/scans"],
  ["what changed", firstDiff],
  ["as of a day", async () => `/overview?as_of=${await dayOfFirst()}`],
  ["findings as of a day", async () => `/findings?as_of=${await dayOfFirst()}`],
  ["before anything was known", () => "/overview?as_of=2001-01-01", 422],
  ["no such finding", () => "/findings/F-999999999", 404],
  ["no such connection", () => "/overview?connection=nowhere", 404],
  ["sign in", () => "/sign-in", 200, null],
  ["overview of a team", () => "/overview", 200, "contributor"],
  ["findings of a team", () => "/findings", 200, "contributor"],
  ["file an exception to an auditor", newException, 403, "auditor"],
  ["trend of a team", () => "/trend", 200, "contributor"],
  ["scans to a viewer", () => "/scans", 200, "viewer"],
  ["not with your roles", () => "/scans", 403, "contributor"],
];

async function newException() {
  return (await firstFinding()).replace("/findings/", "/exceptions/new?finding=");
}

for (const [name, address, status = 200, as = "engineer"] of PAGES) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 768, 1440]) {
      test(`${name}, ${colorScheme}, ${width} px`, async () => {
        const viewport = { width, height: 900 };
        await visit(await address(), (page) => check(page, name), { colorScheme, viewport, status, as });
      });
    }
  }
}

async function check(page, name) {
  if (name === "overview") {
    await chart(page);
  }
  // Evaluated and not loaded, because the pages' policy allows no script of ours.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
  assert.equal(await page.locator("h1").count(), 1);
  const levels = await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((h) => Number(h.tagName[1])));
  levels.reduce((before, level) => {
    assert.ok(level <= before + 1, `a heading of level ${level} after one of level ${before}`);
    return level;
  }, 0);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `the page is ${beyond} px wider than the screen`);
}
