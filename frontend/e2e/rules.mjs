// Rules and packs: what judges, what it says, and what another pack would change.
import { test } from "node:test";
import assert from "node:assert/strict";
import { firstFinding, visit } from "./browser.mjs";

const OFF = { javaScriptEnabled: false };

/** How many rules a page says it shows, and of how many. */
async function rules(page) {
  const text = await page.locator(".range").innerText();
  const numbers = text.match(/\d+/g).map(Number);
  return { shown: numbers[0], all: numbers.at(-1) };
}

test("rules are filtered, and each has its page, without JavaScript", () =>
  visit(
    "/rules",
    async (page) => {
      const { all } = await rules(page);
      assert.equal(await page.locator("script").count(), 0);
      await page.locator("#filters").getByLabel(/^Networking/).check();
      await page.locator("#filters").getByLabel(/^Critical/).check();
      await page.getByRole("button", { name: "Apply filters" }).click();
      const filtered = await rules(page);
      assert.ok(filtered.shown > 0 && filtered.shown < all);
      assert.equal(filtered.all, all);
      assert.equal(await page.locator("table.rules tbody tr").count(), filtered.shown);
      await page.locator("table.rules .row-link").first().click();
      assert.match(page.url(), /\/rules\/[A-Z]+-\d+/);
      for (const name of ["Results now", "How it judges", "Controls that it is evidence for", "How to fix it"]) {
        assert.ok(await page.getByRole("heading", { name }).isVisible(), name);
      }
      await page.getByRole("link", { name: "Trend of this rule" }).click();
      assert.match(page.url(), /\/trend\?.*rule=/);
    },
    OFF,
  ));

test("a number of a rule leads to as many findings", () =>
  visit("/rules", async (page) => {
    const link = page.locator("td[data-label=Unknown] a, td[data-label=Fail] a").first();
    const number = Number((await link.innerText()).replaceAll(",", ""));
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/findings\?/);
    assert.ok((await rules(page)).all >= number);
  }));

test("a finding leads to its rule and to the controls that it is evidence for", async () => {
  const finding = await firstFinding();
  await visit(
    finding,
    async (page) => {
      const judged = page.locator("section").filter({ has: page.getByRole("heading", { name: "Judged by" }) });
      await judged.locator("a[href*='/frameworks/']").first().click();
      assert.match(page.url(), /\/frameworks\/[^/]+\/[^/]+/);
      await page.goBack();
      await judged.locator("a[href*='/rules/']").first().click();
      assert.match(page.url(), /\/rules\//);
    },
    OFF,
  );
});

test("what other settings would change is compared by a form, by keyboard", () =>
  visit("/packs", async (page) => {
    assert.match(await page.locator("main").innerText(), /built into Postern/);
    await page.getByRole("link", { name: "What would another pack change?" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/packs/compare");
    await page.locator("#settings").focus();
    await page.keyboard.type('{"values": {"requiredTags": ["cost-centre"]}}');
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What would change in the latest snapshots" }).waitFor();
    assert.match(new URL(page.url()).searchParams.get("settings"), /cost-centre/);
    const text = await page.locator("main").innerText();
    assert.match(text, /POL-16/);
    assert.match(text, /judged by both, with the settings entered here/);
    assert.match(await page.locator("#settings").inputValue(), /cost-centre/);
  }));

test("settings that are none are refused in words, without JavaScript", () => {
  const settings = '{"values": </textarea><b>';
  return visit(
    `/packs/compare?from=azure-ai-baseline&to=azure-ai-baseline&settings=${encodeURIComponent(settings)}`,
    async (page) => {
      assert.match(await page.getByRole("alert").innerText(), /The settings are not understood/);
      assert.equal(await page.locator("#settings").inputValue(), settings);
    },
    { ...OFF, status: 422 },
  );
});

test("who may not change what judges may not compare, and is told who may", async () => {
  await visit("/packs", async (page) => {
    assert.equal(await page.getByRole("link", { name: "What would another pack change?" }).count(), 0);
  }, { as: "auditor" });
  await visit("/packs/compare", (page) => page.getByText("engineer").first().waitFor(), { as: "auditor", status: 403 });
});
