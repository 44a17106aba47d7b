// Walks all pages from the first one, and looks at some of each kind in Chromium, narrow and light, wide and dark. Reads
// where they are as JSON from its standard input, and prints what it found as JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// More pages than this are not walked, and more of a kind are not looked at.
const PAGES = 1500;
const OF_A_KIND = 3;
const FURTHER_PORTIONS = 1;
// The elements are the same in both: only what is drawn is judged twice.
const SIGHTS = [
  { name: "narrow", rules: {}, viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "wide", rules: { runOnly: ["cat.color"] }, viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
];

const given = JSON.parse(await text(process.stdin));
const findings = [];
const find = (address, what) => findings.push(`${address}: ${what}`);

const walked = await walk();
const kinds = {};
for (const address of walked) (kinds[kind(address)] ??= []).push(address);
const most = (kind) => (kind.includes("?") ? FURTHER_PORTIONS : OF_A_KIND);
const chosen = Object.entries(kinds).flatMap(([kind, addresses]) => addresses.slice(0, most(kind)));
const browser = await chromium.launch({
  executablePath: given.browser,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
await Promise.all(SIGHTS.map(see));
await browser.close();
process.stdout.write(JSON.stringify({ walked: walked.length, kinds: Object.keys(kinds), findings }));

/** The pages that can be reached; what they lead to has to be there. */
async function walk() {
  const seen = new Set(["/", ...given.also]);
  const pages = [];
  for (const address of seen) {
    const answer = await fetch(given.html + address);
    if (answer.status !== 200) find(address, `answers ${answer.status}`);
    if (seen.size > PAGES) throw new Error(`more than ${PAGES} pages`);
    const body = await answer.text();
    if (answer.redirected || !answer.headers.get("content-type").startsWith("text/html")) continue;
    pages.push(address);
    for (const [, link] of body.matchAll(/<a [^>]*?href="([^"]*)"/g)) {
      const path = link.replaceAll("&amp;", "&").replace(given.html, "").replace(/#.*/, "");
      if (path.startsWith("/")) seen.add(path);
    }
  }
  return pages;
}

/** Pages of one kind are made alike. */
function kind(address) {
  const { pathname, searchParams } = new URL(address, given.html);
  const [owner, name, part, ...rest] = pathname.split("/").filter(Boolean);
  const asked = [...searchParams.keys()].map((key) => `?${key}`).join("");
  if (!owner) return `home${asked}`;
  if (["apps", "settings", "organizations"].includes(owner)) return owner;
  if (!name) return `account${asked}`;
  if (!part) return "repository";
  if (["tree", "blob", "commit", "commits", "compare"].includes(part)) return part + asked;
  return [part, ...rest].map((word) => (/^\d+$/.test(word) ? "N" : word)).join("/") + asked;
}

async function see({ name, rules, ...sight }) {
  const context = await browser.newContext(sight);
  const page = await context.newPage();
  let address;
  const told = (what) => find(`${address} (${name})`, what);
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && told(`console: ${said.text()}`));
  page.on("pageerror", (error) => told(`error: ${error}`));
  // The next page ends what the script of the last one asked for.
  page.on("requestfailed", (request) => request.failure().errorText === "net::ERR_ABORTED" || told(`${request.url()} failed: ${request.failure().errorText}`));
  page.on("request", (request) => request.url().startsWith(`${given.html}/`) || told(`asks ${request.url()}`));
  for (address of chosen) {
    await page.goto(given.html + address);
    await judge(page, rules, told);
  }
  address = "/nothing/is/here";
  page.removeAllListeners("console");
  await page.goto(given.html + address);
  await judge(page, rules, told);
  address = "/settings/apps/new";
  await bring(page);
  await judge(page, rules, told);
  await context.close();
}

/** Another site's form brings a manifest. */
async function bring(page) {
  await page.evaluate(({ action, manifest }) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    form.append(Object.assign(document.createElement("input"), { name: "manifest", value: manifest }));
    document.body.append(form);
    form.submit();
  }, { action: `${given.html}/settings/apps/new`, manifest: given.manifest });
  await page.waitForSelector("button[type=submit]");
}

async function judge(page, rules, told) {
  const words = await page.locator("body").innerText();
  if (!words.includes("This GitHub is played")) told("does not say that it is played");
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) told(`${over} pixels wider than the screen`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((rules) => axe.run(document, { ...rules, preload: false, resultTypes: ["violations"] }), rules);
  for (const { id, help, nodes } of violations) told(`${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
}
