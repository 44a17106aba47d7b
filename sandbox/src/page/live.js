// Brings what has changed to whoever looks at a page, block by block: what has not changed keeps its place and the focus.
"use strict";
const EVERY = 2000;

async function look() {
  if (!document.hidden && getSelection().isCollapsed) {
    // A world that has been stopped leaves its last page.
    await read().catch(() => {});
  }
  setTimeout(look, EVERY);
}

async function read() {
  const answer = await fetch(location.href, { redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  renew(document.querySelector("main"), page.querySelector("main"));
}

function renew(main, fresh) {
  const before = [...main.children];
  const after = [...fresh.children];
  before.slice(after.length).forEach((block) => block.remove());
  after.forEach((block, at) => {
    if (!before[at]) main.append(block);
    else if (!before[at].isEqualNode(block)) replace(before[at], block);
  });
}

function replace(block, fresh) {
  const held = block.contains(document.activeElement) && document.activeElement.getAttribute("href");
  block.replaceWith(fresh);
  const same = [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === held);
  same?.focus({ preventScroll: true });
}

setTimeout(look, EVERY);
