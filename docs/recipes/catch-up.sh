#!/bin/sh
# What happened since you last looked, a line a record; then it ends. The server keeps your place.
exec rig tail --as ./nats_url --until-idle
