# Runs "$@" and ends as it ends. Standard input is a lifeline: its other end is held by whoever started the job, and the
# system closes it however the holder goes. Then the whole process group is killed; or, where this is the first process of
# a namespace, all that the namespace holds, which is what -1 means there, and nowhere else.
exec 3<&0 </dev/null
if [ "$$" = 1 ]; then all=-1; else all=0; fi
{ read -r _ <&3; kill -s KILL -- "$all"; } >/dev/null 2>&1 &
watch=$!
"$@" 3<&-
status=$?
kill -s KILL "$watch" 2>/dev/null
exit "$status"
