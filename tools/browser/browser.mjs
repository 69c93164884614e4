// A Chromium that reaches nobody but this machine, and contexts that write down what their pages do.
import fs from "node:fs";
import { chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // what a page asks of others fails at once, on every network alike; it is written down all the same
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Start it; says what to install where there is none. */
export function launch() {
  const executablePath = PLACES.find((place) => place && fs.existsSync(place));
  if (!executablePath) throw new Error("there is no Chromium: apt-get install chromium, or set CHROMIUM");
  return chromium.launch({ executablePath, headless: true, args: QUIET });
}

/** A page that records errors of its console and every request that leaves `home`. */
export async function open(browser, home, options = {}) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const seen = { errors: [], external: [] };
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !/^(data|blob):/.test(url)) seen.external.push(url);
  });
  return { context, page, seen };
}
