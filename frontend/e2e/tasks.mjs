// The five tasks of docs/five-tasks.md, done as somebody would who sees the pages for the first time, and counted.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { visit } from "./browser.mjs";
import { Hand } from "./hand.mjs";

const DOCUMENT = readFileSync(new URL("../../docs/five-tasks.md", import.meta.url), "utf8");
const OFF = { javaScriptEnabled: false };

/** What the document says that a task takes. */
function promised(task) {
  const row = DOCUMENT.split("\n").find((line) => line.startsWith(`| ${task} |`));
  assert.ok(row, `the document has no row of: ${task}`);
  const [clicks, keys] = row.split("|").slice(-3, -1).map(Number);
  return { clicks, keys };
}

/** A hand that counts what it does. */
class Counting extends Hand {
  clicks = 0;
  keys = 0;

  async press(locator) {
    this.clicks += 1;
    await super.press(locator);
  }

  /** Eight digits, in whatever order the browser's date field has them. */
  async date(locator, day) {
    this.keys += 8;
    await this.write(locator, day);
  }
}

function task(name, as, go) {
  const hands = [
    ["with a mouse", true, {}],
    ["with the keyboard", false, {}],
    ["without JavaScript", true, OFF],
  ];
  for (const [words, hasMouse, settings] of hands) {
    test(`${name} (${words})`, async () => {
      const counted = await visit(
        "/overview",
        async (page) => {
          const hand = new Counting(page, hasMouse);
          await go(page, hand);
          return { clicks: hand.clicks, keys: hand.keys };
        },
        { as, ...settings },
      );
      assert.deepEqual(counted, promised(name));
    });
  }
}

const day = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

task("Which team has the most critical open findings?", "viewer", async (page) => {
  const rows = page.locator("table.teams tbody tr");
  const critical = await rows.locator("td:nth-of-type(2)").allInnerTexts();
  const numbers = critical.slice(0, -1).map((text) => Number(text.replaceAll(",", "")));
  assert.deepEqual(numbers, [...numbers].sort((a, b) => b - a), "the most critical come first, nobody's last");
  assert.ok(numbers[0] > 0);
});

task("Why did the line fall in March?", "viewer", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: /What changed between these scans/ }));
  await hand.date(page.getByLabel("From the end of"), day(25));
  await hand.date(page.getByLabel("to the end of", { exact: false }), day(5));
  await hand.press(page.getByRole("button", { name: "Compare" }));
  const findings = page.getByRole("region", { name: "Findings opened and resolved" });
  assert.match(await findings.innerText(), /fixed|deleted|resolved/i);
});

task("File an exception for three findings", "contributor", async (page, hand) => {
  await hand.press(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Findings" }));
  const rows = page.locator("#results tbody tr").filter({ hasNotText: "request waits" });
  for (const row of [0, 1, 2]) {
    await hand.press(rows.nth(row).getByRole("checkbox"));
  }
  await hand.press(page.getByRole("button", { name: /File an exception/ }));
  await hand.press(page.getByRole("radio", { name: "Risk accepted" }));
  await page.getByLabel("Why", { exact: false }).first().fill("The gateway in front of them comes later.");
  await hand.date(page.locator("input[name=until]"), day(-15));
  await hand.press(page.getByRole("button", { name: "Check before you send" }));
  await hand.press(page.getByRole("button", { name: "Send request" }));
  assert.match(page.url(), /\/exceptions\/X-\d+/);
  assert.match(await page.locator("main").innerText(), /3 findings/);
});

task("Which permission is missing for the unknowns?", "engineer", async (page, hand) => {
  await hand.press(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Scans" }));
  await hand.press(page.getByRole("link", { name: /gaps? of scan/ }).first());
  const fixes = page.getByRole("table", { name: /What gives most comes first/ });
  assert.match(await fixes.innerText(), /Grant Microsoft\.\S+\/read/);
});

task("Download the audit report of 31 March", "auditor", async (page, hand) => {
  await hand.press(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Reports" }));
  const asked = day(7);
  await hand.date(page.getByLabel("End of the day (UTC)").last(), asked);
  await hand.press(page.getByRole("button", { name: "Show what is in it" }));
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    hand.press(page.getByRole("link", { name: "Report as PDF" })),
  ]);
  assert.match(file.suggestedFilename(), /\.pdf$/);
  const bytes = readFileSync(await file.path());
  assert.equal(bytes.subarray(0, 5).toString("latin1"), "%PDF-");
});
