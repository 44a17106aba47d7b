"""Prints each record once, as it was published. Put your own work into `handle`. See docs/subscribe.md."""
import asyncio, contextlib, json, sys, nats

url = open("nats_url").read().strip()
name = url.split("/")[2].split(":")[0]
memory = open("done", "a+")
done = set(memory.seek(0) or memory.read().split())

def handle(data):
    print(data.decode(errors="replace").replace("\r", " ").replace("\n", " "), flush=True)

def id_of(data):
    try:
        return str(json.loads(data)["id"])
    except (ValueError, TypeError, KeyError):  # no record, whoever published it: its bytes are its name
        return data.hex()

async def told(error):
    print("the server says:", error, file=sys.stderr)

async def main():
    bus = await nats.connect(url, inbox_prefix=f"_INBOX.{name}".encode(), error_cb=told, max_reconnect_attempts=-1)
    records = await bus.jetstream().pull_subscribe_bind(f"sub-{name}", stream="LOG")
    while True:
        with contextlib.suppress(nats.errors.Error):  # away, or nothing new: what is not acknowledged comes again
            [message] = await records.fetch(1)
            if id_of(message.data) not in done:
                handle(message.data)
                done.add(id_of(message.data))
                print(id_of(message.data), file=memory, flush=True)
            await message.ack_sync()

asyncio.run(main())
