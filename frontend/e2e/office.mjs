// Postern on a demo's data with people of an OpenID provider: what tests of signing in and of exceptions share.
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

const GRANTS = [
  { claim: "groups", value: "claims", role: "contributor", team: "claims" },
  { claim: "groups", value: "audit", role: "auditor" },
  { claim: "groups", value: "risk", role: "approver" },
];

/** Starts a provider, Postern and a browser. */
export async function startOffice() {
  const folder = await mkdtemp(join(tmpdir(), "postern-office-"));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--no-first-run"] });
  const stops = [() => rm(folder, { recursive: true }), () => browser.close()];

  /** Starts one more server, with these arguments, and a provider for it. */
  async function serve(more = []) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const provider = await startProvider(`${url}/sign-in/callback`);
    const settings = join(folder, `sign-in-${port}.json`);
    await writeFile(settings, JSON.stringify({
      public_url: url,
      provider: {
        name: "Contoso",
        issuer: provider.issuer,
        client_id: CLIENT,
        client_secret: { environment: "SIGN_IN_SECRET" },
      },
      grants: GRANTS,
    }));
    const options = ["serve", "--no-worker", "--sign-in", settings, "--listen", `127.0.0.1:${port}`, "--data-dir", data];
    const server = spawn(binary, [...options, ...more], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, SIGN_IN_SECRET: SECRET },
    });
    stops.push(() => provider.stop(), () => end(server));
    await new Promise((resolve, reject) => {
      server.stdout.on("data", (said) => String(said).includes(url) && resolve());
      server.on("exit", (code) => reject(new Error(`postern ended with ${code}`)));
    });
    return { url, provider };
  }

  const first = await serve();

  /** Gives a browser of its own, with JavaScript off. */
  async function withPage(use) {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      return await use(await context.newPage());
    } finally {
      await context.close();
    }
  }

  return {
    ...first,
    serve,
    withPage,
    signIn,
    /** Lets somebody who signs in use a browser of their own, at an address that needs it. */
    signedIn: (who, path, use, at = first) =>
      withPage(async (page) => {
        await signIn(page, who, at.url + path);
        return use(page, at.url);
      }),
    async stop() {
      for (const stop of stops.reverse()) {
        await stop();
      }
    },
  };
}

/** Signs in as somebody of the provider, from an address that needs it. */
async function signIn(page, who, address) {
  await page.goto(address);
  await page.getByRole("link", { name: "Sign in with Contoso" }).click();
  await page.getByRole("link", { name: who }).click();
}

async function end(server) {
  server.removeAllListeners("exit");
  const ended = new Promise((resolve) => server.on("exit", resolve));
  server.kill("SIGTERM");
  await ended;
}

async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
