// Every control of every screen is reached with Tab, shows that it is, and lets go again.
import { test } from "node:test";
import assert from "node:assert/strict";
import { visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

/** More than any page has; who presses Tab so often is caught. */
const MOST = 1_500;

for (const { name, address, status, as } of SCREENS) {
  test(`keyboard: ${name}`, async () => {
    await visit(await address(), walk, { as, status });
  });
}

async function walk(page) {
  // What is folded away is not there for anybody; what an island brings is there a moment later.
  await page.locator("leptos-island input[type=range]").first().waitFor({ timeout: 2_000 }).catch(() => {});
  const expected = await page.evaluate(() => {
    const controls = "a[href], button, input, select, textarea, summary, [tabindex]";
    const groups = new Set();
    return [...document.querySelectorAll(controls)].filter((control) => {
      if (control.tabIndex < 0 || control.disabled || control.type === "hidden" || !control.checkVisibility()) {
        return false;
      }
      if (control.type === "radio") {
        // One stop for a group of them.
        const group = `${control.form?.action} ${control.name}`;
        return !groups.has(group) && groups.add(group);
      }
      return true;
    }).length;
  });
  const seen = await page.evaluate(() => {
    globalThis.seen = new Set();
    return 0;
  });
  let stops = seen;
  for (let press = 0; press < MOST; press += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const focused = document.activeElement;
      if (focused === document.body || globalThis.seen.has(focused)) {
        return null;
      }
      globalThis.seen.add(focused);
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
      const isShown = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      const box = focused.getBoundingClientRect();
      return {
        isShown,
        isThere: box.width > 0 && box.height > 0,
        // A date field has a stop for each of its parts.
        name: `${focused.tagName} ${focused.textContent.trim().slice(0, 40)}`,
      };
    });
    if (stop === null) {
      if (await page.evaluate(() => document.activeElement === document.body)) {
        break;
      }
      continue;
    }
    stops += 1;
    assert.ok(stop.isShown, `nothing shows that the focus is on: ${stop.name}`);
    assert.ok(stop.isThere, `the focus is on something that nobody sees: ${stop.name}`);
  }
  assert.equal(stops, expected, "controls reached, of those that are there");
}
