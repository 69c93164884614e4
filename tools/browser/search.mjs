// The search of the site, which no server helps: what is asked for is found, what is not there is said.
import { open } from "./browser.mjs";

const WANTED = { "coordinate ascent": /vi_lab\.cavi|mean_field/, waterfall: /waterfall/, frontier: /frontier/ };
const NOWHERE = "xyzzyq";

/** Ask for a few words; what is wrong as sentences. */
export async function checkSearch(browser, home) {
  const { context, page, seen } = await open(browser, home, { viewport: { width: 1400, height: 950 } });
  const wrong = [];
  const ask = async (words) => {
    await page.goto(`${home}/search.html?q=${encodeURIComponent(words)}`);
    await page.waitForFunction(() => /Search finished|did not match/.test(document.querySelector("#search-results")?.textContent ?? ""));
    return page.evaluate(() => [...document.querySelectorAll("#search-results li a")].map((one) => one.href));
  };
  for (const [words, place] of Object.entries(WANTED)) {
    const found = await ask(words);
    if (!found.some((href) => place.test(href))) wrong.push(`a search for "${words}" finds ${found.slice(0, 5).join(", ") || "nothing"}`);
  }
  const found = await ask(NOWHERE);
  if (found.length) wrong.push(`a search for "${NOWHERE}" finds ${found[0]}`);
  await page.goto(`${home}/index.html`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("gibbs");
  await page.keyboard.press("Enter");
  await page.waitForURL(/search\.html\?q=gibbs/);
  await page.waitForSelector("#search-results li a");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/search.png` });
  wrong.push(...seen.errors, ...seen.external.map((url) => `search asks for ${url}`));
  await context.close();
  return wrong;
}
