#!/bin/sh
# Prints every record once, as it was published, one a line. Put your own work where it prints. See docs/subscribe.md.
here=$(cd "$(dirname "$0")" && pwd)
[ "$1" = one ] || exec rig tail --as "$here/nats_url" --each "sh '$here/subscriber.sh' one"
line=$(cat)
id=$(printf '%s' "$line" | jq -r .record.id)
if ! grep -qsxF "$id" "$here/done"; then
  printf '%s\n' "$line"
  echo "$id" >> "$here/done"
fi
