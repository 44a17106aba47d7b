# Keeps the PostgreSQL that the tests of one run share. $1 is its folder, $2 the seconds it waits for a next user.
# Every test's process that uses it holds "$1/users", a named pipe, open for writing: it ends when the last one does.
trap '' HUP INT TERM
folder=$1
exec 3<"$folder/users"
while
    cat <&3 >/dev/null
    sleep "$2"
    # Whoever came meanwhile has written a letter.
    [ -n "$(cat <&3)" ]
do :; done
# From here on nobody finds it; who came at the last moment is waited for.
mv "$folder" "$folder-closed"
folder=$folder-closed
cat <&3 >/dev/null
pid=$(head -n 1 "$folder/postgres/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null
    tries=100
    while [ "$tries" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do
        tries=$((tries - 1))
        sleep 0.1
    done
fi
rm -rf "$folder"
