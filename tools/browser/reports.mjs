// The report as a reader meets it: without scripts, on a phone, by keyboard, sorted, with rare states.
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";

const PHONE = { width: 360, height: 780 };
const DESK = { width: 1400, height: 950 };
const SMALLEST = 11; // CSS pixels of a letter
const LETTERS = 12; // of a picture as it was laid out
const TABS = 40; // stops of the Tab key that are looked at
// WCAG 2.2, 1.4.12
const SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }";

/** What is wrong with a report of many problems, as sentences. */
export async function checkReport(browser, file) {
  const url = pathToFileURL(file).href;
  const wrong = [];
  const say = (found) => wrong.push(...found.map((one) => `report: ${one}`));
  const visit = async (options, check) => {
    const { context, page } = await open(browser, url, options);
    await page.goto(url);
    say(await check(page));
    await context.close();
  };
  await visit({ viewport: DESK, javaScriptEnabled: false }, withoutScripts);
  for (const width of [320, PHONE.width, DESK.width]) {
    await visit({ viewport: { width, height: 800 }, bypassCSP: true }, async (page) => {
      const found = [...(await tooWide(page, `${width} px`)), ...(await tooSmall(page, width))];
      await page.addStyleTag({ content: SPACED });
      return [...found, ...(await tooWide(page, `${width} px with more space`))];
    });
  }
  await visit({ viewport: DESK, colorScheme: "dark" }, blackInTheDark);
  await visit({ viewport: DESK }, async (page) => [
    ...(await firstScreen(page, DESK, 20)), ...(await stirs(page)), ...(await tabStops(page)), ...(await sorting(page)),
  ]);
  await visit({ viewport: PHONE }, (page) => firstScreen(page, PHONE, 4));
  return wrong;
}

/** Every state has its sign and words; no two look alike without colour. */
export async function checkStates(browser, file) {
  const { context, page } = await open(browser, "file:", { viewport: DESK });
  await page.goto(pathToFileURL(file).href);
  const looks = await page.evaluate(() =>
    [...document.querySelectorAll(".matrix tbody tr")].map((row) => {
      const cell = row.cells[1];
      const style = getComputedStyle(cell);
      const mark = cell.querySelector(".sign")?.textContent ?? "";
      const look = [mark, style.backgroundImage !== "none", style.outlineStyle, Boolean(cell.querySelector(".bar"))];
      return { state: row.cells[0].querySelector("bdi").textContent, words: cell.querySelector(".heard").textContent, look: look.join("|") };
    }),
  );
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/states.png` });
  await context.close();
  const wrong = looks.filter((one) => !one.words).map((one) => `the state ${one.state} has no words`);
  for (const [i, one] of looks.entries()) {
    const twin = looks.slice(0, i).find((other) => other.look === one.look);
    if (twin) wrong.push(`the states ${twin.state} and ${one.state} look alike in grey: ${one.look}`);
  }
  if (looks.length !== 9) wrong.push(`${looks.length} states are shown, not 9`);
  return wrong;
}

async function withoutScripts(page) {
  const count = (selector) => page.locator(selector).count();
  const wrong = [];
  if ((await count(".matrix tbody tr")) < 20) wrong.push("without scripts the matrix is not whole");
  if ((await count(".panel svg")) < 60) wrong.push("without scripts pictures are missing");
  if (await page.locator(".order").isVisible()) wrong.push("without scripts a control is shown that does nothing");
  return wrong;
}

export async function tooWide(page, where) {
  const more = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return more > 1 ? [`scrolls sideways by ${more} px at ${where}`] : [];
}

async function tooSmall(page, width) {
  const least = await page.evaluate(() =>
    Math.min(...[...document.querySelectorAll(".panel svg[viewBox]:not(.swatch)")].map((svg) =>
      svg.getBoundingClientRect().width / ((svg.viewBox.baseVal.width * 96) / 72))),
  );
  const letters = least * LETTERS;
  return width >= PHONE.width && letters < SMALLEST ? [`letters of pictures have ${letters.toFixed(1)} px at ${width} px`] : [];
}

async function blackInTheDark(page) {
  const found = await page.evaluate(() => {
    const black = (colour) => colour === "rgb(0, 0, 0)";
    const parts = document.querySelectorAll(".panel svg path, .panel svg use, .panel svg text, .panel svg line");
    return [...parts].filter((one) => !one.closest("defs") && !one.closest("clipPath")).filter((one) => {
      const style = getComputedStyle(one);
      return black(style.fill) || black(style.stroke);
    }).map((one) => one.closest("svg").getAttribute("aria-label"));
  });
  return [...new Set(found)].map((label) => `in the dark something is black in "${label}"`);
}

async function firstScreen(page, { width, height }, rows) {
  const seen = await page.evaluate(() => {
    const inside = (one) => one && one.getBoundingClientRect().bottom <= innerHeight;
    return {
      title: inside(document.querySelector("h1")),
      legend: inside(document.querySelector(".legend")),
      rows: [...document.querySelectorAll(".matrix tbody tr")].filter(inside).length,
    };
  });
  const good = seen.title && seen.legend && seen.rows >= rows;
  return good ? [] : [`its first screen of ${width} × ${height} has ${JSON.stringify(seen)}`];
}

/** Nothing changes by itself. */
export async function stirs(page) {
  const read = () => page.evaluate(() => document.documentElement.outerHTML);
  const before = await read();
  await page.waitForTimeout(3000);
  return (await read()) === before ? [] : ["changes without being touched"];
}

/** What has the focus is seen: with a ring, and not below what sticks. */
export async function tabStops(page) {
  const wrong = new Set();
  for (let i = 0; i < TABS; i += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body) return null; // round the end of the page
      const box = one.getBoundingClientRect();
      const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12)];
      const top = document.elementFromPoint(x, y);
      const covered = !(top && (one.contains(top) || top.contains(one)));
      const style = getComputedStyle(one);
      const name = `${one.tagName.toLowerCase()} ${one.id || one.textContent.trim().slice(0, 30)}`;
      return { name, covered, ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    if (found === null) continue;
    if (found.covered) wrong.add(`the focus on ${found.name} is covered`);
    if (!found.ring) wrong.add(`the focus on ${found.name} has no ring`);
  }
  return [...wrong];
}

/** Sorting reorders, changes no number, and is said. */
async function sorting(page) {
  const read = () => page.evaluate(() => [...document.querySelectorAll(".matrix tbody tr")].map((row) => row.textContent));
  const before = await read();
  await page.selectOption("#order", "name");
  const after = await read();
  const said = await page.locator("#said").textContent();
  const names = await page.locator(".matrix tbody th a").allTextContents();
  const wrong = [];
  if (JSON.stringify([...before].sort()) !== JSON.stringify([...after].sort())) wrong.push("sorting changes what rows say");
  if (JSON.stringify(names) !== JSON.stringify([...names].sort())) wrong.push("A to Z is not the order of names");
  if (!said.startsWith("Ordered by A to Z")) wrong.push(`sorting says "${said}"`);
  return wrong;
}
