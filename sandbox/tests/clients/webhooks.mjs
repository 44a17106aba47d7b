// Takes what was posted to a webhook as GitHub's own library does: the signature is checked on the raw body, then the
// handler of the event is called. Reads the deliveries as JSON from its standard input, prints what it took as JSON.

import { text } from "node:stream/consumers";

import { Webhooks } from "@octokit/webhooks";

const { secret, deliveries } = JSON.parse(await text(process.stdin));
const webhooks = new Webhooks({ secret });
const taken = [];
webhooks.on("issues.opened", ({ id, payload }) => taken.push([id, payload.issue.title]));
webhooks.on("pull_request.opened", ({ id, payload }) => taken.push([id, payload.pull_request.title]));

const forged = [];
for (const { id, name, signature, body } of deliveries) {
  await webhooks.verifyAndReceive({ id, name, signature, payload: body });
  forged.push(await webhooks.verify(body.replace("opened", "closed"), signature));
}
process.stdout.write(JSON.stringify({ taken, forged }));
