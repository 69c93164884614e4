// The site in a real browser: node tools/browser/main.mjs SITE [pages|files|look|search|access|lab …]
import fs from "node:fs";
import path from "node:path";
import { launch } from "./browser.mjs";
import { checkAlone, checkReplay } from "./files.mjs";
import { checkHeard } from "./heard.mjs";
import { lessons, openLesson } from "./lab.mjs";
import { checkAccess, checkPages, ownPages } from "./pages.mjs";
import { checkAccounts, checkPlayer } from "./replays.mjs";
import { checkReport, checkStates } from "./reports.mjs";
import { checkSearch } from "./search.mjs";
import { serve } from "./server.mjs";

// Of the reference and of the source listings a few stand for the rest: they are made alike.
const ALIKE = /^(api|_modules)\//;
const LOOKED_AT = /^api\/(index|vi_lab\.cavi|vi_lab\.Exact-class)\.html|^_modules\/vi_lab\/inference\/cavi\.html/;
const CONTEXTS = [
  { viewport: { width: 360, height: 780 }, colorScheme: "light" },
  { viewport: { width: 1400, height: 950 }, colorScheme: "dark" },
];

// Our own pages, which have no theme behind them, are looked at in the others too.
const OTHERS = [
  { viewport: { width: 360, height: 780 }, colorScheme: "dark" },
  { viewport: { width: 1400, height: 950 }, colorScheme: "light" },
];

const [, , folder, ...asked] = process.argv;
const site = path.resolve(folder ?? "site");
if (!fs.existsSync(path.join(site, "index.html"))) {
  console.error(`there is no site in ${site}: make site`);
  process.exit(2);
}
const [server, home] = await serve(site);
const browser = await launch();
const pages = ownPages(site);
const some = pages.filter((name) => !ALIKE.test(name) || LOOKED_AT.test(name));
const alone = pages.filter((name) => name === "report.html" || name.startsWith("replays/"));
const replays = fs.readdirSync(path.join(site, "replays")).map((name) => path.join(site, "replays", name));

const fixtures = path.join(site, "..", "build", "site", "fixtures"); // pages of rare cases, of no site
const fixture = (name) => path.join(fixtures, `${name}.html`);

const checks = {
  pages: () => checkPages(browser, home, site, pages),
  files: async () => [
    ...(await each([path.join(site, "report.html"), ...replays], (file) => checkAlone(browser, file))),
    ...(await each(replays, (file) => checkReplay(browser, file))),
  ],
  look: async () => [
    ...(await checkReport(browser, path.join(site, "report.html"))),
    ...(await checkStates(browser, fixture("report-states"))),
    ...(await checkAlone(browser, fixture("report-names"))),
    ...(await checkAccounts(browser, fixture("account"))),
    ...(await checkAccounts(browser, fixture("account-unknown"))),
    ...(await each(replays, (file) => checkPlayer(browser, file))),
  ],
  search: () => checkSearch(browser, home),
  access: async () => [
    ...(await each(CONTEXTS, (options) => checkAccess(browser, home, some, options))),
    ...(await each(OTHERS, (options) => checkAccess(browser, home, alone, options))),
    ...(await checkHeard(browser, path.join(site, "report.html"), path.join(site, "replays", "coal.html"))),
  ],
  lab: () => each(lessons(site), (name) => openLesson(browser, home, site, name)),
};

/** The faults of all things, checked two at a time. */
async function each(things, check) {
  const wrong = [];
  const ahead = [...things];
  const work = async () => {
    while (ahead.length) wrong.push(...(await check(ahead.shift())));
  };
  await Promise.all([work(), work()]);
  return wrong;
}

let faults = 0;
for (const [name, check] of Object.entries(checks)) {
  if (asked.length && !asked.includes(name)) continue;
  const began = Date.now();
  const wrong = await check();
  faults += wrong.length;
  for (const sentence of wrong) console.error(sentence);
  console.log(`${name}: ${wrong.length} faults, ${Math.round((Date.now() - began) / 1000)} s`);
}
await browser.close();
server.close();
process.exit(faults ? 1 : 0);
