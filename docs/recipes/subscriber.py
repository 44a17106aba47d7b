"""Prints each record, as it was published. Put your own work where it prints. See docs/subscribe.md."""
import asyncio, contextlib, sys, nats

async def main(url):
    name = url.split("/")[2].split(":")[0]
    bus = await nats.connect(url, inbox_prefix=f"_INBOX.{name}".encode(), error_cb=told, max_reconnect_attempts=-1)
    records = await bus.jetstream().pull_subscribe_bind(f"sub-{name}", stream="LOG")
    while True:
        with contextlib.suppress(nats.errors.Error):  # away, or nothing new: what is not acknowledged comes again
            [message] = await records.fetch(1)
            print(message.data.decode(errors="replace"), flush=True)
            await message.ack_sync()

async def told(error): print("the server says:", error, file=sys.stderr)

asyncio.run(main(open("nats_url").read().strip()))
