// What reacts in the browser: the palette, filters that count while one types, and a selection across pages. Each has a test
// that it is not there without a script.
import { test } from "node:test";
import assert from "node:assert/strict";
import { total, visit } from "./browser.mjs";
import { reach } from "./hand.mjs";

const LIST = "/findings?limit=25";
const dialog = (page) => page.getByRole("dialog", { name: "Go to" });
const options = (page) => dialog(page).getByRole("option");
const selected = (page) => page.locator(".selected [role=status]");

/** Waits until the islands of the page react. */
const awake = (page) => page.waitForSelector("html[data-islands]");

async function openPalette(page) {
  await awake(page);
  await page.keyboard.press("Control+k");
  await dialog(page).waitFor();
}

test("the palette goes to a page, to what one can do here, to a resource, a rule and an id, by keyboard", () =>
  visit("/overview", async (page) => {
    await openPalette(page);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "combobox");
    await page.keyboard.type("exceptions");
    await page.waitForFunction(() => document.querySelectorAll("#palette [role=option]").length >= 1);
    assert.match(await options(page).first().innerText(), /Exceptions/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/exceptions/);

    await page.goto(new URL("/findings", page.url()).href);
    await openPalette(page);
    await page.keyboard.type("as csv");
    await page.waitForFunction(() => document.querySelector("#palette [role=option]")?.textContent.includes("CSV"));
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });

    const name = await page.locator("td a.name").first().innerText();
    await openPalette(page);
    await page.keyboard.type(name);
    await page.waitForFunction((name) => [...document.querySelectorAll("#palette [role=option] .name")].some((it) => it.textContent === name), name);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/resources\/R-/);

    await page.goto(new URL("/findings", page.url()).href);
    await openPalette(page);
    await page.keyboard.type("net-01");
    await page.waitForFunction(() => document.querySelector("#palette [role=option]")?.textContent.startsWith("NET-01"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/rules\/NET-01/);

    await page.goto(new URL("/findings", page.url()).href);
    await openPalette(page);
    await page.keyboard.type("f-1");
    await page.waitForFunction(() => document.querySelector("#palette [role=option] .name")?.textContent === "F-1");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/findings\/F-1$/);
  }));

test("the palette's arrows choose in a circle, and say which", () =>
  visit("/findings", async (page) => {
    await openPalette(page);
    const active = () => page.evaluate(() => {
      const chosen = document.getElementById(document.activeElement.getAttribute("aria-activedescendant"));
      return [chosen?.getAttribute("aria-selected"), [...document.querySelectorAll("#palette [role=option]")].indexOf(chosen)];
    });
    const many = await options(page).count();
    assert.ok(many > 2 && many <= 10, `${many}`);
    assert.deepEqual(await active(), ["true", 0]);
    await page.keyboard.press("ArrowUp");
    assert.deepEqual(await active(), ["true", many - 1]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await active(), ["true", 1]);
    await page.keyboard.type("no such thing anywhere");
    await page.waitForFunction(() => document.querySelector("#palette [role=status]").textContent.includes("Nothing"));
    assert.equal(await options(page).count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-activedescendant")), null);
  }));

test("filters are found by their words, and what is ticked stays", () =>
  visit("/resources", async (page) => {
    await awake(page);
    const search = page.getByLabel("Find in filters");
    const choices = page.locator("#filters .option:visible");
    const all = await choices.count();
    const first = choices.first().locator("input");
    await first.check();
    await search.fill("search");
    await page.waitForFunction(() => /\d+ of \d+ choices/.test(document.getElementById("found-filters").textContent));
    const left = await choices.allInnerTexts();
    assert.ok(left.length < all && left.length > 1, `${left.length} of ${all}`);
    assert.ok(await first.isVisible(), "a choice that is ticked stays");
    assert.ok(left.slice(1).every((words) => /search/i.test(words)), left.join());
    await search.fill("");
    assert.equal(await choices.count(), all);
  }));

for (const [path, field] of [["/findings", "sev"], ["/resources", "type"]]) {
  test(`the counts of ${path} follow what is ticked and typed, and are those of the list that is applied`, () =>
    visit(path, async (page) => {
      await awake(page);
      const button = page.locator("#filters button[type=submit]");
      assert.equal(await button.innerText(), "Apply filters");
      const option = page.locator(`#filters .option:has(input[name=${field}])`).first();
      const alone = await option.locator(".option-count").innerText();
      await option.locator("input").check();
      const words = `Apply filters: ${alone} ${path === "/findings" ? "finding" : "resource"}`;
      await page.waitForFunction((words) => document.querySelector("#filters button[type=submit]").textContent.startsWith(words), words);
      await page.getByLabel(/ame contains/).fill("prod");
      await page.waitForFunction((words) => !document.querySelector("#filters button[type=submit]").textContent.startsWith(words), words);
      const promised = (await button.innerText()).match(/[\d,]+/)[0];
      const counts = await page.locator("#filters .option:has(.option-count)").evaluateAll((all) => all.map((it) => [it.querySelector("input").name, it.querySelector("input").value, it.querySelector(".option-count").textContent]));
      await button.click();
      await page.waitForURL(/q=prod/);
      assert.equal((await page.locator(".range").innerText()).match(/of ([\d,]+)/)?.[1] ?? "0", promised);
      for (const [name, value, count] of counts) {
        const shown = page.locator(`#filters .option:has(input[name="${name}"][value="${value}"]) .option-count`);
        // A choice that nothing has is left out of a new page.
        assert.equal((await shown.count()) === 0 ? "0" : await shown.innerText(), count, `${name}=${value}`);
      }
    }));
}

test("what is selected is kept from page to page, and goes into one exception", () =>
  visit(
    LIST,
    async (page) => {
      assert.ok((await total(page)) > 25, "more than a page");
      const boxes = page.locator("form.selection input[type=checkbox]");
      await awake(page);
      await boxes.nth(0).check();
      await boxes.nth(1).check();
      const chosen = [await boxes.nth(0).inputValue(), await boxes.nth(1).inputValue()];
      await page.waitForFunction(() => document.querySelector(".selected [role=status]").textContent === "2 selected");
      await reach(page, page.getByRole("link", { name: /Next/ }));
      await page.keyboard.press("Enter");
      await page.waitForURL(/after=/);
      await page.waitForFunction(() => document.querySelector(".selected [role=status]")?.textContent.includes("2 of them on other pages"));
      await boxes.nth(0).check();
      chosen.push(await boxes.nth(0).inputValue());
      await page.waitForFunction(() => document.querySelector(".selected [role=status]").textContent.startsWith("3 selected"));
      await page.reload();
      await page.waitForFunction(() => document.querySelector(".selected [role=status]")?.textContent.startsWith("3 selected"));
      assert.ok(await boxes.nth(0).isChecked());
      await page.getByRole("button", { name: "File an exception" }).click();
      await page.waitForURL(/\/exceptions\/new/);
      const asked = new URL(page.url()).searchParams.getAll("finding");
      assert.deepEqual(asked.sort(), chosen.sort());

      // What was sent is selected no more.
      await page.goto(new URL(LIST, page.url()).href);
      await awake(page);
      assert.equal(await selected(page).innerText(), "0 selected");
    },
    { as: "contributor" },
  ));

test("a page is ticked and unticked in place, and all is cleared at once", () =>
  visit(
    LIST,
    async (page) => {
      await awake(page);
      const boxes = page.locator("form.selection input[type=checkbox]");
      await page.getByRole("link", { name: "Tick all on this page" }).click();
      const many = await boxes.count();
      await page.waitForFunction((many) => document.querySelector(".selected [role=status]").textContent === `${many} selected`, many);
      assert.ok(!page.url().includes("tick="), "no page was loaded for it");
      await page.getByRole("button", { name: "Clear selection" }).click();
      assert.equal(await selected(page).innerText(), "0 selected");
      assert.equal(await page.locator("form.selection input:checked").count(), 0);
      assert.ok(await page.getByRole("button", { name: "Clear selection" }).isDisabled());
    },
    { as: "contributor" },
  ));

test("without JavaScript nothing is promised that only a script does", () =>
  visit(
    LIST,
    async (page) => {
      assert.equal(await page.locator(".with-script:visible").count(), 0);
    },
    { as: "contributor", javaScriptEnabled: false },
  ));
