// Every page, in light and dark and at three widths: axe finds nothing, nothing scrolls sideways, the outline is whole.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chart, visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const { name, address, status, as } of SCREENS) {
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
