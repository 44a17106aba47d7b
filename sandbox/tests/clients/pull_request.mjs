// A pull request's life with Octokit.js, from the issue to the merge. Reads where the API is and who acts as JSON from its
// standard input, and prints what it saw as JSON.

import { text } from "node:stream/consumers";

import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";

const given = JSON.parse(await text(process.stdin));
const [owner, repo] = given.repository.split("/");
const here = { owner, repo };
const quiet = { debug() {}, info() {}, warn: console.error, error() {} };

const person = (name) => new Octokit({ baseUrl: given.api, auth: given[name], log: quiet });
const { id: appId, installation: installationId, key: privateKey } = given.app;
const auth = { appId, installationId, privateKey };
const [ada, nora] = ["ada", "nora"].map(person);
const robin = new Octokit({ baseUrl: given.api, authStrategy: createAppAuth, auth, log: quiet });

const seen = {};
const issue = await fileAnIssue();
const pull = await propose(issue);
const there = { ...here, pull_number: pull.number };
await look();
await review();
await check(pull.head.sha);
await merge();
seen.issue = (await ada.issues.get({ ...here, issue_number: issue })).data.state;
await ada.repos.update({ ...here, name: "greeter" });
seen.renamed = (await nora.repos.get(here)).data.full_name;
seen.filed = (await nora.issues.create({ ...here, title: "Under the old name" })).data.repository_url;
process.stdout.write(JSON.stringify(seen));

async function fileAnIssue() {
  const { data } = await ada.issues.create({ ...here, title: "Greet by name", labels: ["bug"] });
  const said = await ada.issues.createComment({ ...here, issue_number: data.number, body: "By **name**." });
  await ada.issues.updateComment({ ...here, comment_id: said.data.id, body: "By _name_." });
  const comments = await ada.issues.listComments({ ...here, issue_number: data.number });
  seen.by = data.user.login;
  seen.labels = data.labels.map((label) => label.name);
  seen.comments = comments.data.map((comment) => comment.body);
  return data.number;
}

async function propose(issue) {
  const main = await ada.git.getRef({ ...here, ref: "heads/main" });
  await ada.git.createRef({ ...here, ref: "refs/heads/greet", sha: main.data.object.sha });
  await write("hello.js", "Greet", "export const hello = 'Hello!';\n");
  const { data: page } = await ada.repos.getContent({ ...here, path: "index.html", ref: "greet" });
  seen.page = Buffer.from(page.content, "base64").toString();
  await write("index.html", "Load it", "<h1>Hello, you!</h1>\n", page.sha);
  const body = `Closes #${issue}`;
  return (await ada.pulls.create({ ...here, title: "Greet by name", head: "greet", base: "main", body })).data;
}

async function write(path, message, content, sha) {
  const encoded = Buffer.from(content).toString("base64");
  await ada.repos.createOrUpdateFileContents({ ...here, path, message, content: encoded, sha, branch: "greet" });
}

async function look() {
  const files = await nora.paginate(nora.pulls.listFiles, there);
  seen.files = files.map((file) => [file.filename, file.status]);
  // One at a time, so that the library has to follow the links from page to page.
  const commits = await nora.paginate(nora.pulls.listCommits, { ...there, per_page: 1 });
  seen.commits = commits.map((commit) => commit.commit.message);
  const diff = await nora.pulls.get({ ...there, mediaType: { format: "diff" } });
  seen.diff = diff.data.includes("+<h1>Hello, you!</h1>");
  const compared = await nora.repos.compareCommitsWithBasehead({ ...here, basehead: "main...greet" });
  seen.ahead = compared.data.ahead_by;
}

async function review() {
  seen.own = await refused(ada.pulls.createReview({ ...there, event: "APPROVE" }));
  const comments = [{ path: "hello.js", line: 1, body: "And if nobody is there?" }];
  await nora.pulls.createReview({ ...there, event: "REQUEST_CHANGES", body: "Not yet.", comments });
  const { data: lines } = await nora.pulls.listReviewComments(there);
  const reply = { ...there, comment_id: lines[0].id, body: "Then say so." };
  seen.reply = (await ada.pulls.createReplyForReviewComment(reply)).data.in_reply_to_id === lines[0].id;
  await nora.pulls.createReview({ ...there, event: "APPROVE", body: "Now it does." });
  const { data: reviews } = await nora.pulls.listReviews(there);
  seen.reviews = reviews.filter((each) => each.user.login === "nora").map((each) => each.state);
}

async function check(head_sha) {
  const { data: run } = await robin.checks.create({ ...here, name: "build", head_sha, status: "in_progress" });
  const output = { title: "Built", summary: "Two files" };
  const done = { status: "completed", conclusion: "success", output };
  await robin.checks.update({ ...here, check_run_id: run.id, ...done });
  const runs = await robin.paginate(robin.checks.listForRef, { ...here, ref: head_sha });
  seen.checks = runs.map((each) => [each.name, each.conclusion, each.app.slug]);
  await robin.repos.createCommitStatus({ ...here, sha: head_sha, state: "success", context: "site" });
  seen.status = (await robin.repos.getCombinedStatusForRef({ ...here, ref: head_sha })).data.state;
}

async function merge() {
  seen.stale = await refused(ada.pulls.merge({ ...there, sha: pull.base.sha }));
  const merged = await ada.pulls.merge({ ...there, sha: pull.head.sha, merge_method: "squash" });
  seen.merged = merged.data.merged;
  seen.merged_by = (await ada.pulls.get(there)).data.merged_by.login;
  await ada.git.deleteRef({ ...here, ref: "heads/greet" });
  seen.branches = (await ada.paginate(ada.repos.listBranches, here)).map((branch) => branch.name);
}

/** The status of a call that has to fail. */
async function refused(call) {
  return call.then(() => null, (error) => error.status);
}
