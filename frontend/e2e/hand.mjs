// A hand on a page: with a mouse, or on the keyboard alone, where what is pressed has first to be reached with Tab.
import assert from "node:assert/strict";

/** More stops than any page has. */
const MOST_STOPS = 1_500;

/** Presses Tab until something has the focus. */
export async function reach(page, locator) {
  const has = () => locator.evaluate((element) => element === document.activeElement || element.contains(document.activeElement));
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    if (await has()) {
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
    await one.waitFor({ timeout: 10_000 });
    if (this.hasMouse) {
      await one.click();
      return;
    }
    const { type, isChecked, leads } = await one.evaluate((element) => ({
      type: element.type,
      isChecked: element.checked === true,
      leads: element.matches("a[href], button, input[type=submit]") && !element.closest("dialog"),
    }));
    if (type === "radio") {
      // A group of radio buttons is one stop, and arrows go on from there.
      await one.focus();
      await this.page.keyboard.press("Space");
      return;
    }
    await reach(this.page, one);
    if (type === "checkbox") {
      await this.page.keyboard.press("Space");
      assert.notEqual(await one.isChecked(), isChecked);
    } else if (leads) {
      const left = Promise.race([this.page.waitForEvent("framenavigated"), this.page.waitForEvent("download")]);
      await Promise.all([left, this.page.keyboard.press("Enter")]);
      await this.page.waitForLoadState();
    } else {
      await this.page.keyboard.press("Enter");
    }
  }

  /** Writes into a field, in place of what stands there. */
  async write(locator, text) {
    const one = locator.first();
    if (this.hasMouse || (await one.getAttribute("type")) === "date") {
      // A date field takes its parts one after the other, in the order of the browser's language.
      await one.fill(text);
      return;
    }
    await reach(this.page, one);
    await this.page.keyboard.press("ControlOrMeta+A");
    await this.page.keyboard.type(text);
  }

  /** Chooses an option by its value. */
  async choose(locator, value) {
    await locator.first().selectOption(value);
  }
}
