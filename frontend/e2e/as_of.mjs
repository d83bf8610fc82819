// Pages as of a moment in the past.
import { test } from "node:test";
import assert from "node:assert/strict";
import { dayOfFirst, firstFinding, total, visit } from "./browser.mjs";

test("a day is chosen by keyboard, and links keep it until now is shown again", async () => {
  const day = await dayOfFirst();
  await visit("/overview", async (page) => {
    const summary = page.locator(".as-of summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    // A date field takes its parts one after the other, in the order of the browser's language.
    await page.getByLabel("End of the day (UTC)").fill(day);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`as_of=${day}`));
    assert.match(await page.locator("aside.as-of").innerText(), /^As of .* 23:59 UTC: what was known then/);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Findings" }).click();
    assert.match(page.url(), new RegExp(`as_of=${day}`));
    const then = await total(page);
    assert.ok(then > 0);
    await page.locator("#results .row-link").first().click();
    assert.match(page.url(), new RegExp(`/findings/F-\\d+\\?as_of=${day}`));
    await page.getByRole("link", { name: "Show now" }).click();
    assert.match(page.url(), /\/findings\/F-\d+$/);
    assert.equal(await page.locator("aside.as-of").count(), 0);
  });
});

test("filters and the moment hold together, without a script too", async () => {
  const day = await dayOfFirst();
  await visit(
    `/findings?sev=high&as_of=${day}`,
    async (page) => {
      const high = await total(page);
      await page.getByRole("link", { name: "Remove filter severity: high" }).click();
      assert.match(page.url(), new RegExp(`as_of=${day}`));
      assert.ok((await total(page)) >= high);
      await page.locator(".as-of summary").click();
      await page.getByLabel("End of the day (UTC)").fill("2001-01-01");
    },
    { javaScriptEnabled: false },
  );
});

test("a moment of which nothing is known is refused in words", async () => {
  const finding = await firstFinding();
  for (const [path, sentence] of [
    ["/overview?as_of=2001-01-01", /Nothing is known of 1 Jan 2001, 23:59 UTC: .contoso-ai. can be shown as of any moment from/],
    ["/findings?as_of=2999-01-01", /lies in the future/],
    ["/findings?as_of=yesterday", /Expected a date such as/],
    [`${finding}?as_of=yesterday`, /Expected a date such as/],
  ]) {
    await visit(
      path,
      async (page) => {
        assert.match(await page.locator(".problem").innerText(), sentence);
        assert.ok(await page.getByRole("link", { name: "Show now" }).isVisible());
      },
      { status: 422 },
    );
  }
});
