// Everything with JavaScript off.
import { test } from "node:test";
import assert from "node:assert/strict";
import { firstFinding, total, visit } from "./browser.mjs";

const OFF = { javaScriptEnabled: false };

test("the overview shows its numbers, its chart and its table", () =>
  visit(
    "/overview",
    async (page) => {
      assert.equal(await page.locator(".tile-number").count(), 6);
      assert.ok(await page.locator("#open-findings .chart-drawing:visible").isVisible());
      assert.ok(await page.locator(".readout").isHidden());
      await page.locator("#open-findings .twin summary").click();
      assert.ok(await page.locator("#open-findings .twin table").isVisible());
    },
    OFF,
  ));

test("the list is filtered, paged and opened", () =>
  visit(
    "/findings?limit=25&status=all",
    async (page) => {
      const all = await total(page);
      await page.locator('input[name="sev"][value="high"]').check();
      await page.getByRole("button", { name: "Apply filters" }).click();
      assert.match(page.url(), /sev=high/);
      assert.match(page.url(), /limit=25/);
      assert.ok((await total(page)) <= all);
      await page.getByRole("link", { name: "Clear all" }).click();
      assert.equal(await total(page), all);
      const next = page.getByRole("link", { name: "Next page" });
      if ((await next.count()) > 0) {
        await next.click();
        assert.match(await page.locator(".range").innerText(), /^26–/);
        await page.getByRole("link", { name: "First page" }).click();
        assert.match(await page.locator(".range").innerText(), /^1–/);
      }
      await page.locator("#results .row-link").first().click();
      assert.match(page.url(), /\/findings\/F-\d+$/);
    },
    OFF,
  ));

test("a finding can be read", async () => {
  await visit(
    await firstFinding(),
    async (page) => {
      assert.ok(await page.getByRole("heading", { name: "Evidence" }).isVisible());
    },
    OFF,
  );
});
