#!/bin/sh
# Prints each record once, as it was published. Put your own work where it prints. See docs/subscribe.md.
[ "$1" = one ] || exec rig tail --as ./nats_url --each 'sh -e subscriber.sh one'
if grep -qsxF -e "$RIG_ID" done; then exit 0; fi
cat # the record is on stdin; RIG_ID, RIG_SUBJECT and RIG_SEQUENCE stand beside it
echo "$RIG_ID" >> done
