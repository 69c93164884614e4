// By ear alone: what the accessibility tree says of report and replay, and nothing that is only seen.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";

const DESK = { viewport: { width: 1400, height: 950 } };
const STOPS = 30; // of the Tab key until a control is found
const SPOKEN = 900; // ms: the live region waits for 500
const SLOWEST = 20000; // ms until it is told: other work may keep the processor
const ESCAPED = /\\u20[0-9a-f]{2}/; // a mark of direction that is read out letter by letter

/** CAVI's gap on a problem is found by headings and tables, a step of its replay is told. */
export async function checkHeard(browser, report, replay) {
  const { context, page, cdp } = await listen(browser, replay);
  const data = JSON.parse(await page.locator("#data").textContent());
  const run = data.runs.find((one) => one.id === "cavi");
  const stepped = await stepThrough(page, cdp, run);
  await context.close();
  const gap = Number(run.frames.at(-1).kl).toPrecision(3);
  const found = await findGap(browser, report, data.problem, gap);
  return [...found.map((one) => `report, heard: ${one}`), ...stepped.map((one) => `${path.basename(replay)}, heard: ${one}`)];
}

async function listen(browser, file) {
  const url = pathToFileURL(file).href;
  const { context, page } = await open(browser, url, DESK);
  await page.goto(url);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Accessibility.enable");
  return { context, page, cdp };
}

/** What is read out, in its order: role, name, value, and whether it has the focus. */
async function read(cdp) {
  const { nodes } = await cdp.send("Accessibility.getFullAXTree");
  const known = new Map(nodes.map((one) => [one.nodeId, one]));
  const heard = [];
  const walk = (node) => {
    const property = (name) => node.properties?.find((one) => one.name === name)?.value.value;
    if (!node.ignored) {
      heard.push({
        role: node.role?.value, name: node.name?.value ?? "", value: node.value?.value,
        level: property("level"), focused: property("focused"), words: words(node, known),
        element: node.backendDOMNodeId,
      });
    }
    for (const child of node.childIds ?? []) if (known.has(child)) walk(known.get(child));
  };
  walk(nodes[0]);
  for (const one of heard.filter(({ role }) => role === "slider")) one.text = await valueText(cdp, one.element);
  return heard;
}

/** What is read out for a value, by its attribute: the tree that tools are shown has lost it in some Chromiums (156.0.8078.114). */
async function valueText(cdp, backendNodeId) {
  const { attributes } = (await cdp.send("DOM.describeNode", { backendNodeId })).node;
  const at = attributes.indexOf("aria-valuetext");
  return at < 0 ? undefined : attributes[at + 1];
}

/** All text below a node. */
function words(node, known) {
  if (node.role?.value === "StaticText") return node.name?.value ?? "";
  return (node.childIds ?? []).map((child) => known.get(child)).filter(Boolean).map((child) => words(child, known)).join("");
}

async function findGap(browser, report, problem, gap) {
  const { context, cdp } = await listen(browser, report);
  const heard = await read(cdp);
  await context.close();
  const wrong = [];
  const odd = heard.find((one) => ESCAPED.test(one.name));
  if (odd) wrong.push(`a mark of direction is read out: "${odd.name}"`);
  const headings = heard.filter((one) => one.role === "heading" && one.level === 2).map((one) => one.name);
  const matrix = heard.findIndex((one) => one.role === "table");
  const end = heard.findIndex((one, i) => i > matrix && one.role === "heading");
  const problems = heard.slice(matrix, end).filter((one) => one.role === "rowheader").map((one) => one.words.trim());
  for (const name of problems) {
    if (!headings.some((one) => one.startsWith(`${name}:`))) wrong.push(`${name} of the matrix has no heading`);
  }
  const from = heard.findIndex((one) => one.role === "heading" && one.name.startsWith(`${problem}:`));
  const after = heard.slice(from + 1);
  const section = after.slice(0, after.findIndex((one) => one.role === "heading" && one.level <= 2));
  const columns = section.filter((one) => one.role === "columnheader").map((one) => one.name);
  const row = section.findIndex((one) => one.role === "rowheader" && one.words.trim() === "CAVI");
  const cells = section.slice(row + 1).filter((one) => one.role === "cell");
  const told = cells[columns.indexOf("nats short") - 1]?.words.trim();
  if (from < 0 || row < 0 || told !== gap) wrong.push(`CAVI on ${problem} is "${told}" nats short, not "${gap}"`);
  return wrong;
}

async function stepThrough(page, cdp, run) {
  const wrong = [];
  const focus = async (role, name) => {
    for (let i = 0; i < STOPS; i += 1) {
      await page.keyboard.press("Tab");
      if ((await read(cdp)).some((one) => one.focused && one.role === role && one.name === name)) return true;
    }
    wrong.push(`Tab finds no ${role} "${name}"`);
    return false;
  };
  const now = async (told = () => true) => {
    for (let waited = SPOKEN; ; waited += SPOKEN) {
      await page.waitForTimeout(SPOKEN);
      const heard = await read(cdp);
      const found = {
        slider: heard.find((one) => one.role === "slider")?.text,
        status: heard.find((one) => one.role === "status")?.words.trim() ?? "",
      };
      if (told(found) || waited >= SLOWEST) return found;
    }
  };
  await page.goto(`${page.url().split("#")[0]}#cavi/2`);
  await page.reload();
  const start = run.frames.findIndex((one) => one.n === 2);
  if (await focus("button", "Forward")) {
    await page.keyboard.press("Enter");
    const { say } = run.frames[start + 1];
    const { status } = await now((one) => one.status === say);
    if (status !== say) wrong.push(`a step is told as "${status}", not "${say}"`);
  }
  if (await focus("slider", "Update")) {
    const before = (await now()).status;
    await page.keyboard.press("ArrowRight");
    const { say } = run.frames[start + 2];
    const { slider, status } = await now((one) => one.slider === say);
    if (slider !== say) wrong.push(`the slider is read as "${slider}", not "${say}"`);
    if (status !== "" && status !== before) wrong.push(`the slider's step is told twice: "${status}"`);
  }
  return wrong;
}
