#!/usr/bin/env bash
# The shipped unit has no unknown directive and an exposure of at most 2.0 of 10, where 10 is worst.
set -uo pipefail
cd "$(dirname "$0")/../.."
faults=0
fault() {
	echo "$1:1: service: $2"
	faults=1
}

unit=deploy/practicumd.service
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The programs need not be installed to check the rest.
sed 's,/usr/bin/practicumd,/bin/true,' $unit >"$folder/practicumd.service"
if notes=$(systemd-analyze verify --man=no "$folder/practicumd.service" 2>&1 |
	grep -F practicumd.service); then
	fault $unit "$notes"
fi
if ! report=$(systemd-analyze security --offline=true --threshold=20 "$folder/practicumd.service"); then
	grep -F '✗' <<<"$report"
	fault $unit "$(tail -1 <<<"$report")"
fi
systemd-sysusers --dry-run "$PWD/deploy/practicumd.sysusers.conf" >"$folder/sysusers" 2>&1 ||
	fault deploy/practicumd.sysusers.conf "$(grep -F sysusers.conf "$folder/sysusers")"
exit $faults
