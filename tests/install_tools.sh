#!/bin/sh
# Installs the programs that the tests drive and Python's packages do not bring: a browser and its fonts,
# strace (kills a process at its N-th write), shellcheck, curl. Does nothing where all are there.
set -eu

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-liberation fonts-noto-color-emoji"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v shellcheck >/dev/null 2>&1 || missing="$missing shellcheck"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need:$missing. Install them with this system's package manager and run 'make test' again." >&2
    exit 2
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
