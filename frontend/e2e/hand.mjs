// A hand on a page: with a mouse, or on the keyboard alone, where what is pressed has first to be reached with Tab.
import assert from "node:assert/strict";

/** More stops than any page has. */
const MOST_STOPS = 1_500;

/** How long a page takes at most until what is pressed is there, in milliseconds. */
const PATIENCE = 10_000;

/** Presses Tab until something has the focus. */
export async function reach(page, locator) {
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard does not lead to ${locator}`);
}

export class Hand {
  constructor(page, hasMouse) {
    this.page = page;
    this.hasMouse = hasMouse;
  }

  /** Presses a button, a link, a box or what opens something. */
  async press(locator) {
    const one = locator.first();
    await one.waitFor({ timeout: PATIENCE });
    if (this.hasMouse) {
      await one.click();
      return;
    }
    const kind = await one.evaluate((element) =>
      element.matches("a[href], button") ? "leads" : (element.type ?? element.localName),
    );
    if (kind === "radio") {
      await this.#pick(one);
      return;
    }
    await reach(this.page, one);
    if (kind === "checkbox") {
      const before = await one.isChecked();
      await this.page.keyboard.press("Space");
      assert.notEqual(await one.isChecked(), before);
    } else if (kind === "leads") {
      const left = Promise.race([this.page.waitForEvent("framenavigated"), this.page.waitForEvent("download")]);
      await Promise.all([left, this.page.keyboard.press("Enter")]);
      await this.page.waitForLoadState();
    } else {
      await this.page.keyboard.press("Enter");
    }
  }

  /** A group of radio buttons is one stop; arrows go on from there. */
  async #pick(radio) {
    const stop = await radio.evaluateHandle((element) => {
      const group = [...document.getElementsByName(element.name)].filter((other) => other.form === element.form);
      return group.find((other) => other.checked) ?? group[0];
    });
    await reach(this.page, stop);
    for (let steps = 0; steps < 20; steps += 1) {
      if (await radio.evaluate((element) => element === document.activeElement)) {
        await this.page.keyboard.press("Space");
        assert.ok(await radio.isChecked());
        return;
      }
      await this.page.keyboard.press("ArrowDown");
    }
    assert.fail(`no arrow leads to ${radio}`);
  }

  /** Writes into a field, in place of what stands there; a date as `2026-08-12`. */
  async write(locator, text) {
    const one = locator.first();
    if (this.hasMouse) {
      await one.fill(text);
      return;
    }
    await reach(this.page, one);
    if ((await one.getAttribute("type")) === "date") {
      // Its parts one after the other, in the order of the tests' language: month, day, year.
      const [year, month, day] = text.split("-");
      await this.page.keyboard.type(`${month}${day}${year}`);
      assert.equal(await one.inputValue(), text);
      return;
    }
    await this.page.keyboard.press("ControlOrMeta+A");
    await this.page.keyboard.type(text);
  }

  /** Chooses an option by its words. */
  async choose(locator, words) {
    const one = locator.first();
    if (this.hasMouse) {
      await one.selectOption(words);
      return;
    }
    await reach(this.page, one);
    await this.page.keyboard.type(words);
  }
}
