// Saved views of the findings list: saved, changed, renamed, deleted, and each undone; by keyboard and without JavaScript.
import { test } from "node:test";
import assert from "node:assert/strict";
import { total, visit } from "./browser.mjs";

const press = async (control) => {
  await control.focus();
  await control.page().keyboard.press("Enter");
  await control.page().waitForLoadState();
};
const notice = (page) => page.locator('.notice[data-kind="done"]');
const links = (page) => page.getByRole("navigation", { name: "View" });

for (const [words, settings] of [["by keyboard", {}], ["without JavaScript", { javaScriptEnabled: false }]]) {
  test(`a view is saved, changed, reset, renamed and deleted, ${words}`, () =>
    visit(
      "/findings?sev=critical&sev=high&group=rule",
      async (page) => {
        const matched = await page.locator(".range").innerText();
        const name = `Worst <first> ${words}`;
        await press(page.getByText("Save as a view", { exact: true }));
        await page.locator("#name").fill(name);
        await page.locator("#owner").selectOption("me");
        await press(page.getByRole("button", { name: "Save view" }));
        await page.waitForURL(/view=worst-first/);
        assert.match(await notice(page).innerText(), /Saved the view .* for you/);
        assert.equal(await page.locator(".range").innerText(), matched);
        assert.equal(await links(page).locator('a[aria-current="true"]').innerText(), name);

        // Explicit parameters win, and the page says so.
        await press(page.getByRole("link", { name: "Remove filter severity: high" }));
        await page.waitForURL((url) => !url.search.includes("sev=high"));
        assert.match(await page.locator(".views").innerText(), /changed/);
        await press(page.getByRole("link", { name: "Reset" }));
        await page.waitForURL((url) => !url.search.includes("sev="));
        assert.equal(await page.locator(".range").innerText(), matched);
        // Without any filter it is the whole list, and not the view's.
        await press(page.getByRole("link", { name: "Clear all" }));
        await page.waitForURL(/status=open/);
        assert.equal(await page.locator(".chip").count(), 0);
        await press(page.locator(".views").getByRole("button", { name: "Save", exact: true }));
        await page.waitForURL(/done=changed/);
        assert.equal(await page.locator(".chip").count(), 0);
        await press(notice(page).getByRole("button"));
        await page.waitForURL(/done=undone/);
        assert.equal(await page.locator(".chip").count(), 2);

        await press(page.getByText(/^Rename or delete/));
        await page.locator("#rename").fill(`Renamed ${words}`);
        await press(page.getByRole("button", { name: "Rename view" }));
        await page.waitForURL(/view=renamed/);
        assert.match(await notice(page).innerText(), /is called .Renamed/);
        await press(page.getByText(/^Rename or delete/));
        await press(page.getByRole("button", { name: "Delete view" }));
        await page.waitForURL(/done=deleted/);
        assert.equal(await links(page).getByText(`Renamed ${words}`).count(), 0);
        await press(notice(page).getByRole("button"));
        await page.waitForURL(/view=renamed/);
        assert.equal(await page.locator(".chip").count(), 2);
        await press(page.getByText(/^Rename or delete/));
        await press(page.getByRole("button", { name: "Delete view" }));
        await page.waitForURL(/done=deleted/);
      },
      { as: "contributor", ...settings },
    ));
}

test("what is shared is there for the team and for nobody of another; a view without a name is refused and kept", async () => {
  const name = "Claims alone";
  await visit(
    "/findings?sev=critical",
    async (page) => {
      await page.getByText("Save as a view", { exact: true }).click();
      await page.locator("#owner").selectOption("team:claims");
      await page.getByRole("button", { name: "Save view" }).click();
      assert.match(await page.locator("#mistakes").innerText(), /needs a name/);
      await page.locator("#name").fill(name);
      assert.equal(await page.locator("#owner").inputValue(), "team:claims");
      await page.getByRole("button", { name: "Save view" }).click();
      await page.waitForURL(/view=claims-alone/);
    },
    { as: "contributor", javaScriptEnabled: false, answers: [422] },
  );
  const seen = (as) => visit("/findings", (page) => links(page).getByText(name).count(), { as });
  assert.equal(await seen("viewer"), 1);
  await visit(
    "/findings",
    async (page) => {
      await links(page).getByText(name).click();
      await page.waitForURL(/view=claims-alone/);
      assert.ok((await total(page)) >= 0);
      assert.equal(await page.getByText(/^Rename or delete/).count(), 0, "it is not the viewer's to change");
    },
    { as: "viewer" },
  );
  await visit(
    "/findings",
    async (page) => {
      await links(page).getByText(name).click();
      await page.getByText(/^Rename or delete/).click();
      await page.getByRole("button", { name: "Delete view" }).click();
      await page.waitForURL(/done=deleted/);
    },
    { as: "administrator", javaScriptEnabled: false },
  );
  await visit(
    "/decisions?action=view",
    async (page) => assert.match(await page.locator("main").innerText(), /view\.delete/),
    { as: "auditor" },
  );
});

test("a view that is not there is named, and the list is shown", () =>
  visit("/findings?view=nothing-999999", async (page) => {
    assert.match(await page.locator(".notice").innerText(), /view=nothing-999999/);
    assert.ok((await total(page)) > 0);
  }));
