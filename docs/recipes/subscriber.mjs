// Prints every record once, as it was published, one a line. Put your own work in `handle`. See docs/subscribe.md.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";

const here = (file) => new URL(file, import.meta.url);
const { host, username: user, password: pass } = new URL(readFileSync(here("nats_url"), "utf8"));
const done = new Set(existsSync(here("done")) ? readFileSync(here("done"), "utf8").split("\n") : []);

function handle(record, line) {
  console.log(line);
}

async function tell(events) {
  for await (const { type, error } of events) if (error) console.error("the server says:", type, error.message);
}

const bus = await connect({
  servers: host, user, pass, inboxPrefix: `_INBOX.${user}`, maxReconnectAttempts: -1, waitOnFirstConnect: true,
});
tell(bus.status());
const durable = jetstream(bus).consumers.getConsumerFromInfo({ stream_name: "LOG", name: `sub-${user}`, config: {} });
for await (const message of await durable.consume({ max_messages: 1, bind: true })) {
  const record = message.json();
  if (!done.has(record.id)) {
    handle(record, message.string().replace(/[\r\n]/g, " "));
    done.add(record.id);
    appendFileSync(here("done"), record.id + "\n");
  }
  await message.ackAck(); // lost, the record comes again
}
