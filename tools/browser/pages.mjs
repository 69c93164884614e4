// Every page: no error in the console, no broken link, no request elsewhere, no serious fault.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { open } from "./browser.mjs";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS = ["serious", "critical"];

/** Every HTML file of the site that is ours, as paths with slashes. */
export function ownPages(site, folder = "") {
  return fs.readdirSync(path.join(site, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return ["lite", "_static"].includes(name) ? [] : ownPages(site, name);
    return name.endsWith(".html") ? [name] : [];
  });
}

/** Links and ids of a page that is open. */
function readPage() {
  const links = [...document.querySelectorAll("a[href], link[href]")].map((one) => one.href);
  const sources = [...document.querySelectorAll("[src]")].map((one) => one.src);
  return { links: [...links, ...sources], ids: [...document.querySelectorAll("[id]")].map((one) => one.id) };
}

/** Open every page once, two at a time; what is wrong as sentences. */
export async function checkPages(browser, home, site, pages) {
  const halves = [0, 1].map((rest) => pages.filter((_, i) => i % 2 === rest));
  const read = await Promise.all(halves.map((half) => readPages(browser, home, half)));
  const ids = Object.assign({}, ...read.map((one) => one.ids));
  const links = read.flatMap((one) => one.links);
  const broke = links.flatMap(([name, href]) => broken(home, site, ids, name, href));
  return [...read.flatMap((one) => one.wrong), ...new Set(broke)];
}

/** The ids and links of pages, and what is wrong with each by itself. */
async function readPages(browser, home, pages) {
  const { context, page, seen } = await open(browser, home, { viewport: { width: 1400, height: 950 } });
  const wrong = [];
  const ids = {};
  const links = [];
  for (const name of pages) {
    await page.goto(`${home}/${name}`, { waitUntil: "load" });
    const found = await page.evaluate(readPage);
    ids[name] = new Set(found.ids);
    links.push(...found.links.map((href) => [name, href]));
    for (const twice of found.ids.filter((id, i) => found.ids.indexOf(id) !== i)) {
      wrong.push(`${name}: the id ${twice} occurs twice`);
    }
    wrong.push(...seen.errors.splice(0).map((error) => `${name}: console: ${error.slice(0, 300)}`));
    wrong.push(...seen.external.splice(0).map((url) => `${name} asks for ${url}`));
  }
  await context.close();
  return { ids, links, wrong };
}

/** Nothing where a link leads to a file of the site and an id in it, else a sentence. */
function broken(home, site, ids, name, href) {
  if (!href.startsWith(home)) return [];
  const url = new URL(href);
  let file = decodeURIComponent(url.pathname).slice(1);
  if (file === "" || file.endsWith("/")) file += "index.html";
  if (!fs.existsSync(path.join(site, file))) return [`${name}: ${href.slice(home.length)} leads nowhere`];
  const id = decodeURIComponent(url.hash.slice(1));
  const known = ids[file];
  const own = !file.startsWith("replays/"); // there a fragment is an update
  if (id && known && own && !known.has(id)) return [`${name}: there is no ${id} in ${file}`];
  return [];
}

/** Pages on which axe finds something serious, or that scroll sideways. */
export async function checkAccess(browser, home, pages, options) {
  const { context, page } = await open(browser, home, { ...options, bypassCSP: true });
  const wrong = [];
  const where = `${options.viewport.width} px, ${options.colorScheme}`;
  for (const name of pages) {
    await page.goto(`${home}/${name}`, { waitUntil: "load" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 1) wrong.push(`${name} (${where}) scrolls sideways by ${wide} px`);
    await page.addScriptTag({ content: AXE });
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const one of violations.filter((v) => SERIOUS.includes(v.impact))) {
      wrong.push(`${name} (${where}): ${one.help}: ${one.nodes.length} × ${one.nodes[0].html.slice(0, 160)}`);
    }
    if (process.env.SHOTS) {
      const file = `${name.replaceAll("/", "_")}_${options.viewport.width}_${options.colorScheme}.png`;
      await page.screenshot({ path: path.join(process.env.SHOTS, file) });
    }
  }
  await context.close();
  return wrong;
}
