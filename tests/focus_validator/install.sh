#!/bin/sh
# Installs the official FOCUS validator into an environment of its own: install.sh VENV makes VENV/focus-validator.
# It needs CPython 3.12 (newer ones have no NumPy 1 to go with it, older ones cannot parse it) and old versions of
# packages that this project has newer, hence the separate environment.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target="${1:?usage: install.sh VENV}/focus-validator"
stamp="$target/.installed"
cmp -s "$here/constraints.txt" "$stamp" && exit 0

is_312() {
    [ -n "$1" ] && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 12))' >/dev/null 2>&1
}

find_312() {
    for candidate in \
        "${PYTHON312:-}" \
        "$(command -v python3.12 || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12 \
        "$(uv python find 3.12 2>/dev/null || true)" \
        "$(command -v python3 || true)"; do
        if is_312 "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_312)
if [ -z "$python" ]; then
    echo "The FOCUS validator needs CPython 3.12, and none is found on the PATH, under pyenv or by uv." >&2
    echo "Install one ('pyenv install 3.12', 'uv python install 3.12' or the system's python3.12 with its venv)," >&2
    echo "or name one with PYTHON312=/path/to/python3.12, and run this again." >&2
    exit 2
fi
rm -rf "$target"
"$python" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check -c "$here/constraints.txt" focus-validator
cp "$here/constraints.txt" "$stamp"
