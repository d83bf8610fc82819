// Signing in at an OpenID provider that nobody here wrote, and what Postern makes of what it says.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { startOffice } from "./office.mjs";

let office, url;

before(async () => {
  office = await startOffice();
  url = office.url;
});

after(() => office?.stop());

const withPage = (use) => office.withPage(use);
const signIn = (page, who, path = "/overview") => office.signIn(page, who, url + path);

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
    assert.equal(address.origin, office.provider.issuer);
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
