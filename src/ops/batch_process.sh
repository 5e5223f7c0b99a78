#!/usr/bin/env bash
# Every CSV of a folder into an archive of its own, without touching the working data.
set -uo pipefail
# shellcheck source=src/ops/environment.sh
. "$(dirname "$0")/environment.sh"

usage() {
    cat <<'USAGE'
usage: batch_process.sh DIR [--archives DIR]

Analyzes each CSV of DIR into ARCHIVES/NAME (default archives/batch/). A file that fails is named, the others go on.

exit codes: 0 all done, 1 some files failed, 2 a wrong flag, file or setting, 3 no CSV in the folder,
130 stopped by SIGINT, 143 by SIGTERM
USAGE
}

folder="" archives=$ROOT/archives/batch
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --archives) needs_value "$1" $#; archives=$2; shift 2 ;;
        --*) fail 2 "unknown argument '$1'; --help shows what is allowed." ;;
        *) [ -z "$folder" ] || fail 2 "one folder at a time: '$folder' and '$1' were given."; folder=$1; shift ;;
    esac
done
[ -n "$folder" ] || fail 2 "which folder? usage: batch_process.sh DIR"
[ -d "$folder" ] || fail 2 "$folder is not a folder."
mkdir -p "$archives" 2>/dev/null || fail 1 "cannot create the folder $archives; name another with --archives."

lock "$archives/.batch_process.lock" || fail 1 "another run is still at work (lock $archives/.batch_process.lock)."

done_count=0 failed=()
work=$(mktemp -d) || fail 1 "cannot create a temporary folder."
trap 'rm -rf "$work"' EXIT
trap 'stop_child; fail 143 "stopped by SIGTERM after $done_count files."' TERM
trap 'stop_child; printable "batch_process.sh: stopped by SIGINT after $done_count files." >&2; end_by_sigint' INT

shopt -s nullglob nocaseglob
for file in "$folder"/*.csv; do
    name=$(basename "$file" .csv)
    if in_background script run_all_analyzers.py --data "$file" --out "$work/$name" --quiet &&
        in_background archive "$work/$name" "$archives/$name"; then
        printable "✅ $file -> $archives/$name"
        done_count=$((done_count + 1))
    else
        printable "❌ $file" >&2
        failed+=("$file")
    fi
    rm -rf "${work:?}/$name"
done

[ $((done_count + ${#failed[@]})) -gt 0 ] || fail 3 "no CSV file in $folder."
echo "Processed: $done_count, failed: ${#failed[@]}"
[ ${#failed[@]} -eq 0 ] || fail 1 "failed: ${failed[*]}"
