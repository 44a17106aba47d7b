// Watches an issue while others comment on it. Reads where it is as JSON from its standard input, and prints what it saw as
// JSON.

import { text } from "node:stream/consumers";

import { chromium } from "playwright-core";

const given = JSON.parse(await text(process.stdin));
const seen = {};

const browser = await chromium.launch({ executablePath: given.browser, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
const state = () => page.evaluate(() => [scrollY, document.activeElement.getAttribute("href"), String(getSelection())]);
await page.goto(given.html + given.page);

await page.locator("article").first().locator("a").first().focus();
await page.evaluate(() => scrollTo(0, 300));
const before = await state();
await comment("The first word");
await page.getByText("The first word").waitFor();
seen.kept = JSON.stringify(await state()) === JSON.stringify(before);

await page.evaluate(() => getSelection().selectAllChildren(document.querySelector("article .text")));
const marked = await state();
await comment("The second word");
// Longer than the page waits between two looks.
const asked = await page.waitForRequest(given.html + given.page, { timeout: 4500 }).then(() => true, () => false);
seen.undisturbed = !asked && JSON.stringify(await state()) === JSON.stringify(marked);
await page.evaluate(() => getSelection().removeAllRanges());
await page.getByText("The second word").waitFor();

await title("Another title");
await page.getByRole("heading", { name: "Another title" }).waitFor();
seen.title = await page.title();
await browser.close();
process.stdout.write(JSON.stringify(seen));

async function comment(body) {
  await tell("POST", "/comments", { body });
}

async function title(title) {
  await tell("PATCH", "", { title });
}

async function tell(method, path, body) {
  const headers = { authorization: `Bearer ${given.token}`, "content-type": "application/json" };
  const answer = await fetch(given.issue + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
}
