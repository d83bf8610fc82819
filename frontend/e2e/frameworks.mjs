// Frameworks: from the bar to the control to the findings, by keyboard, without JavaScript, as a team, and in the past.
import { test } from "node:test";
import assert from "node:assert/strict";
import { dayOfFirst, visit } from "./browser.mjs";
import { reach } from "./hand.mjs";

const OFF = { javaScriptEnabled: false };

/** The number of controls that a page says it shows, and of how many. */
async function controls(page) {
  const text = await page.locator(".range").innerText();
  const numbers = text.match(/[\d,]+/g).map((number) => Number(number.replaceAll(",", "")));
  return { shown: numbers[0], all: numbers.at(-1) };
}

test("every bar says how many controls it has, and its words add up to them", () =>
  visit("/frameworks", async (page) => {
    const rows = page.locator("table.frameworks tbody tr");
    assert.ok((await rows.count()) >= 11);
    for (const row of await rows.all()) {
      const label = await row.locator("svg[role=img]").getAttribute("aria-label");
      const [total, ...parts] = label.match(/[\d,]+/g).map((number) => Number(number.replaceAll(",", "")));
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0),
        total,
        label,
      );
      const sentence = await row.locator("td").last().innerText();
      assert.match(sentence, new RegExp(`of ${total.toLocaleString("en")} controls? (is|are) judged by rules`));
    }
  }));

test("a control is found by keyboard: a branch is opened, the control, a rule, the findings", () =>
  visit("/frameworks/mcsb-v2", async (page) => {
    const branch = page.locator(".tree summary").filter({ hasText: "NS " }).first();
    await reach(page, branch);
    await page.keyboard.press("Enter");
    const control = page.locator(".tree").getByRole("link", { name: "NS-2", exact: true });
    await control.waitFor({ state: "visible" });
    await reach(page, control);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/frameworks\/mcsb-v2\/NS-2/);
    assert.match(await page.locator("h1").innerText(), /^NS-2/);
    const failing = page.locator("td[data-label=Fail] a").first();
    const number = Number(await failing.innerText());
    await reach(page, failing);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/findings\?/);
    // What could not be re-checked is open too, and fails no check of this scan.
    assert.ok((await controls(page)).all >= number);
  }));

test("filters, their chips and the open branches are in the address, without JavaScript", () =>
  visit(
    "/frameworks/nist-800-53-r5",
    async (page) => {
      const { all } = await controls(page);
      assert.equal(await page.locator("script").count(), 0, "a page without an island loads nothing");
      await page.locator("#filters").getByLabel(/^Manual/).first().check();
      await page.getByRole("button", { name: "Apply filters" }).click();
      assert.match(page.url(), /kind=manual|status=manual/);
      const filtered = await controls(page);
      assert.ok(filtered.shown < all && filtered.all === all);
      await page.locator(".chip").first().click();
      assert.equal((await controls(page)).shown, all);
      await page.getByRole("link", { name: "Expand all" }).click();
      assert.match(page.url(), /expand=all/);
      assert.equal(await page.locator(".tree details:not([open])").count(), 0);
      await page.getByRole("link", { name: "Collapse all" }).click();
      assert.equal(await page.locator(".tree details[open]").count(), 0);
      await page.goto(`${new URL(page.url()).origin}/frameworks/nist-800-53-r5?open=AC&open=AC-2`);
      assert.equal(await page.locator(".tree details[open]").count(), 2);
      await page.locator(".tree").getByRole("link", { name: "AC-2(1)", exact: true }).click();
      assert.match(await page.locator("h1").innerText(), /^AC-2\(1\)/);
      // The way back opens what leads here.
      await page.locator(".crumbs a").nth(1).click();
      assert.equal(await page.locator(".tree details[open]").count(), 2);
    },
    OFF,
  ));

test("what nobody can look at from here says so, and why", () =>
  visit(
    "/frameworks/eu-ai-act?kind=not_assessable",
    async (page) => {
      await page.locator(".tree .control a").first().click();
      const text = await page.locator("main").innerText();
      assert.match(text, /It cannot be assessed from Azure, because:/);
      assert.doesNotMatch(text, /Passing/);
    },
    OFF,
  ));

test("a team is told of its own assets, and the past is the past", async () => {
  await visit("/frameworks/mcsb-v2/NS-2", (page) => page.getByText("alone.").waitFor(), { as: "contributor" });
  const day = await dayOfFirst();
  await visit(`/frameworks/mcsb-v2?as_of=${day}`, async (page) => {
    const link = page.locator(".crumbs a").first();
    assert.match(await link.getAttribute("href"), new RegExp(`as_of=${day}`));
    await page.locator(".tree summary").first().click();
    assert.match(await page.locator(".tree .control a").first().getAttribute("href"), new RegExp(`as_of=${day}`));
  });
  await visit("/frameworks?as_of=2001-01-01", () => {}, { status: 422 });
});
