// Signing in to the demo, what people of each role see, and signing out; all of it with JavaScript off.
import { test } from "node:test";
import assert from "node:assert/strict";
import { firstFinding, total, visit } from "./browser.mjs";

const OFF = { javaScriptEnabled: false };
const text = (page) => page.locator("main").innerText();

test("whoever is not signed in signs in and is where they wanted to be", () =>
  visit(
    "/findings?sev=high",
    async (page) => {
      assert.match(page.url(), /\/sign-in\?to=/);
      assert.equal(await page.locator("nav.rail").count(), 0, "nothing is offered that cannot be opened");
      // By keyboard: the first person after the skip link and the brand.
      await page.getByRole("button", { name: "Vera Lindqvist" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL("**/findings?sev=high");
      assert.match(await page.locator("header").innerText(), /Vera Lindqvist/);
    },
    { ...OFF, as: null },
  ));

test("signing out ends the session and not only its cookie", () =>
  visit(
    "/sign-in",
    async (page) => {
      await page.getByRole("button", { name: "Jonas Okafor" }).click();
      const cookies = await page.context().cookies();
      await page.locator(".account summary").click();
      assert.match(await page.locator(".account").innerText(), /auditor/);
      await page.getByRole("button", { name: "Sign out" }).click();
      assert.match(await page.getByRole("status").innerText(), /You are signed out/);
      assert.deepEqual(await page.context().cookies(), []);
      await page.context().addCookies(cookies);
      await page.goto(new URL("/overview", page.url()).href);
      assert.match(page.url(), /\/sign-in\?to=%2Foverview$/);
    },
    { ...OFF, as: null },
  ));

test("a session is new after signing in, whatever the browser held before", () =>
  visit(
    "/sign-in",
    async (page) => {
      const url = page.url();
      const fixed = { name: "postern", value: "0".repeat(64), url };
      await page.context().addCookies([fixed]);
      await page.getByRole("button", { name: "Jonas Okafor" }).click();
      const [cookie] = await page.context().cookies();
      assert.notEqual(cookie.value, fixed.value);
      assert.ok(cookie.httpOnly && cookie.sameSite === "Lax");
    },
    { ...OFF, as: null },
  ));

test("a contributor sees what is their team's, and only that", async () => {
  const all = await visit("/findings?status=all&owner=claims", total, OFF);
  await visit(
    "/findings?status=all",
    async (page) => {
      assert.equal(await total(page), all);
      assert.match(await text(page), /You see the findings of Claims\./);
      assert.equal(await page.getByRole("link", { name: "This list as PDF" }).count(), 0);
      assert.equal(await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Scans" }).count(), 0);
    },
    { ...OFF, as: "contributor" },
  );
  const anothers = await visit("/findings?status=all&owner=marketing", (page) =>
    page.locator("#results .row-link").first().getAttribute("href"),
  );
  await visit(anothers, async (page) => assert.match(await text(page), /There is no finding/), {
    ...OFF, as: "contributor", status: 404,
  });
  await visit("/scans", async (page) => assert.match(await text(page), /Only viewers of everything, .* may read/), {
    ...OFF, as: "contributor", status: 403,
  });
});

test("who may not start scans is told who may", () =>
  visit(
    "/scans",
    async (page) => {
      assert.match(await text(page), /Engineers start, cancel and pause scans\./);
      assert.equal(await page.getByRole("button", { name: /Scan now|Pause|Resume|Cancel/ }).count(), 0);
    },
    { ...OFF, as: "auditor" },
  ));

test("a form from another site is refused, whoever is signed in", async () =>
  visit(await firstFinding(), async (page) => {
    const answer = await page.request.post(new URL("/scans", page.url()).href, {
      headers: { origin: "https://evil.example" },
      form: { connection: "contoso-ai" },
    });
    assert.equal(answer.status(), 403);
  }));
