// Administration: rules changed after a preview, and a token created, shown once and revoked; by keyboard, and without
// JavaScript.
import { test } from "node:test";
import assert from "node:assert/strict";
import { base, visit } from "./browser.mjs";
import { Hand } from "./hand.mjs";

const OFF = { javaScriptEnabled: false };
const said = (page) => page.locator("main").innerText();

/** Goes to what has this role and name by the Tab key alone, and presses Enter. */
const press = (page, role, name) => new Hand(page, false).press(page.getByRole(role, { name, exact: true }));

for (const [how, options] of [
  ["by keyboard", {}],
  ["by keyboard and without JavaScript", OFF],
]) {
  test(`rules are changed after a preview, ${how}`, () =>
    visit(
      "/admin/teams",
      async (page) => {
        const rows = async () => {
          const all = page.getByRole("region", { name: "Table of rules" }).getByRole("row");
          return (await all.allInnerTexts()).slice(1).map((row) => row.split("\n")[0]);
        };
        const before = await page.locator("td[data-label='Assets with'] > .name:first-child").allInnerTexts();
        await press(page, "link", "Change teams and rules");
        await page.waitForURL("**/admin/teams/edit");
        // The second rule goes before the first.
        await press(page, "button", "Move rule 2 up");
        await page.waitForURL("**/admin/teams/edit#rule-1");
        const first = await page.locator("#rule-1-value").inputValue();
        assert.equal(`tag ${first}`, before[1]);
        // Without a reason nothing is previewed, and what was entered stays.
        await press(page, "button", "Preview what changes");
        assert.match(await page.title(), /^Error: /);
        assert.equal(await page.locator("#rule-1-value").inputValue(), first);
        await page.getByRole("link", { name: /Enter why it is changed/ }).focus();
        await page.keyboard.press("Enter");
        assert.equal(await page.evaluate(() => document.activeElement.id), "reason");
        await page.keyboard.type("A test of the order");
        await press(page, "button", "Preview what changes");
        assert.match(await said(page), /None of \d+ assets changes hands\./);
        assert.match(await said(page), /A test of the order/);
        assert.ok((await rows()).length >= 2);
        await press(page, "button", "Change the rules");
        await page.waitForURL("**/admin/teams?done=changed");
        assert.match(await page.getByRole("status").first().innerText(), /The rules are changed/);
        const after = await page.locator("td[data-label='Assets with'] > .name:first-child").allInnerTexts();
        assert.deepEqual(after.slice(0, 2), [before[1], before[0]]);
      },
      { as: "administrator", answers: [422], ...options },
    ));

  test(`a token is created, shown once and revoked, ${how}`, () =>
    visit(
      "/admin/tokens",
      async (page) => {
        await press(page, "link", "Create a token");
        await page.locator("#name").focus();
        await page.keyboard.type("night <report>");
        await press(page, "button", "Create token");
        assert.match(await said(page), /A token needs a role\./);
        assert.equal(await page.locator("#name").inputValue(), "night <report>");
        await page.locator("#role-auditor").focus();
        await page.keyboard.press("Space");
        await press(page, "button", "Create token");
        const token = await page.getByLabel("The token", { exact: true }).innerText();
        assert.match(token, /^postern_[0-9a-f]{64}$/);
        assert.ok(!page.url().includes("postern_"), "no address holds it");
        const asked = await fetch(new URL("/decisions", base), { headers: { authorization: `Bearer ${token}` } });
        assert.equal(asked.status, 200);
        await press(page, "link", "I kept it; go to all tokens");
        await page.waitForURL("**/admin/tokens");
        assert.ok(!(await page.content()).includes(token), "it is shown once");
        await page.getByRole("row").filter({ hasText: "Holds" }).getByRole("link", { name: /^Revoke night <report>/ }).first().focus();
        await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
        assert.match(await page.locator("h1").innerText(), /^Revoke night <report> \(T-\d+\)\?$/);
        await press(page, "button", "Revoke token");
        await page.waitForURL("**/admin/tokens?revoked=T-*");
        assert.match(await page.getByRole("status").first().innerText(), /its next request is refused/);
        const again = await fetch(new URL("/decisions", base), { headers: { authorization: `Bearer ${token}` } });
        assert.equal(again.status, 401);
      },
      { as: "administrator", answers: [422], ...options },
    ));
}

test("Enter in a field previews and moves no rule", () =>
  visit(
    "/admin/teams/edit",
    async (page) => {
      const first = await page.locator("#rule-1-value").inputValue();
      await page.locator("#reason").fill("Enter");
      await page.locator("#rule-2-value").focus();
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      assert.match(await page.locator("h1").innerText(), /What these rules change/);
      await page.getByRole("button", { name: "Go on editing" }).click();
      assert.equal(await page.locator("#rule-1-value").inputValue(), first);
    },
    { as: "administrator", ...OFF },
  ));

test("the log is verified, and what is filtered stays in the address", () =>
  visit(
    "/decisions",
    async (page) => {
      await page.getByLabel("What, such as").fill("routing");
      await page.getByRole("button", { name: "Show", exact: true }).click();
      assert.match(page.url(), /action=routing/);
      assert.match(await said(page), /routing\.set/);
      await page.getByRole("button", { name: "Verify the log" }).click();
      assert.match(await said(page), /Unbroken Checked [\d,]+ entr/);
    },
    { as: "auditor", ...OFF },
  ));

test("everybody is offered what they can open, and nothing else", async () => {
  const offered = (as) =>
    visit("/overview", (page) => page.getByRole("list", { name: "Administer" }).getByRole("link").allInnerTexts(), { as });
  assert.deepEqual(await offered("contributor"), ["Notifications"]);
  assert.deepEqual(await offered("auditor"), ["Attention", "Connections", "Teams", "Notifications", "Policy"]);
  const all = ["Attention", "Connections", "Teams", "People", "Tokens", "Notifications", "Policy"];
  assert.deepEqual(await offered("administrator"), all);
});
