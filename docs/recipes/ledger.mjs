// A ledger: each record stands in ledger.jsonl once. The deed and the memory of it are one write: no crash parts them.
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";

const { host, username: user, password: pass } = new URL(readFileSync("nats_url", "utf8"));
const idOf = (line) => {
  try { return String(JSON.parse(line).id); } catch { return line; } // no record: its text is its name
};

if (!existsSync("ledger.jsonl")) appendFileSync("ledger.jsonl", "");
const bytes = readFileSync("ledger.jsonl");
truncateSync("ledger.jsonl", bytes.lastIndexOf("\n") + 1); // a line that a crash tore comes again
const done = new Set(bytes.toString().split("\n").map(idOf));

const bus = await connect({
  servers: host, user, pass, inboxPrefix: `_INBOX.${user}`, maxReconnectAttempts: -1, waitOnFirstConnect: true,
});
(async () => {
  for await (const { error } of bus.status()) if (error) console.error("the server says:", error.message);
})();

const durable = jetstream(bus).consumers.getConsumerFromInfo({ stream_name: "LOG", name: `sub-${user}`, config: {} });
for await (const message of await durable.consume({ max_messages: 1, bind: true })) {
  const line = message.string().replace(/[\r\n]/g, " ");
  if (!done.has(idOf(line))) {
    appendFileSync("ledger.jsonl", `${line}\n`);
    done.add(idOf(line));
  }
  await message.ackAck().catch((error) => console.error(`not acknowledged, it comes again: ${error.message}`));
}
