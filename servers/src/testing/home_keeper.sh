# Ends every process that names the folder RIG_TEST_HOME, and removes the folder, once our input ends. A test holds the
# other end of that: it ends when the test lets go or its process ends, however that ends.
trap '' HUP INT TERM
cat >/dev/null
# The folder comes by the environment and not as an argument: else we would find ourselves.
those() {
    if [ -d /proc/self ]; then
        printf %s "$RIG_TEST_HOME" | grep -lF -f - /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3
    else
        ps -axww -o pid=,command= | grep -F "$RIG_TEST_HOME" | awk '{print $1}'
    fi
}
# PostgreSQL takes QUIT as the order to end at once, and gives its shared memory back first.
signal=-QUIT
tries=0
while pids=$(those) && [ -n "$pids" ] && [ "$tries" -lt 200 ]; do
    # shellcheck disable=SC2086 # one argument a process
    kill "$signal" $pids 2>/dev/null
    tries=$((tries + 1))
    [ "$tries" -lt 40 ] || signal=-KILL
    sleep 0.05
done
# A postmaster that was killed left its segment behind, and named it in the seventh line.
find "$RIG_TEST_HOME" -name postmaster.pid 2>/dev/null | while read -r file; do
    ipcrm -m "$(sed -n '7s/.* //p' "$file")" 2>/dev/null
done
# Its children may still be writing.
tries=0
until rm -rf "$RIG_TEST_HOME" 2>/dev/null || [ "$tries" -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
