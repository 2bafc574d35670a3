#!/usr/bin/env bash
# usage: named.sh BUILD-FOLDER
# Every test that the documents name is one that the build runs, and docs/SECURITY.md has a row, with a control
# and a test, for each threat T1 to T28; a row without a test says that what it is about is not there.
set -uo pipefail
cd "$(dirname "$0")/../.."
faults=0

tests=$(ctest --test-dir "$1" --show-only | sed -nE 's/^ *Test +#[0-9]+: //p')
if [ -z "$tests" ]; then
	echo "$1: no tests found"
	exit 1
fi
while IFS=: read -r file line name; do
	name=${name//\`/}
	# The one that stands for any.
	if [ "$name" != unit.corpus.x ] && ! grep -qxF "$name" <<<"$tests"; then
		echo "$file:$line: named: there is no test $name"
		faults=1
	fi
done < <(grep -noE '`(unit|integration|lint|sim)[.][a-z0-9_.-]+`' README.md docs/*.md docs/adr/*.md)

for number in {1..28}; do
	row=$(grep "^| T$number | " docs/SECURITY.md)
	if ! awk -F ' *[|] *' 'NF != 6 || $4 == "" { exit 1 } $5 == "" { exit $4 !~ /^there is no / }' <<<"$row"; then
		echo "docs/SECURITY.md: named: T$number needs a threat, a control and a test"
		faults=1
	fi
done
exit $faults
