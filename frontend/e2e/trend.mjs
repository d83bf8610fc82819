// The trend of a part of the findings: it ends with what the overview says, and is chosen by keyboard and without a script.
import { test } from "node:test";
import assert from "node:assert/strict";
import { chart, visit } from "./browser.mjs";

/** The open findings of the last scan by severity, as the chart's table has them. */
const last = (page) =>
  page.locator("#open-findings tr[data-at]").last().locator("td").allTextContents().then((cells) => cells.slice(0, 4));

test("an owner's trend ends with the owner's numbers", () =>
  visit("/overview", async (page) => {
    for (const place of ["first", "last"]) {
      const row = page.locator("table.teams tbody tr")[place]();
      const numbers = (await row.locator("td.number").allTextContents()).slice(1, 5);
      const href = await row.getByRole("link", { name: "Trend" }).getAttribute("href");
      await visit(href, async (trend) => assert.deepEqual(await last(trend), numbers, href));
    }
  }));

test("a topic is chosen by keyboard, and the chart is read", () =>
  visit("/trend", async (page) => {
    const all = await last(page);
    await page.getByLabel("Topic").focus();
    await page.keyboard.press("N");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/topic=networking/);
    assert.match(await page.locator(".lead").innerText(), /Networking/);
    const some = await last(page);
    assert.notDeepEqual(some, all);
    some.forEach((number, place) =>
      assert.ok(Number(number.replaceAll(",", "")) <= Number(all[place].replaceAll(",", ""))));
    const slider = await chart(page);
    await slider.press("Home");
    assert.match(await page.locator(".readout-text").innerText(), /critical/);
  }));

test("what is chosen stays chosen, in every range, and what is not understood is said", () =>
  visit(
    "/trend?rule=NET-01&control=mcsb-v1:nowhere",
    async (page) => {
      assert.match(await page.locator(".notice").innerText(), /No framework has the control .mcsb-v1:nowhere., so it was left out/);
      assert.equal(await page.getByLabel("Rule", { exact: true }).inputValue(), "NET-01");
      await page.getByRole("link", { name: "30 days" }).click();
      assert.match(page.url(), /rule=NET-01/);
      assert.equal(await page.getByLabel("Rule", { exact: true }).inputValue(), "NET-01");
      await page.getByLabel("Control").fill("mcsb-v1:NS-2");
      await page.getByRole("button", { name: "Show" }).click();
      assert.match(await page.locator(".lead").innerText(), /NET-01 · control mcsb-v1:NS-2/);
      assert.match(page.url(), /range=30d/);
    },
    { javaScriptEnabled: false },
  ));
