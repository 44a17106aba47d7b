# Runs "$@" and ends as it ends. Standard input is a lifeline: its other end is held by whoever started the job, and the
# system closes it however the holder goes. Then the whole process group is killed.
exec 3<&0 </dev/null
{ read -r _ <&3; kill -s KILL 0; } >/dev/null 2>&1 &
watch=$!
"$@" 3<&-
status=$?
kill -s KILL "$watch" 2>/dev/null
exit "$status"
