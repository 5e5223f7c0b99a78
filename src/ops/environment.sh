# Sourced by the scripts beside it: finds the checkout and its Python, and says how a run ends.
# shellcheck shell=bash

PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
export PYTHONUTF8=1 NO_COLOR=1

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
ROOT=$(dirname "$SRC")

# printable TEXT: one line of it; what would command a terminal, as names of files can, is shown as "?": control signs,
# those of C1 too, and signs that turn or break lines (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069).
printable() {
    local c1 general isolates
    c1=$(printf '\302[\200-\237]')
    general=$(printf '\342\200[\216\217\250-\256]')
    isolates=$(printf '\342\201[\246-\251]')
    printf '%s' "$1" | LC_ALL=C tr '\000-\037\177' '?' | LC_ALL=C sed "s/$c1/?/g; s/$general/?/g; s/$isolates/?/g"
    echo
}

# fail CODE SENTENCE: one sentence on stderr, then the end.
fail() {
    printable "${0##*/}: $2" >&2
    exit "$1"
}

# The Python of the project's own environment, else of the one that is active, else the system's.
if [ -n "${FINOPS_PYTHON:-}" ]; then
    PYTHON=$FINOPS_PYTHON
elif [ -x "$ROOT/.venv/bin/python" ]; then
    PYTHON=$ROOT/.venv/bin/python
else
    PYTHON=$(command -v python3) || fail 2 "no python3 found: run 'make setup' in $ROOT first."
fi

# needs_value FLAG COUNT: refuses a flag that stands last without its value.
needs_value() {
    [ "$2" -ge 2 ] || fail 2 "$1 needs a value; --help shows how."
}

# found_file NAME: the file a user means; a bare name that is not here is looked for under data/.
found_file() {
    if [ ! -e "$1" ] && [ "${1##*/}" = "$1" ] && [ -e "$ROOT/data/$1" ]; then
        echo "$ROOT/data/$1"
    else
        echo "$1"
    fi
}

# lock FILE: holds descriptor 9 on it until the script ends; false where another run holds it.
lock() {
    command -v flock >/dev/null || fail 2 "the command flock is missing: install util-linux."
    exec 9>"$1" || fail 1 "cannot write $1."
    flock -n 9
}

# script NAME [ARGS]: runs one of the toolkit's scripts.
script() {
    local name=$1
    shift
    "$PYTHON" "$SRC/$name" "$@"
}

child=""

# in_background COMMAND...: waits for it in a way that a signal can interrupt; the lock stays with the script.
in_background() {
    local code
    # Python itself is the child then, not a shell around it, so that stop_child reaches it.
    [ "$1" != script ] || set -- "$PYTHON" "$SRC/$2" "${@:3}"
    "$@" 9>&- &
    child=$!
    wait "$child"
    code=$?
    child=""
    return "$code"
}

# stop_child: ends what in_background waits for.
stop_child() {
    [ -n "$child" ] || return 0
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    child=""
}

# end_by_sigint: a shell goes on with its loop after a script that says 130 by itself, and ends it after this; its `$?`
# is 130 either way.
end_by_sigint() {
    trap - INT
    kill -INT $$
}

# copied_whole REPORTS FOLDER: copies a set of pages and says whether the copy is whole.
copied_whole() {
    local reports=$1 folder=$2
    rm -rf "$folder"
    mkdir -p "$folder" || return 1
    cp -R "$reports/html" "$reports/json" "$folder/" || return 1
    [ ! -e "$reports/summary.txt" ] || cp "$reports/summary.txt" "$folder/" || return 1
    script verify_reports.py --out "$folder" --quiet
}

# part NAME TARGET: the folder beside an archive that holds a part of its change. Its name begins with a dot, so that
# no archive is ever taken for what a killed run left of another one.
part() {
    echo "$(dirname -- "$2")/.$1.$(basename -- "$2")"
}

# recover TARGET: brings back, or clears away, what a run that was killed left beside an archive.
recover() {
    local target=$1 old
    old=$(part old "$target")
    if [ -e "$old" ]; then
        if [ -e "$target" ]; then rm -rf "$old"; else mv "$old" "$target"; fi
    fi
    rm -rf "$(part partial "$target")"
}

# archive REPORTS TARGET: copies a verified set of pages to TARGET, whole or not at all.
archive() {
    local reports=$1 target=$2 staged old
    staged=$(part partial "$target") old=$(part old "$target")
    recover "$target"
    if ! copied_whole "$reports" "$staged"; then
        rm -rf "$staged"
        return 1
    fi
    if [ -e "$target" ]; then
        mv "$target" "$old" || { rm -rf "$staged"; return 1; }
    fi
    if ! mv "$staged" "$target"; then
        [ ! -e "$old" ] || mv "$old" "$target"
        rm -rf "$staged"
        return 1
    fi
    rm -rf "$old"
}
