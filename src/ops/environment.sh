# Sourced by the scripts beside it: finds the checkout and its Python, and says how a run ends.
# shellcheck shell=bash

PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
export PYTHONUTF8=1 NO_COLOR=1

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
ROOT=$(dirname "$SRC")

# fail CODE SENTENCE: one sentence on stderr, then the end.
fail() {
    echo "${0##*/}: $2" >&2
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

# script NAME [ARGS]: runs one of the toolkit's scripts.
script() {
    local name=$1
    shift
    "$PYTHON" "$SRC/$name" "$@"
}

# archive REPORTS TARGET: copies a verified set of pages to TARGET, whole or not at all.
archive() {
    local reports=$1 target=$2 staged old
    staged="$target.partial.$$"
    old="$target.old.$$"
    rm -rf "$staged"
    mkdir -p "$staged" || return 1
    if ! cp -R "$reports/html" "$reports/json" "$staged/" || ! script verify_reports.py --out "$staged" --quiet; then
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
