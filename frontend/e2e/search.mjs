// Going to something by its id, and finding it by its name, from the header of any page.
import { test } from "node:test";
import assert from "node:assert/strict";
import { firstFinding, visit } from "./browser.mjs";

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an id leads straight to its page, ${script}`, async () => {
    const finding = await firstFinding();
    await visit(
      "/overview",
      async (page) => {
        await page.getByRole("searchbox", { name: "Name or id" }).fill(finding.split("/").at(-1).toLowerCase());
        await page.keyboard.press("Enter");
        await page.waitForURL(`**${finding}`);
      },
      { javaScriptEnabled },
    );
  });

  test(`a part of a name finds resources, findings and rules, ${script}`, () =>
    visit(
      "/exceptions",
      async (page) => {
        await page.getByRole("searchbox", { name: "Name or id" }).fill("prod");
        await page.keyboard.press("Enter");
        await page.waitForURL("**/search?*");
        const resources = page.getByRole("region", { name: "Resources" });
        const first = resources.getByRole("link").first();
        assert.match(await first.innerText(), /prod/i);
        await first.click();
        assert.match(page.url(), /\/resources\/R-\d+/);
      },
      { javaScriptEnabled },
    ));
}

test("a rule is found by its id in whatever letters", () =>
  visit("/search?q=net-01", async (page) => assert.match(page.url(), /\/rules\/NET-01/)));

test("somebody of a team finds what is their team's", async () => {
  const shown = (as) =>
    visit("/search?q=prod", (page) => page.getByRole("region", { name: "Resources" }).innerText(), { as });
  const [all, part] = [await shown("engineer"), await shown("contributor")];
  assert.notEqual(all, part);
});
