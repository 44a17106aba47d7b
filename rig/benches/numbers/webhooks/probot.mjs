// Probot as its guide has it run in production, with no handler: it checks the signature, parses, logs, answers.
// Reads {"secret": …} from the first line of its input, tells its port to descriptor 3, and ends with its input.
import { generateKeyPairSync } from "node:crypto";
import { writeSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { run } from "probot";

const input = createInterface({ input: process.stdin });
const { secret } = JSON.parse(await new Promise((resolve) => input.once("line", resolve)));
input.once("close", () => process.exit(0));

// It takes 0 for "3000".
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
await run(() => {}, {
  env: {
    APP_ID: "1",
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: secret,
    WEBHOOK_PATH: "/webhooks/github",
    HOST: "127.0.0.1",
    PORT: String(port),
  },
});
writeSync(3, `${port}\n`);
