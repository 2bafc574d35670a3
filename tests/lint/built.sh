#!/usr/bin/env bash
# usage: built.sh BUILD-FOLDER   every C file of the programs is compiled into something.
set -euo pipefail
commands=$1/compile_commands.json
cd "$(dirname "$0")/../.."
faults=0
while read -r file; do
	grep -qF "\"file\": \"$PWD/$file\"" "$commands" || {
		echo "$file:1: built: no CMakeLists.txt names it"
		faults=1
	}
done < <(tests/lint/files '*.c' | grep -E '^(common|server|client|tests/unit)/')
exit $faults
