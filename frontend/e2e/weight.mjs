// What every page weighs, and what it asks for: scripts only where an island is, nothing from elsewhere, nothing later.
import { test } from "node:test";
import assert from "node:assert/strict";
import { get } from "node:http";
import { base, visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

/** Bytes as they cross the network, compressed; the brief's table. */
const MOST_SCRIPT = 110_000;
const MOST_STYLE = 16_000;
const MOST_COPY = 1_000;
const MOST_HTML = 22_000;
/** Bytes of HTML as it is parsed. */
const MOST_HTML_RAW = 160_000;
const MOST_REQUESTS = 5;

for (const { name, address, status, as } of SCREENS) {
  test(`weight: ${name}`, async () => {
    const answers = [];
    const prepare = (page) => page.on("response", (response) => answers.push(response));
    await visit(await address(), (page) => weigh(page, answers), { as, status, prepare });
  });
}

async function weigh(page, answers) {
  const document = answers.find((answer) => answer.request().isNavigationRequest());
  const hasIsland = (await page.locator("leptos-island").count()) > 0;
  await page.waitForLoadState("networkidle").catch(() => {});
  const asked = answers.filter((answer) => !answer.url().startsWith("data:"));
  for (const answer of asked) {
    assert.equal(new URL(answer.url()).origin, new URL(base).origin, "nothing comes from elsewhere");
  }
  const stream = (answer) => answer.request().resourceType() === "eventsource";
  const files = asked.filter((answer) => answer !== document && !stream(answer));
  assert.ok(files.length < MOST_REQUESTS, `${files.length + 1} requests`);
  assert.ok(hasIsland || !asked.some(stream), "only an island asks for more");
  let script = 0;
  for (const file of files) {
    const path = new URL(file.url()).pathname;
    assert.match(path, /^\/assets\/.+[.-][0-9a-f]{8,}/, "a file's name has its digest");
    assert.match((await file.headerValue("cache-control")) ?? "", /immutable/, path);
    const bytes = await compressed(page, file.url());
    if (path.endsWith(".css")) {
      assert.ok(bytes <= MOST_STYLE, `${bytes} bytes of styles`);
    } else if (path.includes("-copy-")) {
      assert.ok(bytes <= MOST_COPY, `${bytes} bytes for a button`);
    } else {
      script += bytes;
    }
  }
  assert.ok(script <= MOST_SCRIPT, `${script} bytes of script and WASM`);
  assert.equal(script > 0, hasIsland, "a page without an island loads no script");
  const html = await compressed(page, document.url());
  const raw = (await document.body()).length;
  assert.ok(html <= MOST_HTML, `${html} bytes of HTML`);
  assert.ok(raw <= MOST_HTML_RAW, `${raw} bytes of HTML, uncompressed`);
  assert.ok((await page.locator("*").count()) <= 3_000, "elements");
}

/** How long a body is when it crosses the network: browsers ask for Brotli only over HTTPS, which the demo does not speak. */
async function compressed(page, url) {
  const cookies = await page.context().cookies(url);
  const headers = {
    "accept-encoding": "br",
    accept: "text/html",
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
  };
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      assert.equal(response.headers["content-encoding"], "br", url);
      let bytes = 0;
      response.on("data", (part) => (bytes += part.length));
      response.on("end", () => resolve(bytes));
    }).on("error", reject);
  });
}
