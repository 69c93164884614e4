// Report and replays as files: no request at all, and a slider whose numbers are those of the JSON.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";

const STEPS = 6; // of the slider, by keyboard, for each method
const FRAGMENT = 700; // milliseconds after which the address names the update

/** Open a file; a planted request must be refused. What is wrong as sentences. */
export async function checkAlone(browser, file) {
  const url = pathToFileURL(file).href;
  const { context, page, seen } = await open(browser, url);
  const wrong = [];
  await page.goto(url);
  await page.waitForTimeout(200);
  const name = path.basename(file);
  wrong.push(...seen.external.map((asked) => `${name} asks for ${asked}`));
  wrong.push(...seen.errors.map((error) => `${name}: console: ${error}`));
  const refused = await page.evaluate(async () => {
    const violation = new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", () => resolve(true));
      setTimeout(() => resolve(false), 2000);
    });
    const image = new Image();
    image.src = "https://example.org/planted.png";
    return violation;
  });
  if (!refused) wrong.push(`${name}: its policy let a planted request through`);
  await context.close();
  return wrong;
}

/** Press keys in a replay; sentence, value text and numbers must be those of the JSON. */
export async function checkReplay(browser, file) {
  const url = pathToFileURL(file).href;
  const name = path.basename(file);
  const { context, page } = await open(browser, url);
  const wrong = [];
  await page.goto(url);
  const data = JSON.parse(await page.locator("#data").textContent());
  for (const run of data.runs.filter((one) => one.frames.length > 0)) {
    await page.goto("about:blank");
    await page.goto(`${url}#${run.id}/${run.frames[0].n}`);
    await page.locator("#slider").focus();
    for (let i = 0; i <= Math.min(STEPS, run.frames.length - 1); i += 1) {
      const frame = run.frames[i];
      const shown = await page.evaluate(readPlayer);
      for (const [what, text] of [["sentence", shown.say], ["value text", shown.valueText]]) {
        if (text.trim() !== frame.say) wrong.push(`${name} ${run.id} ${i}: the ${what} is "${text}", not "${frame.say}"`);
      }
      if (Number(shown.value) !== i) wrong.push(`${name} ${run.id}: the slider is at ${shown.value}, not ${i}`);
      if (frame.elbo !== undefined) wrong.push(...wrongSum(`${name} ${run.id} ${i}`, shown.sum, data, frame));
      await page.keyboard.press("ArrowRight");
    }
    await page.keyboard.press("End");
    const last = run.frames.at(-1);
    const { say } = await page.evaluate(readPlayer);
    if (say.trim() !== last.say) wrong.push(`${name} ${run.id}: End shows "${say}"`);
    await page.waitForTimeout(FRAGMENT);
    await page.reload();
    const again = await page.evaluate(readPlayer);
    if (again.say !== say) wrong.push(`${name} ${run.id}: after a reload its link shows "${again.say}"`);
  }
  await context.close();
  return wrong;
}

function readPlayer() {
  const slider = document.querySelector("#slider");
  return {
    say: document.querySelector("#say").textContent,
    sum: document.querySelector("#sum").textContent,
    value: slider.value,
    valueText: slider.getAttribute("aria-valuetext"),
  };
}

/** The numbers that the account shows must be those of the JSON, to the digits that it shows. */
function wrongSum(where, text, data, frame) {
  const shown = (text.match(/[−-]?\d[\d,]*\.\d+/g) ?? []).map((one) => [
    Number(one.replace("−", "-").replaceAll(",", "")),
    one.split(".")[1].length,
  ]);
  const wrong = [];
  for (const [what, value] of [["ELBO", frame.elbo], ["KL", frame.kl], ["log p(x)", data.evidence?.value]]) {
    if (typeof value !== "number" || (what !== "ELBO" && frame.kl === null)) continue;
    const found = shown.some(([number, digits]) => Math.abs(number - value) <= 0.51 * 10 ** -digits);
    if (!found) wrong.push(`${where}: the account has no ${what} of ${value}: ${text}`);
  }
  return wrong;
}
