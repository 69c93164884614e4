// A replay as it is used: every frame, its keys, its links, dragging, and accounts that do not simply add up.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";
import { stirs, tabStops, tooWide } from "./reports.mjs";

const SMALLEST = 11; // CSS pixels of a letter
const WRITES = 4; // of the address in a second

/** What is wrong with a replay, as sentences. */
export async function checkPlayer(browser, file) {
  const url = pathToFileURL(file).href;
  const name = path.basename(file);
  const { context, page, seen } = await open(browser, url, { viewport: { width: 360, height: 780 } });
  await page.addInitScript(countWrites);
  await page.goto(url);
  const wrong = [
    ...(await everyFrame(page)), ...(await keys(page)), ...(await dragging(page)), ...(await smallLetters(page)),
    ...(await tooWide(page, "360 px")), ...(await stirs(page)), ...(await tabStops(page)), ...(await links(page, url)),
  ];
  await page.setViewportSize({ width: 320, height: 700 });
  wrong.push(...(await tooWide(page, "320 px")), ...seen.errors);
  await context.close();
  const bare = await open(browser, url, { javaScriptEnabled: false });
  await bare.page.goto(url);
  const stills = await bare.page.locator("noscript figure svg").count();
  if (stills === 0 || stills % 3) wrong.push(`without scripts it shows ${stills} stills, not three a method`);
  await bare.context.close();
  return wrong.map((one) => `${name}: ${one}`);
}

/** The special cases of an account: each says what it should; of an unknown kind the sentence is shown. */
export async function checkAccounts(browser, file) {
  const url = pathToFileURL(file).href;
  const { context, page, seen } = await open(browser, url, { viewport: { width: 1400, height: 950 } });
  const wrong = [];
  await page.goto(url);
  const data = JSON.parse(await page.locator("#data").textContent());
  for (const [i, frame] of data.runs[0].frames.entries()) {
    await page.evaluate(moveTo, i);
    const text = await page.evaluate(() => document.querySelector("#account-figure").textContent);
    const say = await page.locator("#say").textContent();
    if (say !== frame.say) wrong.push(`"${say}" is shown, not "${frame.say}"`);
    if (frame.expected && !text.includes(frame.expected)) wrong.push(`${frame.say} has no "${frame.expected}": ${text}`);
    if (process.env.SHOTS && i < 8) await page.screenshot({ path: `${process.env.SHOTS}/${path.basename(file, ".html")}_${i}.png` });
  }
  wrong.push(...seen.errors);
  await context.close();
  return wrong.map((one) => `${path.basename(file)}: ${one}`);
}

function countWrites() {
  window.writes = [];
  const write = history.replaceState.bind(history);
  history.replaceState = (...all) => {
    window.writes.push(Date.now());
    return write(...all);
  };
}

function moveTo(i) {
  const slider = document.querySelector("#slider");
  slider.value = i;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

async function everyFrame(page) {
  return page.evaluate(() => {
    const wrong = [];
    const data = JSON.parse(document.querySelector("#data").textContent);
    const slider = document.querySelector("#slider");
    for (const run of data.runs.filter((one) => one.frames.length)) {
      document.querySelector(`#methods button[value="${run.id}"]`).click();
      run.frames.forEach((frame, i) => {
        slider.value = i;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const said = [document.querySelector("#say").textContent, slider.getAttribute("aria-valuetext")];
        if (said.some((one) => one !== frame.say)) wrong.push(`${run.id}/${frame.n} says "${said[0]}" and "${said[1]}", not "${frame.say}"`);
      });
    }
    return wrong;
  });
}

async function keys(page) {
  const wrong = [];
  const place = () => page.evaluate(() => Number(document.querySelector("#slider").value));
  const last = await page.evaluate(() => Number(document.querySelector("#slider").max));
  await page.locator("#slider").focus();
  const press = async (key, expected) => {
    await page.keyboard.press(key);
    const found = await place();
    if (found !== expected) wrong.push(`after ${key} the slider is at ${found}, not ${expected}`);
  };
  await press("Home", 0);
  await press("ArrowRight", Math.min(1, last));
  await press("PageDown", Math.min(11, last));
  await press("PageUp", Math.max(Math.min(11, last) - 10, 0));
  await press("End", last);
  await press("ArrowLeft", last - 1);
  await page.keyboard.press("Shift+ArrowLeft");
  if ((await place()) >= last - 1) wrong.push("Shift+ArrowLeft does not go back a sweep");
  await press("Home", 0);
  await page.keyboard.press(" ");
  if ((await page.locator("#play").textContent()) !== "Pause") wrong.push("Space does not play");
  await page.keyboard.press("Home");
  if ((await page.locator("#play").textContent()) !== "Play") wrong.push("a key does not stop the player");
  await page.keyboard.press("1");
  const chosen = await page.evaluate(() => document.querySelector("#methods button").getAttribute("aria-pressed"));
  if (chosen !== "true") wrong.push("1 does not choose the first method");
  const before = await place();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowRight");
  if ((await place()) !== before) wrong.push("a key outside the player moves it");
  return wrong;
}

async function dragging(page) {
  const found = await page.evaluate(async () => {
    const slider = document.querySelector("#slider");
    slider.focus();
    await new Promise((done) => setTimeout(done, 700));
    window.writes.length = 0;
    document.querySelector("#status").textContent = "";
    const began = Date.now();
    for (let i = 0; Date.now() - began < 2000; i += 1) {
      slider.value = i % (Number(slider.max) + 1);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => setTimeout(done, 30));
    }
    const seconds = (Date.now() - began) / 1000;
    return { writes: window.writes.length, seconds, status: document.querySelector("#status").textContent };
  });
  const wrong = [];
  if (found.writes / found.seconds > WRITES) wrong.push(`dragging writes the address ${found.writes} times in ${found.seconds} s`);
  if (found.status) wrong.push(`dragging is spoken twice: "${found.status}"`);
  return wrong;
}

async function smallLetters(page) {
  const least = await page.evaluate(() =>
    Math.min(...[...document.querySelectorAll(".drawing text")].map((one) => parseFloat(getComputedStyle(one).fontSize))),
  );
  return least < SMALLEST ? [`letters of its pictures have ${least} px`] : [];
}

async function links(page, url) {
  const wrong = [];
  for (const [fragment, fault] of [["#cavi/999999", true], ["#nobody/1", true], ["#%FF", true], ["#cavi", false]]) {
    await page.goto("about:blank");
    await page.goto(url + fragment);
    const told = await page.locator("#notice").isVisible();
    const words = await page.locator("#notice").textContent();
    if (told !== fault || (fault && words !== "This link names an update that is not in this file.")) {
      wrong.push(`${fragment} gives ${told ? `"${words}"` : "no notice"}`);
    }
  }
  return wrong;
}
