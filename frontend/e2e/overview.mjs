// The overview: its numbers lead to their rows, its chart can be read by keyboard and pointer.
import { test } from "node:test";
import assert from "node:assert/strict";
import { chart, total, visit } from "./browser.mjs";

test("each number leads to exactly that many rows", () =>
  visit("/overview", async (page) => {
    const tiles = await page.locator("a[data-rows]").evaluateAll((links) =>
      links.map((link) => ({
        name: link.textContent,
        href: link.getAttribute("href"),
        rows: Number(link.dataset.rows),
        shown: link.closest("li").querySelector(".tile-number").textContent,
      })),
    );
    assert.equal(tiles.length, 4);
    for (const { name, href, rows, shown } of tiles) {
      assert.equal(Number(shown.replaceAll(",", "")), rows, name);
      await visit(href, async (list) => assert.equal(await total(list), rows, name));
    }
  }));

test("each number of an owner leads to exactly that many rows", () =>
  visit("/overview", async (page) => {
    const rows = await page.locator("table.teams tbody tr").evaluateAll((all) =>
      all.map((row) => ({
        owner: row.querySelector("th").textContent,
        numbers: [...row.querySelectorAll("td.number a")].map((link) => [link.getAttribute("href"), link.textContent]),
      })),
    );
    assert.ok(rows.length > 2);
    assert.equal(rows.at(-1).owner, "Nobody");
    for (const { owner, numbers } of [rows[0], rows.at(-1)]) {
      assert.ok(numbers.length > 0, owner);
      for (const [href, shown] of numbers) {
        await visit(href, async (list) =>
          assert.equal(await total(list), Number(shown.replaceAll(",", "")), `${owner}: ${href}`));
      }
    }
    const open = await page.locator("table.teams tbody tr td:nth-child(2)").allInnerTexts();
    const all = open.reduce((sum, number) => sum + Number(number.replaceAll(",", "")), 0);
    await visit("/findings", async (list) => assert.equal(await total(list), all, "owners together"));
  }));

test("the chart is read scan by scan with the keyboard", () =>
  visit("/overview", async (page) => {
    const slider = await chart(page);
    const text = () => page.locator(".readout-text").innerText();
    const points = await page.locator("#open-findings tr[data-at]").count();
    assert.equal(Number(await slider.getAttribute("max")), points - 1);
    const last = await text();
    assert.match(last, /^\d+ \w+ \d{4}, \d\d:\d\d UTC: critical \d+, high \d+/);
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    const before = await text();
    assert.notEqual(before, last);
    assert.equal(await slider.getAttribute("aria-valuetext"), before);
    await page.keyboard.press("Home");
    const first = page.locator("#open-findings tr[data-at]").first();
    assert.ok((await text()).startsWith(await first.locator("th").textContent()));
    await page.keyboard.press("End");
    assert.equal(await text(), last);
    const cursor = page.locator("#open-findings svg:visible [data-cursor]");
    assert.equal(await cursor.getAttribute("visibility"), "visible");
  }));

test("the pointer moves the same cursor", () =>
  visit("/overview", async (page) => {
    const slider = await chart(page);
    const box = await page.locator("#open-findings .chart-drawing:visible").boundingBox();
    await page.mouse.move(box.x + box.width * 0.02, box.y + 60);
    assert.equal(await slider.inputValue(), "0");
  }));

test("every value of the chart stands in its table", () =>
  visit("/overview", async (page) => {
    await page.locator("#open-findings .twin summary").click();
    const table = page.getByRole("table", { name: /Open findings by severity/ });
    const cells = await table.locator("tbody tr[data-at]").last().locator("td").allTextContents();
    const labels = await page.locator("#open-findings svg:visible .chart-value").allTextContents();
    assert.deepEqual(
      labels.map((label) => label.split(" ")[0]),
      cells.slice(0, labels.length),
    );
  }));

test("what is read aloud", () =>
  visit("/overview", async (page) => {
    await chart(page);
    const tree = await page.locator("body").ariaSnapshot();
    for (const line of [
      /navigation "Skip"/,
      /banner/,
      /navigation "Main"/,
      /link "Overview"/,
      /main/,
      /heading "Overview of .+" \[level=1\]/,
      /list "Numbers"/,
      /heading "Critical and high" \[level=2\]/,
      /figure "\w+ findings (fell|rose|stayed).+"/,
      /img "Open findings by severity over time"/,
      /slider "Scan"/,
      /heading "Checks by topic" \[level=2\]/,
      /heading "Coverage" \[level=2\]/,
      /contentinfo/,
    ]) {
      assert.match(tree, line);
    }
  }));
