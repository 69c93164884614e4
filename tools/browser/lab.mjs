// Lessons in the lab: the kernel starts, vi_lab is found up to the request for NumPy's wheel.
import fs from "node:fs";
import path from "node:path";
import { open } from "./browser.mjs";

const START = 300_000; // milliseconds for a kernel on a busy machine
const AGAIN = 20_000; // after so many the key is pressed once more: before the kernel listens it is lost

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

/** Run a cell; what it prints. */
async function runCell(page, cell) {
  const output = cell.locator(".jp-OutputArea-output").first();
  for (let left = START; left > 0; left -= AGAIN) {
    try {
      await cell.locator(".cm-content").click({ timeout: AGAIN });
      await page.keyboard.press("Control+Enter");
      await output.waitFor({ timeout: AGAIN });
      return (await output.innerText()).trim();
    } catch (error) {
      if (left <= AGAIN) throw error;
    }
  }
}

/** Open a lesson, run its first cell; what is wrong as sentences. */
export async function openLesson(browser, home, site, name) {
  const { context, page, seen } = await open(browser, home, { viewport: { width: 1400, height: 950 } });
  const wrong = [];
  try {
    await page.goto(`${home}/lite/lab/index.html?path=${name}`);
    await page.waitForSelector(".jp-Notebook .jp-CodeCell", { timeout: START });
    const cell = page.locator(".jp-Notebook .jp-CodeCell").first();
    const text = await runCell(page, cell);
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
