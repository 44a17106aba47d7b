// Prints each record once, as it was published. Put your own work into `handle`. See docs/subscribe.md.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";

const { host, username: user, password: pass } = new URL(readFileSync("nats_url", "utf8"));
const done = new Set(existsSync("done") ? readFileSync("done", "utf8").split("\n") : []);
const handle = (text) => console.log(text.replace(/[\r\n]/g, " "));
const idOf = (text) => {
  try { return String(JSON.parse(text).id); } catch { return JSON.stringify(text); } // no record: its text is its name
};

const bus = await connect({
  servers: host, user, pass, inboxPrefix: `_INBOX.${user}`, maxReconnectAttempts: -1, waitOnFirstConnect: true,
});
(async () => {
  for await (const { error } of bus.status()) if (error) console.error("the server says:", error.message);
})();

const durable = jetstream(bus).consumers.getConsumerFromInfo({ stream_name: "LOG", name: `sub-${user}`, config: {} });
for await (const message of await durable.consume({ max_messages: 1, bind: true })) {
  const id = idOf(message.string());
  if (!done.has(id)) {
    handle(message.string());
    done.add(id);
    appendFileSync("done", `${id}\n`);
  }
  await message.ackAck(); // where it is lost, the record comes again
}
