"""A lamp: the file `lamp` says green, or red and where. It sets a state, so doing it twice is doing it once."""
import asyncio, contextlib, json, os, sys, nats

url = open("nats_url").read().strip()
name = url.split("/")[2].split(":")[0]
red = json.load(open("lamp"))["red"] if os.path.exists("lamp") else {}

def handle(payload):
    run, repository = payload["workflow_run"], payload["repository"]
    if run["head_branch"] != repository["default_branch"]:
        return
    if run["conclusion"] in ("failure", "timed_out", "startup_failure"):
        red[f'{repository["full_name"]} {run["name"]}'] = run["html_url"]
    elif run["conclusion"] == "success":  # cancelled or skipped says nothing about the branch
        red.pop(f'{repository["full_name"]} {run["name"]}', None)
    with open("lamp.new", "w") as lamp:
        json.dump({"lamp": "red" if red else "green", "red": red}, lamp)
    os.replace("lamp.new", "lamp")  # never half a lamp

async def told(error):
    print("the server says:", error, file=sys.stderr)

async def main():
    bus = await nats.connect(url, inbox_prefix=f"_INBOX.{name}".encode(), error_cb=told, max_reconnect_attempts=-1)
    records = await bus.jetstream().pull_subscribe_bind(f"sub-{name}", stream="LOG")
    while True:
        with contextlib.suppress(nats.errors.Error):  # away, or nothing new: what is not acknowledged comes again
            [message] = await records.fetch(1)
            data = json.loads(message.data)["data"]
            if message.subject.startswith("rig.evt.bus."):
                print(data["say"], file=sys.stderr)  # what was lost; and the subject, not the text, says who speaks
            else:
                handle(data["payload"])
            await message.ack_sync()

asyncio.run(main())
