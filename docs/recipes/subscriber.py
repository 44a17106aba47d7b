"""Prints every record once, as it was published, one a line. Put your own work in `handle`. See docs/subscribe.md."""
import asyncio, contextlib, json, pathlib, sys
import nats

here = pathlib.Path(__file__).parent
url = (here / "nats_url").read_text().strip()
name = url.split("/")[2].split(":")[0]
memory = open(here / "done", "a+")
memory.seek(0)
done = set(memory.read().split())


def handle(record, line):
    print(line, flush=True)


async def told(error):
    print("the server says:", error, file=sys.stderr, flush=True)


async def main():
    bus = await nats.connect(url, inbox_prefix=f"_INBOX.{name}".encode(), error_cb=told, max_reconnect_attempts=-1)
    records = await bus.jetstream().pull_subscribe_bind(f"sub-{name}", stream="LOG")
    while True:
        with contextlib.suppress(nats.errors.Error):  # the server is away: what was not acknowledged comes again
            [message] = await records.fetch(1, timeout=5)
            record = json.loads(message.data)
            if record["id"] not in done:
                handle(record, message.data.decode().replace("\n", " ").replace("\r", " "))
                done.add(record["id"])
                print(record["id"], file=memory, flush=True)
            await message.ack_sync()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
