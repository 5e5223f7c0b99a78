#!/usr/bin/env bash
# Re-runs the analyzers whenever the calls are newer than the manifest, until SIGTERM or SIGINT.
set -uo pipefail
# shellcheck source=src/ops/environment.sh
. "$(dirname "$0")/environment.sh"

usage() {
    cat <<'USAGE'
usage: watch_and_process.sh [SECONDS] [--data FILE] [--reports DIR]

Looks every SECONDS (default 60) whether the calls are newer than the manifest of the pages, and then runs the
analyzers. A failed run is said on stderr and tried again when the calls change. Stops on SIGTERM or SIGINT.
USAGE
}

interval=60 data=$ROOT/data/simulated_calls.csv reports=$ROOT/reports
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --data) needs_value "$1" $#; data=$(found_file "$2"); shift 2 ;;
        --reports) needs_value "$1" $#; reports=$2; shift 2 ;;
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

state() { stat -c '%Y.%s.%i' "$data" 2>/dev/null || stat -f '%m.%z.%i' "$data" 2>/dev/null || echo none; }

failed=""
printable "Watching $data every $interval s."
while :; do
    seen=$(state)
    if [ "$seen" != none ] && [ "$seen" != "$failed" ] && [ "$data" -nt "$reports/html/manifest.json" ]; then
        if in_background script run_all_analyzers.py --data "$data" --out "$reports" --quiet; then
            echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) reports refreshed."
            failed=""
        else
            printable "watch_and_process.sh: the analyzers failed; tried again when $data changes." >&2
            failed=$seen
        fi
    fi
    in_background sleep "$interval"
done
