#!/usr/bin/env bash
# Sizes and shapes that a reader's memory can hold. There is no list of exceptions.
set -euo pipefail
cd "$(dirname "$0")/../.."
faults=0

tests/lint/files '*.c' '*.h' '*.sql' '*.proto' '*.py' '*.sh' '*.awk' '*.cmake' '*.ts' '*.tsx' \
	programs |
	xargs -r awk '
	function fault(rule) { printf "%s:%d: limits: %s\n", FILENAME, FNR, rule; faults++ }
	FNR == 1 { labels = 0 }
	FNR == 601 { fault("a file has at most 600 lines") }
	FILENAME !~ /[.][ch]$/ { next }
	/^}/ { labels = 0 }
	/^[ \t]*[a-z_][a-z0-9_]*:[ \t]*$/ && !/default:/ {
		labels++
		if (labels > 1)
			fault("a function has at most one label")
		if ($1 != "out:")
			fault("the label is called out")
	}
	END { exit faults > 0 }' || faults=1

named=$(tests/lint/files 'util.*' 'utils.*' 'helper.*' 'helpers.*' 'misc.*' 'common.*' 'types.h' \
	'*_utils.*' '*_helpers.*' 'vector.c' 'hashmap.c' 'list.c')
if [ -n "$named" ]; then
	sed 's/$/:1: limits: name the file after the data it serves/' <<<"$named"
	faults=1
fi
exit $faults
