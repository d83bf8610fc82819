// A picture of every screen, at three widths, in light and dark, into the folder that SCREENSHOTS names, with a page that
// shows them side by side. `cargo xtask screenshots` runs it.
import { after, test } from "node:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { visit } from "./browser.mjs";
import { SCREENS } from "./screens.mjs";

const folder = process.env.SCREENSHOTS ?? "screenshots";
const WIDTHS = [390, 1280, 1920];
const SCHEMES = ["light", "dark"];
const taken = [];

for (const { name, address, status, as } of SCREENS) {
  test(name, async () => {
    await mkdir(folder, { recursive: true });
    const at = await address();
    const row = { name, at, as: as ?? "nobody", files: [] };
    for (const width of WIDTHS) {
      for (const colorScheme of SCHEMES) {
        const file = `${name.replaceAll(" ", "-")}-${width}-${colorScheme}.png`;
        const settings = { as, status, colorScheme, viewport: { width, height: 900 } };
        await visit(at, (page) => page.screenshot({ path: join(folder, file), fullPage: true }), settings);
        row.files.push(file);
      }
    }
    taken.push(row);
  });
}

after(() => writeFile(join(folder, "index.html"), sheet()));

function sheet() {
  const text = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const rows = taken.map(({ name, at, as, files }) => {
    const pictures = files.map((file) => `<a href="${file}"><img src="${file}" alt="${text(`${name}: ${file}`)}" loading="lazy"></a>`);
    return `<h2>${text(name)}</h2>\n<p><code>${text(at)}</code>, as ${text(as)}</p>\n<p>${pictures.join("\n")}</p>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Screens of Postern</title>
<style>img { block-size: 24rem; inline-size: auto; border: 1px solid; object-fit: cover; object-position: top }</style>
<h1>Screens of Postern</h1>
${rows.join("\n")}
</html>
`;
}
