// One browser for all tests, and pages that fail the test on whatever the console or the network complains about.
import { after, before } from "node:test";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const base = process.env.POSTERN_URL ?? "";
assert.notEqual(base, "", "POSTERN_URL has to name a running Postern; `cargo xtask test` starts one");

const FLAGS = [
  // Chromium's sandbox refuses to run as root, as containers do.
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

let browser;

before(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: FLAGS });
});

after(async () => {
  await browser?.close();
});

const sessions = new Map();

/** The session of somebody of the demo, by their role: signs in once, and gives the same again. */
async function session(role) {
  if (!sessions.has(role)) {
    sessions.set(role, signIn(role));
  }
  return sessions.get(role);
}

async function signIn(role) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(new URL("/sign-in", base).href);
  const person = page.locator(".people > li").filter({ has: page.locator(".role", { hasText: new RegExp(`^${role}`) }) });
  await person.first().getByRole("button").click();
  await page.waitForURL("**/overview");
  const state = await context.storageState();
  await context.close();
  return state;
}

/**
 * Opens an address as somebody of the demo (`as`, an engineer where it is not said, nobody where it is null), runs `use`
 * with its page and closes it. `prepare` is called with the page before that. `answers` are those other than 200 that it
 * brings about, such as 422 of a form.
 * Fails where the console is not empty or a request failed.
 */
export async function visit(path, use, options = {}) {
  const { status = 200, as = "engineer", prepare, answers = [], ...settings } = options;
  const storageState = as === null ? undefined : await session(as);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState, ...settings });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // Chromium reports the status of the document itself, which the test asserts anyway.
    const expected = [...answers, ...(status === 200 ? [] : [status])];
    if (!expected.some((expected) => message.text().includes(`status of ${expected}`))) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  const failed = [];
  // A document that is left gives up what its islands were loading.
  let documents = 0;
  const documentOf = new Map();
  page.on("framenavigated", (frame) => {
    documents += frame === page.mainFrame() ? 1 : 0;
  });
  page.on("request", (request) => documentOf.set(request, documents));
  page.on("requestfailed", (request) => {
    // A stream of events is open for as long as its page, and fails when that is left.
    if (request.resourceType() !== "eventsource") {
      failed.push(request);
    }
  });
  // A file is taken over by the browser's downloads, and given up by the page that asked for it.
  const downloads = new Set();
  page.on("download", (download) => downloads.add(download.url()));
  prepare?.(page);
  try {
    const response = await page.goto(new URL(path, base).href, { waitUntil: "load" });
    assert.equal(response.status(), status, path);
    const result = await use(page);
    const isLeft = (request) =>
      request.failure()?.errorText === "net::ERR_ABORTED" &&
      ["fetch", "xhr", "script"].includes(request.resourceType()) &&
      documentOf.get(request) < documents;
    const requests = failed
      .filter((request) => !downloads.has(request.url()) && !isLeft(request))
      .map((request) => `request: ${request.url()}`);
    assert.deepEqual([...complaints, ...requests], [], path);
    return result;
  } finally {
    await context.close();
  }
}

/** The day on which the first finding of the list was first seen, as `2026-06-30`. */
export async function dayOfFirst() {
  return visit("/findings?status=all", async (page) => {
    const seen = await page.locator("#results time").first().getAttribute("datetime");
    return seen.slice(0, 10);
  });
}

/** The address of the first finding in the list. */
export async function firstFinding() {
  return visit("/findings?status=all", (page) =>
    page.locator("#results .row-link").first().getAttribute("href"),
  );
}

/** The address of the first resource in the list. */
export async function firstResource() {
  return visit("/resources", (page) => page.locator("#results .row-link").first().getAttribute("href"));
}

/** The address of a comparison of the two latest scans. */
export async function firstDiff() {
  return visit("/scans", (page) =>
    page.getByRole("link", { name: /What changed in scan/ }).first().getAttribute("href"),
  );
}

/** The address of the latest scan that could not read everything. */
export async function scanWithGaps() {
  return visit("/scans", (page) =>
    page.getByRole("link", { name: /gaps? of scan/ }).first().getAttribute("href"),
  );
}

/** The number of findings that a list says it has. */
export async function total(page) {
  const text = await page.locator(".range").innerText();
  return Number(/([\d,]+) findings?$/.exec(text)[1].replaceAll(",", ""));
}

/** Waits until the chart's read-out reacts. */
export async function chart(page) {
  const slider = page.getByRole("slider", { name: "Scan" });
  await slider.waitFor();
  return slider;
}
