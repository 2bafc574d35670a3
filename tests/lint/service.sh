#!/usr/bin/env bash
# The shipped units have no unknown directive, those of the server an exposure of at most 2.0 of 10, where 10 is worst.
set -uo pipefail
cd "$(dirname "$0")/../.."
faults=0
fault() {
	echo "$1:1: service: $2"
	faults=1
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The programs need not be installed to check the rest.
for unit in deploy/*.service deploy/*.socket deploy/station/*.service; do
	sed -E 's,/usr/bin/practicum(d|-backup)?( |$),/bin/true ,' "$unit" >"$folder/${unit##*/}"
done
for unit in deploy/*.service deploy/station/*.service; do
	if notes=$(systemd-analyze verify --man=no "$folder/${unit##*/}" 2>&1 |
		grep -F "${unit##*/}:"); then
		fault "$unit" "$notes"
	fi
	[[ $unit != deploy/station/* ]] || continue # a user's service has no users and folders to be kept in
	if ! report=$(systemd-analyze security --offline=true --threshold=20 "$folder/${unit##*/}"); then
		grep -F '✗' <<<"$report"
		fault "$unit" "$(tail -1 <<<"$report")"
	fi
done
systemd-sysusers --dry-run "$PWD/deploy/practicumd.sysusers.conf" >"$folder/sysusers" 2>&1 ||
	fault deploy/practicumd.sysusers.conf "$(grep -F sysusers.conf "$folder/sysusers")"
exit $faults
