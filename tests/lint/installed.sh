#!/usr/bin/env bash
# usage: installed.sh BUILD-FOLDER   what is installed finds what it names: a unit its program, its page
# and its user, a user the configuration that he reads.
set -uo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
faults=0
fault() {
	echo "$1:1: installed: $2"
	faults=1
}

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for component in practicumd practicum; do
	DESTDIR=$root cmake --install "$build" --prefix /usr --component $component >"$root/log" 2>&1 ||
		fault deploy/CMakeLists.txt "$(tail -n 1 "$root/log")"
done
users=$root/usr/lib/sysusers.d/practicumd.conf
for unit in "$root"/usr/lib/systemd/{system,user}/*; do
	name=$(tests/lint/files "${unit##*/}")
	while read -r path; do
		[ -e "$root$path" ] || fault "$name" "$path is not installed"
	done < <(grep -oE '/usr/(bin|share)/[A-Za-z./_-]*[Pp](racticum|RACTICUM)[A-Za-z./_-]*' "$unit" | sort -u)
	while read -r user; do
		grep -q "^u $user " "$users" || fault "$name" "deploy/practicumd.sysusers.conf makes no user $user"
		[ "$user" = practicum ] || grep -qx "m $user practicum" "$users" ||
			fault "$name" "$user cannot read /etc/practicum: m $user practicum in deploy/practicumd.sysusers.conf"
	done < <(sed -nE 's/^(Socket)?User=//p; s/.*--reuid=([a-z_-]+).*/\1/p' "$unit" | sort -u)
done
while read -r file; do
	[ -e "$root$file" ] || fault deploy/debian/conffiles "$file is not installed"
done <deploy/debian/conffiles
exit $faults
