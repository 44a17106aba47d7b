// Prints each record, as it was published. Put your own work where it prints. See docs/subscribe.md.
import { readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";

const { host: servers, username: user, password: pass } = new URL(readFileSync("nats_url", "utf8"));
const forEver = { maxReconnectAttempts: -1, waitOnFirstConnect: true };
const bus = await connect({ servers, user, pass, inboxPrefix: `_INBOX.${user}`, ...forEver });
(async () => { for await (const { error } of bus.status()) if (error) console.error(`the server says: ${error}`); })();

const durable = jetstream(bus).consumers.getConsumerFromInfo({ stream_name: "LOG", name: `sub-${user}`, config: {} });
for await (const message of await durable.consume({ max_messages: 1, bind: true })) {
  console.log(message.string());
  await message.ackAck().catch((error) => console.error(`not acknowledged, it comes again: ${error.message}`));
}
