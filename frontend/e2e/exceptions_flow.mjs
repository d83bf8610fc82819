// An exception from its request to its end, by people who sign in at an OpenID provider, with JavaScript off.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { startOffice } from "./office.mjs";

/** For how long it is asked, and a little more: what else is in force in the demo goes on for longer. */
const ASKED_DAYS = 18;
const LATER_DAYS = 20;

let office, ahead;

before(async () => {
  office = await startOffice();
  ahead = await office.serve(["--days-ahead", String(LATER_DAYS)]);
});

after(() => office?.stop());

/** How many rows the findings list says that there are. */
async function count(page, url, status) {
  await page.goto(`${url}/findings?status=${status}`);
  const text = await page.locator("nav.tabs [aria-current]").innerText();
  return Number(text.replace(/\D/g, ""));
}

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test("one asks, is refused the decision, another decides, it is counted apart, and it ends by itself", async () => {
  let exception, finding, before;
  await office.signedIn("lena", "/findings", async (page, url) => {
    before = { open: await count(page, url, "open"), excepted: await count(page, url, "excepted") };
    await page.goto(`${url}/findings?status=open&owner=claims`);
    // What somebody asked for already, is not asked for again.
    const free = page.locator("table.list tbody tr").filter({ hasNotText: "request waits" });
    await free.first().locator("a.row-link").click();
    finding = new URL(page.url()).pathname;
    await page.getByRole("link", { name: "File an exception" }).click();
    await page.getByRole("radio", { name: "Risk accepted" }).check();
    await page.getByLabel("Why", { exact: false }).first().fill("The gateway in front of it comes later.");
    await page.locator("input[name=until]").fill(inDays(ASKED_DAYS));
    await page.getByRole("button", { name: "Check before you send" }).click();
    assert.match(await page.locator("main").innerText(), /The gateway in front of it comes later\./);
    await page.getByRole("button", { name: "Send request" }).click();
    exception = new URL(page.url()).pathname;
    assert.match(exception, /^\/exceptions\/X-\d+$/);
    // Lena may decide on others' requests, and not on her own.
    const said = await page.locator("main").innerText();
    assert.match(said, /you filed this request, so someone else decides/i);
    assert.equal(await page.getByRole("button", { name: "Record decision" }).count(), 0);
    const forged = await page.request.post(`${url}${exception}/decide`, {
      form: { decision: "approve", version: "1" },
      headers: { origin: url, "sec-fetch-site": "same-origin" },
    });
    assert.ok([403, 422].includes(forged.status()), `a post by hand is refused: ${forged.status()}`);
    assert.equal(await count(page, url, "open"), before.open, "asking changes no count");
    await page.goto(url + finding);
    assert.match(await page.locator("main").innerText(), /request waits/);
  });
  await office.signedIn("amal", exception, async (page, url) => {
    await page.getByRole("radio", { name: /^Approve/ }).check();
    await page.getByLabel("Conditions").fill("Restrict it to the build agents.");
    await page.getByRole("button", { name: "Record decision" }).click();
    const said = await page.locator("main").innerText();
    assert.match(said, /Approved/);
    assert.match(said, /Restrict it to the build agents\./);
  });
  await office.signedIn("jonas", "/overview", async (page, url) => {
    await page.goto(url + finding);
    assert.match(await page.locator("main").innerText(), /Excepted/);
    await page.goto(url + exception);
    assert.match(await page.locator("main").innerText(), /Amal Ruiz/);
  });
  await office.signedIn("lena", "/findings", async (page, url) => {
    assert.equal(await count(page, url, "open"), before.open - 1);
    assert.equal(await count(page, url, "excepted"), before.excepted + 1);
  });
  await office.signedIn(
    "lena",
    "/findings",
    async (page, url) => {
      assert.equal(await count(page, url, "open"), before.open, "its end has come, and nothing had to run");
      assert.equal(await count(page, url, "excepted"), before.excepted);
      await page.goto(url + exception);
      assert.match(await page.locator("main").innerText(), /Expired/);
      await page.goto(url + finding);
      assert.doesNotMatch(await page.locator("h1 + *, .lead, .badges").first().innerText(), /Excepted/);
    },
    ahead,
  );
});
