// Lessons in the lab: the kernel starts, vi_lab is found up to the request for NumPy's wheel.
import fs from "node:fs";
import path from "node:path";
import { open } from "./browser.mjs";

const LOAD = 100_000; // milliseconds for the application on a busy machine
const RUN = 25_000; // for a cell; a key that comes before the kernel listens is lost, and pressed again
const PRESSES = 4;
const VISITS = 3; // of a page that came up so that its cell cannot be reached

/** Wheels that the lock names, by their addresses elsewhere. */
function farWheels(site) {
  const lock = path.join(site, "lite", "static", "pyodide", "pyodide-lock.json");
  const entries = Object.values(JSON.parse(fs.readFileSync(lock, "utf8")).packages);
  return new Set(entries.map((entry) => entry.file_name).filter((name) => name.startsWith("https:")));
}

/** The lessons that the lab holds. */
export function lessons(site) {
  return fs.readdirSync(path.join(site, "lite", "files")).filter((name) => name.endsWith(".ipynb"));
}

/** Open a lesson and run its first cell; what it prints. */
async function runFirstCell(page, url) {
  await page.goto(url);
  const cell = page.locator(".jp-Notebook .jp-CodeCell").first();
  await cell.waitFor({ timeout: LOAD });
  const output = cell.locator(".jp-OutputArea-output").first();
  for (let press = 0; press < PRESSES && !(await output.count()); press++) {
    const asks = page.locator(".jp-Dialog .jp-mod-accept").first(); // which kernel, where none was ready
    if (await asks.count()) await asks.click({ timeout: RUN });
    await cell.locator(".cm-content").click({ timeout: RUN });
    await page.keyboard.press("Control+Enter");
    await output.waitFor({ timeout: RUN }).catch(() => {});
  }
  return (await output.innerText({ timeout: RUN })).trim();
}

/** What `work` gives, which is tried `VISITS` times. */
async function insist(work) {
  for (let visit = 1; visit < VISITS; visit++) {
    try {
      return await work();
    } catch (error) {
      console.log(`once more: ${String(error).split("\n")[0]}`);
    }
  }
  return work();
}

/** Open a lesson, run its first cell; what is wrong as sentences. */
export async function openLesson(browser, home, site, name) {
  const { context, page, seen } = await open(browser, home, { viewport: { width: 1400, height: 950 } });
  const wrong = [];
  try {
    const text = await insist(() => runFirstCell(page, `${home}/lite/lab/index.html?path=${name}`));
    if (!/^(vi_lab .* current\.|NumPy could not be downloaded)/.test(text)) {
      wrong.push(`${name}: the first cell says: ${text.slice(0, 300)}`);
    }
    const known = farWheels(site);
    const asked = [...new Set(seen.external)];
    for (const url of asked) if (!known.has(url)) wrong.push(`${name} asks for ${url}`);
    if (!asked.some((url) => /\/numpy-/.test(url))) wrong.push(`${name} never asks for NumPy's wheel`);
    console.log(`lab ${name}: ${asked.length} wheels asked for; ${text.split("\n")[0]}`);
    if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `lab_${name}.png`) });
  } catch (error) {
    wrong.push(`${name}: ${String(error).split("\n")[0]}`);
    if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `lab_${name}.png`) });
  }
  await context.close();
  return wrong;
}
