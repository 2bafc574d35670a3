# Telling, checking, giving up. Sourced by deploy/demo.
# shellcheck shell=bash

checks=0

heading() {
	printf '\n== %s\n' "$1"
}

say() {
	printf '   %s\n' "$*"
}

give_up() {
	{
		echo "demo: $1"
		echo "demo: the logs are in $log; deploy/demo --reset starts from nothing"
	} >&2
	exit 1
}

# check TEXT COMMAND...: the command must succeed; its output is shown when it does not.
check() {
	local text=$1 output
	shift
	if output=$("$@" 2>&1); then
		checks=$((checks + 1))
		printf ' ok %2d  %s\n' "$checks" "$text"
	else
		printf 'not ok  %s\n        %s\n' "$text" "$*" >&2
		[ -z "$output" ] || printf '%s\n' "$output" | tail -n 12 >&2
		give_up "a step failed: $text"
	fi
}

# same TEXT WANTED FOUND
same() {
	check "$1" test "$2" = "$3"
}

# refused TEXT PATTERN COMMAND...: the command must exit 1 and say why.
refused() {
	local text=$1 pattern=$2 output code=0
	shift 2
	output=$("$@" 2>&1) || code=$?
	check "$text" test "$code" -eq 1
	check "  and says why: $pattern" grep -qi -- "$pattern" <<<"$output"
}

# json EXPRESSION: of standard input, as Python sees it in `it`.
json() {
	python3 -c 'import json, sys
it = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}

# count OFFICE TYPE [FIELD=VALUE...]
count() {
	local office=$1
	shift
	"$office" list "$@" --json | json 'len(it)'
}

# made OFFICE TYPE FIELD=VALUE...: adds a record, prints its id.
made() {
	local office=$1
	shift
	"$office" add "$@" --json | json 'it["id"]'
}

# value OFFICE TYPE ID FIELD
value() {
	"$1" show "$2" "$3" --json | json "it.get('$4')"
}
