// Every page, in light and dark and at three widths: axe finds nothing, nothing scrolls sideways, the outline is whole.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chart, visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const WIDTHS = [1440, 768, 320];

for (const { name, address, status, as } of SCREENS) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${name}, ${colorScheme}`, async () => {
      const look = async (page) => {
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await check(page, name, width);
        }
      };
      await visit(await address(), look, { colorScheme, status, as });
    });
  }
}

async function check(page, name, width) {
  if (name === "overview") {
    await chart(page);
  }
  // Evaluated and not loaded, because the pages' policy allows no script of ours.
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(AXE);
  }
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  });
  assert.deepEqual(violations, [], `at ${width} px`);
  assert.equal(await page.locator("h1").count(), 1);
  const levels = await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((h) => Number(h.tagName[1])));
  levels.reduce((before, level) => {
    assert.ok(level <= before + 1, `a heading of level ${level} after one of level ${before}`);
    return level;
  }, 0);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `the page is ${beyond} px wider than the screen of ${width} px`);
}
