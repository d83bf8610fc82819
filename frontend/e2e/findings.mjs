// The findings list and a finding's page, by keyboard.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { firstFinding, total, visit } from "./browser.mjs";
import { reach } from "./hand.mjs";

test("filters are applied with the keyboard alone", () =>
  visit("/findings", async (page) => {
    const all = await total(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to filters" });
    assert.ok(await skip.evaluate((link) => link === document.activeElement));
    await page.keyboard.press("Enter");
    await reach(page, page.locator('input[name="sev"][value="low"]'));
    await page.keyboard.press("Space");
    await reach(page, page.getByRole("button", { name: "Apply filters" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/sev=low/);
    const chip = page.getByRole("link", { name: "Remove filter severity: low" });
    assert.ok(await chip.isVisible());
    const filtered = await total(page);
    assert.ok(filtered <= all);
    const count = page.locator("label", { has: page.locator('input[value="low"]') }).locator(".option-count");
    assert.equal(Number((await count.innerText()).replaceAll(",", "")), filtered);
    for (const badge of await page.locator('#results td[data-label="Severity"]').allInnerTexts()) {
      assert.equal(badge.trim(), "Low");
    }
    await chip.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.search.includes("sev="));
    assert.equal(await total(page), all);
  }));

test("the list as a file holds what the page shows, on all of its pages", () =>
  visit("/findings?sev=high&sev=medium&limit=25", async (page) => {
    const shown = await total(page);
    assert.ok(shown > 25, "there is more than a page");
    const link = page.getByRole("link", { name: "This list as CSV" });
    await reach(page, link);
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.match(file.suggestedFilename(), /^postern-some-findings-.*-DEMO\.csv$/);
    const rows = (await readFile(await file.path(), "utf8")).split("\r\n").filter((row) => /^F-\d+,/.test(row));
    assert.equal(rows.length, shown);
    assert.ok(rows.every((row) => /^F-\d+,(high|medium),(open|not_rechecked),/.test(row)));
    assert.ok(rows.every((row) => row.endsWith('"status: open; severity: high, medium"')));
    // What is not understood would make a file of more than was asked for.
    const wrong = new URL(await link.getAttribute("href"), page.url());
    wrong.searchParams.append("sev", "dreadful");
    assert.equal((await page.request.get(wrong.href)).status(), 400);
  }));

test("an owner's findings are its own, and say so", () =>
  visit("/findings", async (page) => {
    const option = page.locator("label", { has: page.locator('input[name="owner"][value="claims"]') });
    const expected = Number((await option.locator(".option-count").innerText()).replaceAll(",", ""));
    assert.ok(expected > 0);
    await option.locator("input").check();
    await page.getByRole("button", { name: "Apply filters" }).click();
    await page.waitForURL(/owner=claims/);
    assert.equal(await total(page), expected);
    for (const owner of await page.locator('#results td[data-label="Owner"]').allInnerTexts()) {
      assert.equal(owner.trim(), "Claims");
    }
    await page.locator("#results .row-link").first().click();
    await page.waitForURL(/findings\/F-/);
    await page.locator(".facts").getByRole("link", { name: "Claims" }).click();
    await page.waitForURL(/owner=claims/);
    assert.equal(await total(page), expected);
  }));

test("status tabs count their rows", () =>
  visit("/findings", async (page) => {
    const tabs = await page.locator(".tabs a").evaluateAll((links) =>
      links.map((link) => [link.getAttribute("href"), Number(link.querySelector(".tab-count").textContent.replaceAll(",", ""))]),
    );
    assert.equal(tabs.length, 5);
    for (const [href, count] of tabs) {
      await visit(href, async (list) => {
        assert.equal(await total(list), count, href);
        assert.equal(await list.locator('.tabs a[aria-current="page"]').count(), 1);
      });
    }
  }));

test("pages hold every row once", () =>
  visit("/findings?status=all&limit=25", async (page) => {
    const expected = await total(page);
    const seen = new Set();
    for (;;) {
      for (const href of await page.locator("#results .row-link").evaluateAll((all) => all.map((a) => a.pathname))) {
        assert.ok(!seen.has(href), `${href} stands on two pages`);
        seen.add(href);
      }
      const next = page.getByRole("link", { name: "Next page" });
      if ((await next.count()) === 0) {
        break;
      }
      await next.click();
      await page.waitForLoadState("load");
    }
    assert.equal(seen.size, expected);
  }));

for (const [by, words] of [["rule", "rules?"], ["resource", "resources?"], ["owner", "owners?"]]) {
  test(`grouped by ${by}, every number leads to its findings, by keyboard and without JavaScript`, async () => {
    await visit("/findings", async (page) => {
      const all = await total(page);
      const choice = page.getByRole("navigation", { name: "Group by" }).getByRole("link", { name: by, exact: false });
      await choice.focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(new RegExp(`group=${by}`));
      const range = await page.locator(".range").innerText();
      assert.match(range, new RegExp(`${words} with`));
      assert.equal(Number(/with ([\d,]+) findings?/.exec(range)[1].replaceAll(",", "")), all);
      const row = page.locator("#results tbody tr").first();
      const numbers = row.locator("td a");
      for (const index of [0, 1]) {
        const expected = Number((await numbers.nth(index).innerText()).replaceAll(",", ""));
        const there = await numbers.nth(index).getAttribute("href");
        await visit(there, async (list) => assert.equal(await total(list), expected, there));
      }
      await row.locator(".row-link").focus();
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.searchParams.has(by) && !url.searchParams.has("group"));
    });
    await visit(
      "/findings",
      async (page) => {
        await page.getByRole("navigation", { name: "Group by" }).getByRole("link", { name: by, exact: false }).click();
        await page.waitForURL(new RegExp(`group=${by}`));
        let sum = 0;
        for (const number of await page.locator('#results td[data-label="Findings"]').allInnerTexts()) {
          sum += Number(number.replaceAll(",", ""));
        }
        const range = await page.locator(".range").innerText();
        assert.ok(sum > 0 && range.length > 0);
        if (!(await page.getByRole("link", { name: "Next page" }).count())) {
          assert.equal(sum, Number(/with ([\d,]+) findings?/.exec(range)[1].replaceAll(",", "")));
        }
        await page.getByLabel("Asset name contains").fill("prod");
        await page.getByRole("button", { name: "Apply filters" }).click();
        await page.waitForURL((url) => url.searchParams.get("group") === by && url.searchParams.get("q") === "prod");
      },
      { javaScriptEnabled: false },
    );
  });
}

for (const [words, settings] of [["by keyboard", {}], ["without JavaScript", { javaScriptEnabled: false }]]) {
  test(`all that match are chosen for one exception, ${words}`, () =>
    visit(
      "/findings?limit=25",
      async (page) => {
        const matched = await total(page);
        const button = page.getByRole("button", { name: /^Select all [\d,]+ findings that match$/ });
        assert.match(await button.innerText(), new RegExp(`all ${matched.toLocaleString("en")} findings`));
        await button.focus();
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/findings\/selection/);
        const said = await page.locator("main").innerText();
        assert.match(said, new RegExp(`${matched.toLocaleString("en")} findings matched`));
        const chosen = Number(/File an exception for ([\d,]+) findings?/.exec(said)[1].replaceAll(",", ""));
        const left = Number((/([\d,]+) findings? (?:is|are) left out/.exec(said)?.[1] ?? "0").replaceAll(",", ""));
        assert.equal(chosen + left, matched);
        await page.getByRole("button", { name: /^Go on with/ }).focus();
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/exceptions\/check/);
        await page.getByRole("radio", { name: "Risk accepted" }).check();
        await page.getByLabel("Why", { exact: false }).first().fill("All of these wait for the new gateway.");
        await page.locator("input[name=until]").fill(new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10));
        await page.getByRole("button", { name: "Check before you send" }).click();
        assert.match(await page.locator("main").innerText(), new RegExp(`${chosen.toLocaleString("en")} findings`));
      },
      { as: "contributor", ...settings },
    ));
}

test("those of the page are ticked with one link, without JavaScript", () =>
  visit(
    "/findings?limit=25",
    async (page) => {
      const boxes = page.locator('#results tbody input[type="checkbox"]');
      const number = await boxes.count();
      await page.getByRole("link", { name: /^Tick all/ }).click();
      assert.equal(await page.locator("#results tbody input:checked").count(), number);
      await page.getByRole("link", { name: "Untick all" }).click();
      assert.equal(await page.locator("#results tbody input:checked").count(), 0);
    },
    { as: "contributor", javaScriptEnabled: false },
  ));

test("what an address does not mean is named, and the rest holds", () =>
  visit("/findings?sev=critical&holder=nlp&sev=extreme", async (page) => {
    const notice = await page.locator(".notice").innerText();
    assert.match(notice, /holder, sev=extreme/);
    assert.equal(await page.getByRole("link", { name: /Remove filter/ }).count(), 1);
  }));

test("a page of another list is the first page, and says so", () =>
  visit("/findings?after=nonsense", async (page) => {
    assert.match(await page.locator(".notice").innerText(), /this is the first page/);
    assert.match(await page.locator(".range").innerText(), /^1–/);
  }));

test("a list without a match says which filters to remove", () =>
  visit("/findings?q=no-such-asset-anywhere", async (page) => {
    assert.match(await page.locator(".empty").innerText(), /No findings match 1 filter/);
    await page.getByRole("link", { name: "Clear all filters" }).click();
    assert.ok((await total(page)) > 0);
  }));

test("a finding shows its evidence, its fix and its history", async () => {
  await visit(await firstFinding(), async (page) => {
    const tree = await page.locator("main").ariaSnapshot();
    for (const line of [
      /navigation "Breadcrumb"/,
      /heading .+ \[level=1\]/,
      /heading "Evidence" \[level=2\]/,
      /columnheader "Observed"/,
      /columnheader "Expected"/,
      /heading "How to fix it" \[level=2\]/,
      /heading "Same problem elsewhere, others here" \[level=2\]/,
      /heading "History" \[level=2\]/,
      /heading "Judged by" \[level=2\]/,
    ]) {
      assert.match(tree, line);
    }
    await page.getByText("Document as read, as JSON").click();
    JSON.parse(await page.getByRole("region", { name: "Document as JSON" }).innerText());
  });
});

test("pages with neither an island nor anything to copy load no script", async () => {
  for (const path of ["/frameworks", "/scans", "/reports"]) {
    await visit(path, async (page) => {
      const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
      assert.deepEqual(loaded.filter((name) => /\.(js|wasm)$/.test(name)), [], path);
      assert.equal(await page.locator("script").count(), 0, path);
    });
  }
});
