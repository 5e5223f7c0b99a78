#!/usr/bin/env bash
# One day's reports for cron: simulate (or take, or import) calls, analyze, archive, mail, and one line in a log.
set -uo pipefail
# shellcheck source=src/ops/environment.sh
. "$(dirname "$0")/environment.sh"

usage() {
    cat <<'USAGE'
usage: daily_reports.sh [--data FILE | --import FILE...] [--reports DIR] [--archives DIR] [--keep DAYS]
                        [--mail ADDRESS]... [--fail-on warning|critical [--notify-file FILE]]
                        [--currency CODE --currency-rates FILE] [--log FILE]

Without --data or --import the calls are simulated. The pages go to archives/reports_YYYYMMDD, whole or not at
all; archives older than --keep days (default 30) are removed. Two runs never overlap.

  --data FILE       analyze this CSV as it is
  --import FILE...  import these usage exports into data/imported_calls.csv, then analyze it
  --reports DIR     where the pages are written (default reports/)
  --archives DIR    where the archives lie (default archives/)
  --keep DAYS       how long archives are kept; 0 keeps all
  --mail ADDRESS    send the pages there by email_reports.py; may be given several times
  --fail-on LEVEL   passed on to run_all_analyzers.py; its exit code 5 is this script's
  --notify-file FILE  passed on too: a file of webhooks, one URL a line, that get a notice when --fail-on fires;
                    NOTIFY_URL in the environment does the same; so does --notify URL, which other users can see
  --currency CODE   passed on too: amounts in this currency, by the dated rates of --currency-rates FILE
  --log FILE        the log that gets one line a run (default ARCHIVES/daily_reports.log)

exit codes: 0 done, 1 a step failed, 2 a wrong flag, file or setting, 3 no usable data, 4 too many bad rows,
5 a threshold is crossed,
130 stopped by SIGINT, 143 by SIGTERM
USAGE
}

data="" reports="$ROOT/reports" archives="$ROOT/archives" keep=30 log=""
imports=() recipients=() alerts=() currency=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --data) needs_value "$1" $#; data=$2; shift 2 ;;
        --import)
            needs_value "$1" $#
            shift
            while [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; do imports+=("$1"); shift; done ;;
        --reports) needs_value "$1" $#; reports=$2; shift 2 ;;
        --archives) needs_value "$1" $#; archives=$2; shift 2 ;;
        --keep) needs_value "$1" $#; keep=$2; shift 2 ;;
        --mail) needs_value "$1" $#; recipients+=(--to "$2"); shift 2 ;;
        --fail-on | --notify | --notify-file) needs_value "$1" $#; alerts+=("$1" "$2"); shift 2 ;;
        --currency | --currency-rates) needs_value "$1" $#; currency+=("$1" "$2"); shift 2 ;;
        --log) needs_value "$1" $#; log=$2; shift 2 ;;
        *) fail 2 "unknown argument '$1'; --help shows what is allowed." ;;
    esac
done
case $keep in '' | *[!0-9]*) fail 2 "--keep takes a number of days, not '$keep'." ;; esac
[ "${#keep}" -le 5 ] || fail 2 "--keep takes up to 99999 days, not '$keep'; 0 keeps all archives."
[ -z "$data" ] || [ ${#imports[@]} -eq 0 ] || fail 2 "--data and --import exclude each other: give one."

mkdir -p "$archives" 2>/dev/null || fail 1 "cannot create the folder $archives; name another with --archives."
archives=$(cd "$archives" && pwd -P)
log=${log:-$archives/daily_reports.log}

# told CODE SENTENCE: the run's line in the log; on failure also a sentence on stderr.
told() {
    printable "$(date -u +%Y-%m-%dT%H:%M:%SZ) exit=$1 $2" >>"$log" || printable "daily_reports.sh: cannot write the log $log." >&2
    if [ "$1" -ne 0 ]; then
        [ "$1" -gt 128 ] || printable "daily_reports.sh: the log of all runs is $log" >&2
        printable "daily_reports.sh: $2" >&2
    elif [ -t 1 ]; then
        printable "$2 The log of all runs is $log"
    fi
}

# ended CODE SENTENCE: tells it, then the end.
ended() {
    told "$@"
    exit "$1"
}

lock "$archives/.daily_reports.lock" || ended 1 "another run is still at work (lock $archives/.daily_reports.lock)."
trap 'stop_child; ended 143 "stopped by SIGTERM; the earlier archive is untouched."' TERM
trap 'stop_child; told 130 "stopped by SIGINT; the earlier archive is untouched."; end_by_sigint' INT

# step NAME COMMAND...: runs a step; its failure ends the run with its own exit code.
step() {
    local name=$1 code
    shift
    in_background "$@"
    code=$?
    [ "$code" -eq 0 ] || ended "$code" "$name failed with exit code $code; the earlier archive is untouched."
}

if [ ${#imports[@]} -gt 0 ]; then
    data=$ROOT/data/imported_calls.csv
    step import script import_usage.py "${imports[@]}" --out "$data" --quiet
elif [ -z "$data" ]; then
    data=$ROOT/data/simulated_calls.csv
    step simulate script run_all_simulators.py --out "$data" --quiet
fi

crossed=0
in_background script run_all_analyzers.py --data "$data" --out "$reports" --quiet ${alerts[@]+"${alerts[@]}"} \
    ${currency[@]+"${currency[@]}"}
code=$?
if [ "$code" -eq 5 ]; then
    crossed=5
elif [ "$code" -ne 0 ]; then
    ended "$code" "analyze failed with exit code $code; the earlier archive is untouched."
fi

day=$(date -u +%Y%m%d)
step archive archive "$reports" "$archives/reports_$day"

if [ "$keep" -gt 0 ]; then
    oldest=$(date -u -d "$keep days ago" +%Y%m%d 2>/dev/null || date -u -v "-${keep}d" +%Y%m%d)
    case $oldest in
        [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]) ;;
        *) ended 1 "no archive was removed: $keep days ago is no day that this system can tell." ;;
    esac
    for folder in "$archives"/reports_[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]; do
        [ -d "$folder" ] || continue
        if [ "${folder##*_}" -lt "$oldest" ]; then rm -rf "$folder"; fi
    done
fi

mailed=0
if [ ${#recipients[@]} -gt 0 ]; then
    in_background script email_reports.py --out "$archives/reports_$day" "${recipients[@]}" --quiet
    mailed=$?
fi

[ "$mailed" -eq 0 ] || ended "$mailed" "mail failed with exit code $mailed; the pages are in $archives/reports_$day."
[ "$crossed" -eq 0 ] || ended 5 "a threshold of --fail-on is crossed; the pages are in $archives/reports_$day."
ended 0 "reports archived in $archives/reports_$day."
