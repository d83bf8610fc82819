// Asking for a scan, with JavaScript off.
import { test } from "node:test";
import assert from "node:assert/strict";
import { scanWithGaps, visit } from "./browser.mjs";

const OFF = { javaScriptEnabled: false };

test("a scan is asked for with a form", () =>
  visit(
    "/scans",
    async (page) => {
      await page.getByRole("button", { name: "Scan now" }).click();
      assert.match(page.url(), /\/scans\?connection=.+&queued=S-\d+$/);
      const id = /queued=(S-\d+)/.exec(page.url())[1];
      assert.match(await page.locator(".notice").innerText(), new RegExp(`Scan ${id} is queued`));
      assert.ok(await page.locator(`tr#${id}`).isVisible());
    },
    OFF,
  ));

test("a scan is followed to its end without reloading by hand", () =>
  visit("/scans", async (page) => {
    await page.getByRole("button", { name: "Scan now" }).click();
    await page.waitForURL(/queued=S-\d+/);
    const id = /queued=(S-\d+)/.exec(page.url())[1];
    const result = page.getByRole("link", { name: `Show the result of scan ${id}` });
    await result.waitFor({ timeout: 60_000 });
    assert.match(page.url(), /queued=/, "the page stays as somebody left it until they ask for it anew");
    await result.press("Enter");
    await page.waitForURL((address) => !address.search.includes("queued="));
    assert.match(await page.locator(`tr#${id}`).innerText(), /Finished/);
  }));

test("a schedule is paused and goes on", () =>
  visit(
    "/scans",
    async (page) => {
      assert.equal(await page.locator(".next-scans li").count(), 3);
      await page.getByRole("button", { name: "Pause schedule" }).click();
      assert.match(await page.locator("main").innerText(), /The schedule has been paused since .+ by Kim Duarte/);
      assert.equal(await page.locator(".next-scans").count(), 0);
      await page.getByRole("button", { name: "Resume schedule" }).click();
      assert.match(await page.getByRole("status").innerText(), /The schedule goes on/);
      assert.equal(await page.locator(".next-scans li").count(), 3);
    },
    OFF,
  ));

test("what changed in a scan is a link away", () =>
  visit(
    "/scans",
    async (page) => {
      await page.getByRole("link", { name: /What changed in scan/ }).last().click();
      assert.match(page.url(), /\/diff\?connection=.+&from=.+&until=.+/);
      assert.equal(await page.locator("h1").innerText(), "What changed");
      assert.ok((await page.locator(".cause-list code").count()) > 0, "properties are named");
      assert.notEqual(await page.getByLabel("From the end of").inputValue(), "");
    },
    OFF,
  ));

test("a comparison from before the first scan is refused in words", () =>
  visit(
    "/diff?from=2020-01-01",
    async (page) =>
      assert.match(await page.locator("main").innerText(), /Nothing is known of 1 Jan 2020, 23:59 UTC: the first scan/),
    { ...OFF, status: 422 },
  ));

test("what could not be read names what would mend it", async () => {
  const address = await scanWithGaps();
  await visit(
    address,
    async (page) => {
      const fixes = page.getByRole("table", { name: /What gives most comes first/ });
      assert.ok((await fixes.locator("tbody tr").count()) > 0);
      const first = fixes.locator("tbody tr").first();
      assert.match(await first.innerText(), /Grant/);
      await page.getByText("A role with these actions").click();
      const role = JSON.parse(await page.getByRole("region", { name: "Role definition" }).innerText());
      assert.ok(role.Actions.every((action) => action.endsWith("/read")), "a scan needs nothing but reads");
      const commands = await page.getByRole("region", { name: "Azure CLI commands" }).innerText();
      assert.match(commands, /az role assignment create --assignee OBJECT_ID/);
      await page.getByRole("navigation", { name: "Other scans" }).getByRole("link").first().click();
      assert.match(page.url(), /\/scans\/S-\d+$/);
    },
    OFF,
  );
});
