// When the largest content is painted, and what moves afterwards, on a slow machine behind a slow network.
// Not a test, because machines differ: it prints what it measured. `cargo xtask paint` runs it.
import { chromium } from "playwright-core";

const base = process.env.POSTERN_URL;
const RUNS = Number(process.env.RUNS ?? 5);
const PAGES = ["/overview", "/findings"];

// What WebPageTest calls "3G Fast": 1.6 Mbit/s down, 768 kbit/s up, 150 ms there and back; and a processor a quarter as fast.
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 768_000 / 8 };
const SLOWER = 4;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--no-first-run"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
await page.goto(new URL("/sign-in", base).href);
await page.locator(".people button").first().click();
await page.waitForURL("**/overview");
const storageState = await context.storageState();
await context.close();

console.log("page        largest paint, ms (median, worst)   layout shift (worst)   first byte, ms (median)");
for (const path of PAGES) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    runs.push(await measure(path));
  }
  const sorted = (of) => runs.map(of).sort((a, b) => a - b);
  const median = (of) => sorted(of)[Math.floor(runs.length / 2)];
  const worst = (of) => sorted(of).at(-1);
  const paint = (of) => Math.round(of((run) => run.paint));
  console.log(
    `${path.padEnd(12)}${String(paint(median)).padStart(9)}, ${String(paint(worst)).padEnd(24)}` +
      `${worst((run) => run.shift).toFixed(4).padEnd(23)}${Math.round(median((run) => run.firstByte))}`,
  );
}
await browser.close();

/** One cold visit: nothing is in the browser's cache. */
async function measure(path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await session.send("Network.emulateNetworkConditions", NETWORK);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.addInitScript(() => {
    globalThis.seen = { paint: 0, shift: 0 };
    const observe = (type, take) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    observe("largest-contentful-paint", (entry) => {
      globalThis.seen.paint = entry.startTime;
    });
    observe("layout-shift", (entry) => {
      globalThis.seen.shift += entry.hadRecentInput ? 0 : entry.value;
    });
  });
  await page.goto(new URL(path, base).href, { waitUntil: "load" });
  // Islands wake after the page is there, and could still move it.
  await page.waitForTimeout(3_000);
  const seen = await page.evaluate(() => ({
    ...globalThis.seen,
    firstByte: performance.getEntriesByType("navigation")[0].responseStart,
  }));
  await context.close();
  return seen;
}
