// The resources list and a resource's page, by keyboard, with a script and without.
import { test } from "node:test";
import assert from "node:assert/strict";
import { firstFinding, firstResource, visit } from "./browser.mjs";
import { reach } from "./hand.mjs";

const OFF = { javaScriptEnabled: false };

/** The number of resources that a list says it has. */
async function total(page) {
  const text = await page.locator(".range").innerText();
  return Number(/([\d,]+) resources?$/.exec(text)[1].replaceAll(",", ""));
}

test("a resource is found by filter, opened and read with the keyboard alone", () =>
  visit("/resources", async (page) => {
    const all = await total(page);
    await reach(page, page.locator('input[name="status"][value="failing"]').first());
    await page.keyboard.press("Space");
    await reach(page, page.locator("form[aria-label=Filters] button[type=submit]").first());
    await page.keyboard.press("Enter");
    await page.waitForURL(/status=failing/);
    assert.ok((await total(page)) <= all);
    await reach(page, page.locator("#results .row-link").first());
    const name = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/resources\/R-\d+/);
    assert.ok((await page.locator("h1").innerText()).startsWith(name));
    await reach(page, page.locator("#configuration-heading ~ details > summary").first());
    await page.keyboard.press("Enter");
    const json = page.getByRole("region", { name: "Resource as JSON" });
    assert.ok(await json.isVisible());
    JSON.parse(await json.textContent());
  }));

test("the same without a script", () =>
  visit(
    "/resources",
    async (page) => {
      const all = await total(page);
      const option = page.locator("label", { has: page.locator('input[name="type"]') }).first();
      const expected = Number((await option.locator(".option-count").innerText()).replaceAll(",", ""));
      await option.locator("input").check();
      await page.getByRole("button", { name: "Apply filters" }).click();
      assert.match(page.url(), /type=/);
      assert.equal(await total(page), expected);
      await page.getByRole("link", { name: /Remove filter service/ }).click();
      assert.equal(await total(page), all);
      await page.getByRole("navigation", { name: "Sort by" }).getByRole("link", { name: "Name" }).click();
      assert.match(page.url(), /sort=name/);
      const names = await page.locator("#results .row-link").allInnerTexts();
      assert.deepEqual(names, [...names].sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1)));
      await page.locator("#results .row-link").first().click();
      assert.match(page.url(), /\/resources\/R-\d+$/);
      await page.getByText("The resource, as JSON").click();
      JSON.parse(await page.getByRole("region", { name: "Resource as JSON" }).textContent());
      assert.equal(await page.getByRole("button", { name: /^Copy/ }).count(), 0, "no script, no button");
    },
    OFF,
  ));

test("pages hold every resource once", () =>
  visit("/resources?limit=25", async (page) => {
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

test("counts lead to exactly the findings of the resource", () =>
  visit("/resources?status=failing", async (page) => {
    const open = await page.locator('#results td[data-label="Findings"]').first().innerText();
    const expected = Number(/([\d,]+) open/.exec(open)[1].replaceAll(",", ""));
    await page.locator("#results .row-link").first().click();
    await page.waitForURL(/\/resources\/R-/);
    await page.locator("#findings").getByRole("link", { name: /^[\d,]+ open$/ }).click();
    await page.waitForURL(/findings\?.*resource=R-/);
    const range = await page.locator(".range").innerText();
    assert.equal(Number(/([\d,]+) findings?$/.exec(range)[1].replaceAll(",", "")), expected);
    assert.ok(await page.getByRole("link", { name: /Remove filter resource/ }).isVisible());
    await page.locator('#results td[data-label="Asset"] a').first().click();
    await page.waitForURL(/\/resources\/R-/);
  }));

test("a button copies, says so, and is all that the page's script does", async () => {
  for (const [path, name, wanted] of [
    [await firstResource(), "Copy the ARM id", /^\/subscriptions\//],
    [await firstFinding(), "Copy the ARM id", /^\/subscriptions\//],
  ]) {
    await visit(
      path,
      async (page) => {
        const button = page.getByRole("button", { name });
        await button.focus();
        await page.keyboard.press("Enter");
        await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
        const copied = await page.evaluate(() => navigator.clipboard.readText());
        assert.match(copied, wanted);
        assert.equal(copied, await page.locator('[data-copy="the ARM id"]').textContent());
        const loaded = await page.evaluate(() =>
          performance.getEntriesByType("resource").map((entry) => [entry.name, entry.decodedBodySize]),
        );
        const scripts = loaded.filter(([address]) => /\.(js|wasm)$/.test(address));
        assert.equal(scripts.length, 1, path);
        assert.match(scripts[0][0], /\/postern-copy-[0-9a-f]{12}\.js$/);
        assert.ok(scripts[0][1] <= 1024, `${scripts[0][1]} bytes`);
      },
      { permissions: ["clipboard-read", "clipboard-write"] },
    );
  }
});

test("what changed can be compared after any two scans", () =>
  visit("/resources?sort=name", async (page) => {
    const links = await page.locator("#results .row-link").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    for (const href of links) {
      const found = await visit(
        href,
        async (resource) => {
          const compare = resource.getByRole("button", { name: "Compare" });
          if ((await compare.count()) === 0) {
            return false;
          }
          await compare.click();
          assert.match(resource.url(), /diff_from=S-\d+&diff_until=S-\d+/);
          assert.ok((await resource.locator("#changes .compared tbody tr, #changes .empty").count()) > 0);
          return true;
        },
        OFF,
      );
      if (found) {
        return;
      }
    }
    assert.fail("nothing of the demo ever changed");
  }));

test("somebody of a team sees its resources and no other's page", async () => {
  const whole = await visit("/resources", total);
  await visit(
    "/resources",
    async (page) => {
      assert.ok((await total(page)) < whole);
      for (const owner of await page.locator('#results td[data-label="Owner"]').allInnerTexts()) {
        assert.equal(owner.trim(), "Claims");
      }
    },
    { as: "contributor" },
  );
  const others = await visit("/resources?owner=marketing", (page) =>
    page.locator("#results .row-link").first().getAttribute("href"),
  );
  await visit(others, async () => {}, { as: "contributor", status: 404 });
});
