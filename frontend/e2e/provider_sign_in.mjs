// Signing in at an OpenID provider that nobody here wrote, and what Postern makes of what it says.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CLIENT, SECRET, startProvider } from "./provider.mjs";

const { POSTERN_BINARY: binary, POSTERN_DATA: data, CHROMIUM: executablePath = "/usr/bin/chromium" } = process.env;
assert.ok(binary && data, "POSTERN_BINARY and POSTERN_DATA name a built postern and the data of a demo");

let provider, server, folder, browser, url;

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await startProvider(`${url}/sign-in/callback`);
  folder = await mkdtemp(join(tmpdir(), "postern-sign-in-"));
  const settings = join(folder, "sign-in.json");
  await writeFile(settings, JSON.stringify({
    public_url: url,
    provider: {
      name: "Contoso",
      issuer: provider.issuer,
      client_id: CLIENT,
      client_secret: { environment: "SIGN_IN_SECRET" },
    },
    grants: [
      { claim: "groups", value: "claims", role: "contributor", team: "claims" },
      { claim: "groups", value: "audit", role: "auditor" },
    ],
  }));
  const options = ["serve", "--no-worker", "--sign-in", settings, "--listen", `127.0.0.1:${port}`, "--data-dir", data];
  server = spawn(binary, options, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, SIGN_IN_SECRET: SECRET } });
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (said) => String(said).includes(url) && resolve());
    server.on("exit", (code) => reject(new Error(`postern ended with ${code}`)));
  });
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--no-first-run"] });
});

after(async () => {
  await browser?.close();
  if (server) {
    server.removeAllListeners("exit");
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }
  await provider?.stop();
  await rm(folder, { recursive: true });
});

async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

/** A browser of its own, with JavaScript off. */
async function withPage(use) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Signs in as somebody of the provider, from an address that needs it. */
async function signIn(page, who, path = "/overview") {
  await page.goto(url + path);
  await page.getByRole("link", { name: "Sign in with Contoso" }).click();
  await page.getByRole("link", { name: who }).click();
}

test("somebody signs in, is where they wanted to be, and has the roles of their groups", () =>
  withPage(async (page) => {
    await signIn(page, "nora", "/findings?status=all&sev=high");
    assert.equal(page.url(), `${url}/findings?status=all&sev=high`);
    assert.match(await page.locator("main").innerText(), /You see the findings of Claims\./);
    await page.locator(".account summary").click();
    assert.match(await page.locator(".account").innerText(), /Nora Klein[^]*contributor of claims/);
    const answer = await page.goto(`${url}/scans`);
    assert.equal(answer.status(), 403);
  }));

test("somebody else in another browser is somebody else", () =>
  withPage(async (page) => {
    await signIn(page, "jonas", "/scans");
    assert.equal(await page.locator("h1").innerText(), "Scans");
    assert.equal(await page.getByRole("button", { name: "Scan now" }).count(), 0, "auditors change nothing");
  }));

test("somebody without a role is told so, and can sign out", () =>
  withPage(async (page) => {
    await signIn(page, "guest");
    assert.match(await page.locator("main").innerText(), /No role yet/);
    await page.locator(".account summary").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    assert.match(await page.getByRole("status").innerText(), /You are signed out of Postern/);
  }));

test("somebody who changes their mind is not signed in, and nothing that was said is a script", () =>
  withPage(async (page) => {
    await signIn(page, "nobody");
    assert.match(await page.getByRole("alert").innerText(), /The identity provider did not sign you in/);
    assert.ok(!(await page.content()).includes("<script>alert"));
    await page.goto(`${url}/overview`);
    assert.match(page.url(), /\/sign-in\?to=/);
  }));

test("signing out here leads to signing out at the provider", () =>
  withPage(async (page) => {
    await signIn(page, "nora");
    await page.locator(".account summary").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    const link = page.getByRole("link", { name: "Sign out at the identity provider too" });
    const address = new URL(await link.getAttribute("href"));
    assert.equal(address.origin, provider.issuer);
    const answer = await page.goto(address.href);
    assert.equal(answer.status(), 200, "the provider knows the session that it shall end");
  }));

test("a way back that another browser began, or nobody, is refused", async () => {
  const callback = await withPage(async (page) => {
    // Hop by hop, so that the last one is not made.
    let next = new URL("/sign-in/start", url);
    while (next.pathname !== "/sign-in/callback") {
      if (next.pathname.startsWith("/who/")) {
        next.searchParams.set("as", "jonas");
      }
      const answer = await page.request.get(next.href, { maxRedirects: 0 });
      next = new URL(answer.headers().location, next);
    }
    return next.href;
  });
  assert.match(callback, /code=.+&state=/);
  await withPage(async (page) => {
    for (const address of [callback, callback.replace(/state=[^&]+/, "state=forged"), `${url}/sign-in/callback?code=a`]) {
      const answer = await page.goto(address);
      assert.equal(answer.status(), 403, address);
      assert.match(await page.getByRole("alert").innerText(), /begun in another browser/);
    }
    await page.goto(`${url}/overview`);
    assert.match(page.url(), /\/sign-in\?to=/, "nobody is signed in");
  });
});
