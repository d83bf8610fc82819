// What each role comes to each screen for, done with the keyboard alone and again without JavaScript.
//
// docs/five-tasks.md counts the five that a newcomer has; signing in, searching, teams and tokens have files of their own.
import { test } from "node:test";
import assert from "node:assert/strict";
import { dayOfFirst, total, visit } from "./browser.mjs";
import { Hand } from "./hand.mjs";

const EVERYBODY = ["viewer", "contributor", "approver", "auditor", "engineer", "administrator"];
/** Those who see all of it, and not a team's alone. */
const WHOLE = ["viewer", "approver", "auditor", "engineer", "administrator"];

const HANDS = [
  ["with the keyboard", false, {}],
  ["without JavaScript", true, { javaScriptEnabled: false }],
];

function task(name, roles, address, go, options = {}) {
  for (const [words, hasMouse, settings] of HANDS) {
    for (const as of roles) {
      test(`${name}, as ${as}, ${words}`, async () => {
        const path = typeof address === "string" ? address : await address();
        await visit(path, (page) => go(page, new Hand(page, hasMouse), as), { as, ...options, ...settings });
      });
    }
  }
}

const main = (page) => page.locator("main").innerText();
const heading = (page) => page.locator("h1").innerText();
const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(",", ""));
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

task("overview: what is worst is a list of as many", EVERYBODY, "/overview", async (page, hand) => {
  const tile = page.getByRole("list", { name: "Numbers" }).getByRole("link", { name: /Critical and high/ });
  const rows = Number(await tile.getAttribute("data-rows"));
  await hand.press(tile);
  assert.equal(await total(page), rows);
});

task("trend: a topic of it", EVERYBODY, "/trend", async (page, hand) => {
  await hand.choose(page.locator("select[name=topic]"), "Networking");
  await hand.press(page.getByRole("button", { name: "Show", exact: true }));
  assert.match(page.url(), /topic=networking/);
  assert.match(await main(page), /Networking/);
});

task("findings: the high ones, and one of them", EVERYBODY, "/findings", async (page, hand) => {
  const filters = page.locator("#filters");
  await hand.press(filters.locator("input[name=sev][value=high]"));
  await hand.press(page.getByRole("button", { name: "Apply filters" }));
  assert.match(page.url(), /sev=high/);
  const row = page.locator("#results .row-link").first();
  const title = await row.innerText();
  await hand.press(row);
  assert.match(page.url(), /\/findings\/F-\d+/);
  assert.ok((await heading(page)).includes(title.trim()), title);
  assert.ok(await page.getByRole("heading", { name: "How to fix it" }).isVisible());
});

task("finding: the same problem elsewhere", EVERYBODY, "/findings", async (page, hand) => {
  await hand.press(page.locator("#results .row-link").first());
  const judged = page.locator("section").filter({ has: page.getByRole("heading", { name: "Judged by" }) });
  await hand.press(judged.locator("a[href*='/rules/']"));
  assert.match(page.url(), /\/rules\/[A-Z]+-\d+/);
  await hand.press(page.locator("main a[href*='/findings?']"));
  assert.match(page.url(), /rule=/);
  assert.ok((await total(page)) > 0);
});

task("exceptions: nobody who only reads is offered to ask", ["viewer", "auditor", "approver"], "/findings", async (page, hand) => {
  await hand.press(page.locator("#results .row-link").first());
  assert.equal(await page.getByRole("link", { name: "File an exception" }).count(), 0);
});

/** Fills the form of an exception for the first finding that nobody asked one for, and has it checked. */
async function fill(page, hand) {
  const free = page.locator("#results tbody tr").filter({ hasNotText: "request waits" });
  await hand.press(free.first().locator(".row-link"));
  await hand.press(page.getByRole("link", { name: "File an exception" }));
  await explain(page, hand, "The next release closes it.", 12);
}

/** Says why and until when, and has it checked. */
async function explain(page, hand, why, days) {
  await hand.press(page.getByRole("radio", { name: "Risk accepted" }));
  await hand.write(page.getByLabel("Why"), why);
  await hand.write(page.locator("input[name=until]"), inDays(days));
  await hand.press(page.getByRole("button", { name: "Check before you send" }));
}

task("exceptions: a draft is kept, changed, filed and withdrawn", ["contributor", "engineer"], "/findings?status=open", async (page, hand) => {
  await fill(page, hand);
  await hand.press(page.getByRole("button", { name: "Save draft" }));
  assert.match(await main(page), /Draft/);
  await hand.press(page.getByRole("link", { name: /^Change/ }));
  await hand.write(page.getByLabel("Why"), "The release after the next closes it.");
  await hand.press(page.getByRole("button", { name: "Save changes" }));
  assert.match(await main(page), /The release after the next closes it\./);
  await hand.press(page.getByRole("button", { name: /^File request/ }));
  assert.match(await main(page), /Requested/);
  await hand.press(page.getByRole("button", { name: /^Withdraw/ }));
  assert.match(await main(page), /Withdrawn/);
});

for (const [words, hasMouse, settings] of HANDS) {
  test(`exceptions: asked, decided, extended, revoked, ${words}`, async () => {
    const as = (role, path, go) => visit(path, (page) => go(page, new Hand(page, hasMouse)), { as: role, ...settings });
    const asked = await as("contributor", "/findings?status=open", async (page, hand) => {
      await fill(page, hand);
      await hand.press(page.getByRole("button", { name: "Send request" }));
      assert.match(page.url(), /\/exceptions\/X-\d+\?done=filed$/);
      return new URL(page.url()).pathname;
    });
    await as("approver", "/exceptions", async (page, hand) => {
      await hand.press(page.locator(`a[href="${asked}"], a[href^="${asked}?"]`));
      await hand.press(page.getByRole("radio", { name: /^Approve/ }));
      await hand.write(page.getByLabel("Conditions"), "Only the build agents.");
      await hand.press(page.getByRole("button", { name: "Record decision" }));
      assert.match(await main(page), /Approved/);
    });
    await as("contributor", asked, async (page, hand) => {
      await hand.press(page.getByRole("link", { name: /^Extend/ }));
      await explain(page, hand, "The release is late.", 25);
      await hand.press(page.getByRole("button", { name: "Send request" }));
      assert.notEqual(new URL(page.url()).pathname, asked);
      await hand.press(page.getByRole("button", { name: /^Withdraw/ }));
    });
    await as("approver", asked, async (page, hand) => {
      await hand.press(page.getByRole("link", { name: /^Revoke/ }));
      await hand.write(page.locator("textarea"), "It was fixed by others.");
      await hand.press(page.getByRole("button", { name: "Revoke exception" }));
      assert.match(await main(page), /Revoked/);
    });
    await as("auditor", asked, async (page, hand) => {
      const thread = await main(page);
      for (const said of [/Only the build agents\./, /It was fixed by others\./, /Amal Ruiz/]) {
        assert.match(thread, said);
      }
      await hand.press(page.locator("main a[href*='/findings/F-']"));
      assert.match(page.url(), /\/findings\/F-\d+/);
    });
  });
}

task("resources: those that fail, and one of them", EVERYBODY, "/resources", async (page, hand) => {
  await hand.press(page.locator("input[name=status][value=failing]"));
  await hand.press(page.getByRole("button", { name: "Apply filters" }));
  assert.match(page.url(), /status=failing/);
  await hand.press(page.locator("#results .row-link"));
  await hand.press(page.getByText("The resource, as JSON"));
  JSON.parse(await page.getByRole("region", { name: "Resource as JSON" }).textContent());
});

task("frameworks: the evidence of a control", EVERYBODY, "/frameworks", async (page, hand) => {
  await hand.press(page.locator("table.frameworks a[href*='mcsb-v2']"));
  await hand.press(page.locator(".tree summary").filter({ hasText: "NS " }));
  await hand.press(page.locator(".tree").getByRole("link", { name: "NS-2", exact: true }));
  assert.match(await heading(page), /^NS-2/);
  await hand.press(page.locator("td[data-label=Fail] a"));
  assert.ok((await total(page)) > 0);
});

task("rules: the critical ones, and the findings of one", EVERYBODY, "/rules", async (page, hand) => {
  await hand.press(page.locator("#filters").getByLabel(/^Critical/));
  await hand.press(page.getByRole("button", { name: "Apply filters" }));
  assert.match(page.url(), /sev=critical/);
  await hand.press(page.locator("table.rules .row-link"));
  assert.match(page.url(), /\/rules\/[A-Z]+-\d+/);
});

task("packs: what judges, and who vouches for it", WHOLE, "/packs", async (page) => {
  assert.match(await main(page), /built into Postern/);
  assert.match(await main(page), /sha256|SHA-256|[0-9a-f]{12}/);
});

task("packs: what other settings would change", ["engineer"], "/packs", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: "What would another pack change?" }));
  await hand.write(page.locator("#settings"), '{"values": {"requiredTags": ["cost-centre"]}}');
  await hand.press(page.getByRole("button", { name: "Compare" }));
  assert.match(await main(page), /POL-16/);
});

task("scans: asked for, and what changed in the one before", ["engineer"], "/scans", async (page, hand) => {
  await hand.press(page.getByRole("button", { name: "Scan now" }));
  assert.match(await main(page), /Scan S-\d+ is queued/);
  await hand.press(page.getByRole("link", { name: /What changed in scan/ }).last());
  assert.equal(await heading(page), "What changed");
});

task("scans: what was not read, and what would mend it", WHOLE, "/scans", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: /gaps? of scan/ }));
  assert.match(await main(page), /Grant Microsoft\.\S+\/read/);
});

task("first steps: one that is not taken yet leads to where it is", WHOLE, "/welcome", async (page, hand) => {
  assert.match(await main(page), /\d of 7 steps are done/);
  await hand.press(page.getByRole("listitem").filter({ hasText: "Say whose things are" }).getByRole("link"));
  assert.match(page.url(), /\/resources\?owner=none/);
});

task("reports: one of a day", ["auditor", "viewer"], "/reports", async (page, hand) => {
  const day = await dayOfFirst();
  await hand.write(page.locator("main input[name=as_of]"), day);
  await hand.press(page.getByRole("button", { name: "Show what is in it" }));
  assert.match(page.url(), new RegExp(`as_of=${day}`));
  const report = page.getByRole("link", { name: "Report as CSV" });
  assert.match(await report.getAttribute("href"), /findings\.csv\?.*as_of=/);
  const [file] = await Promise.all([page.waitForEvent("download"), hand.press(report)]);
  assert.match(file.suggestedFilename(), new RegExp(`${day}.*\\.csv$`));
});

task("decisions: the log is verified", ["auditor", "administrator"], "/decisions", async (page, hand) => {
  await hand.press(page.getByRole("button", { name: "Verify the log" }));
  assert.match(await main(page), /Unbroken/);
});

task("as of: a day, and back to now", EVERYBODY, "/overview", async (page, hand) => {
  const day = await dayOfFirst();
  await hand.press(page.locator(".as-of summary"));
  await hand.write(page.getByLabel("End of the day (UTC)"), day);
  await hand.press(page.locator(".as-of").getByRole("button"));
  assert.match(await page.locator("aside.as-of").innerText(), /what was known then/);
  await hand.press(page.getByRole("link", { name: "Show now" }));
  assert.equal(await page.locator("aside.as-of").count(), 0);
});

task("notifications: a digest instead of each", EVERYBODY, "/admin/notifications", async (page, hand) => {
  await hand.press(page.getByRole("radio", { name: "One mail a day at most" }));
  await hand.press(page.getByRole("button", { name: "Save", exact: true }));
  assert.ok((await page.getByRole("status").count()) > 0);
});

task("connections: a schedule is previewed and left", ["administrator"], "/admin/connections", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: /schedule/i }));
  await hand.press(page.locator("#how"));
  await hand.write(page.getByLabel("Hours between scans"), "6");
  await hand.press(page.getByRole("button", { name: "Preview the next scans" }));
  assert.match(await main(page), /UTC/);
  await hand.press(page.getByRole("button", { name: "Go on editing" }));
  assert.equal(await page.getByLabel("Hours between scans").inputValue(), "6");
});

task("people: who has which role", ["administrator"], "/admin/people", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: /^End sessions of Vera/ }));
  assert.match(await heading(page), /Vera Lindqvist/);
});

task("policy: what is allowed is changed with a reason", ["engineer"], "/admin/policy", async (page, hand) => {
  await hand.press(page.getByRole("link", { name: "Change what is allowed" }));
  const days = page.getByLabel("Days at most, critical findings");
  const more = number(await days.inputValue()) - 1;
  await hand.write(days, String(more));
  await hand.write(page.getByLabel("Reason"), "Looked at every quarter.");
  await hand.press(page.getByRole("button", { name: "Change what is allowed" }));
  assert.match(await main(page), new RegExp(`${more} days`));
});

task("policy: what is kept for less is previewed", ["engineer"], "/admin/policy", async (page, hand) => {
  const preview = page.getByRole("button", { name: "Preview what would go" });
  await hand.press(preview);
  assert.match(await main(page), /go/);
});
