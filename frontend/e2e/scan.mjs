// Asking for a scan, with JavaScript off.
import { test } from "node:test";
import assert from "node:assert/strict";
import { visit } from "./browser.mjs";

const OFF = { javaScriptEnabled: false };

test("a scan is asked for with a form", () =>
  visit(
    "/scans",
    async (page) => {
      await page.getByRole("button", { name: "Scan now" }).click();
      assert.match(page.url(), /\/scans\?connection=.+&queued=S-\d+$/);
      const id = /queued=(S-\d+)/.exec(page.url())[1];
      assert.match(await page.getByRole("status").innerText(), new RegExp(`Scan ${id} is queued`));
      assert.ok(await page.locator(`tr#${id}`).isVisible());
    },
    OFF,
  ));
