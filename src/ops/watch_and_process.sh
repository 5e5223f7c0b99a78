#!/usr/bin/env bash
# Re-runs the analyzers whenever the pages are not those of the calls, until SIGTERM or SIGINT.
set -uo pipefail
# shellcheck source=src/ops/environment.sh
. "$(dirname "$0")/environment.sh"

usage() {
    cat <<'USAGE'
usage: watch_and_process.sh [SECONDS] [--data FILE] [--reports DIR] [--currency CODE --currency-rates FILE]

Asks every SECONDS (default 60) whether the pages are those of the calls, the settings and this version as they are, and
runs the analyzers where they are not: also for calls that came during a run, and for an older file in the place of a
newer one. A failed run is said on stderr and tried again when the calls change. Stops on SIGTERM or SIGINT.
USAGE
}

interval=60 data=$ROOT/data/simulated_calls.csv reports=$ROOT/reports currency=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --data) needs_value "$1" $#; data=$(found_file "$2"); shift 2 ;;
        --reports) needs_value "$1" $#; reports=$2; shift 2 ;;
        --currency | --currency-rates) needs_value "$1" $#; currency+=("$1" "$2"); shift 2 ;;
        --*) fail 2 "unknown argument '$1'; --help shows what is allowed." ;;
        *) interval=$1; shift ;;
    esac
done
case $interval in '' | *[!0-9]* | 0) fail 2 "the interval is a whole number of seconds from 1, not '$interval'." ;; esac

stop() {
    stop_child
    echo "Stopped."
    exit 0
}
trap stop TERM INT

failed=""
printable "Watching $data every $interval s."
while :; do
    # The program knows what its pages were made from; a script would have to guess by times.
    if ! seen=$(script verify_reports.py --data "$data" --out "$reports" --fingerprint ${currency[@]+"${currency[@]}"} 2>/dev/null) &&
        [ -n "$seen" ] && [ "$seen" != "$failed" ]; then
        if in_background script run_all_analyzers.py --data "$data" --out "$reports" --quiet ${currency[@]+"${currency[@]}"}; then
            echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) reports refreshed."
            failed=""
        else
            printable "watch_and_process.sh: the analyzers failed; tried again when $data changes." >&2
            failed=$seen
        fi
    fi
    in_background sleep "$interval"
done
