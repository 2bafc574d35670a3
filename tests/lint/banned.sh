#!/usr/bin/env bash
# Calls, texts and words that do not belong here, each with what to do instead.
set -uo pipefail
cd "$(dirname "$0")/../.."
faults=0

# ban FILES PATTERN RULE: extended regular expression; FILES is a newline-separated list.
ban() {
	local found
	found=$(xargs -r grep -nHE -- "$2" <<<"$1")
	if [ -n "$found" ]; then
		sed -E "s|^([^:]*:[0-9]+:).*|\1 banned: $3|" <<<"$found"
		faults=1
	fi
}

code=$(tests/lint/files '*.c' '*.h')
product=$(grep -E '^(common|server|client)/' <<<"$code")
calls='(^|[^A-Za-z0-9_])'

ban "$code" "${calls}(strcpy|strcat|sprintf|vsprintf|atoi|atol|strtok|gets|system|popen)\(" \
	'no bounds or no errors; use the length-aware call'
ban "$code" 'PQescape' 'values are parameters ($1), never text'
ban "$(grep -vE '^server/db/(migrate|owner|reseal)[.]c$' <<<"$code")" "${calls}PQexec[A-Za-z]*\(" \
	'blocks; use the asynchronous calls of server/db'
ban "$(grep '^server/svc/' <<<"$code")" "${calls}(malloc|calloc|realloc|free|snprintf|prac_log)\(" \
	'handlers use the arena of the call and leave logging to who knows the cause'

# SQL that is made from the catalog has to be put together somewhere: in files named for it.
ban "$(grep -vE '(^|[/_])sql[.]c$' <<<"$product")" \
	'"[ (]*(SELECT|INSERT|UPDATE|DELETE FROM|CREATE|ALTER|DROP|WITH|BEGIN|COMMIT|PRAGMA)([ ;"]|$)' \
	'SQL stands in sql/, or in a file sql.c or x_sql.c that makes it from the catalog'

ban "$code" 'NOLINT(NEXTLINE)?($|[^(A-Z]|\([^)]*\)[ :]*(\*/)?$)' \
	'NOLINT names its check and a reason: NOLINT(check): why'
ban "$code" '(TODO|FIXME|XXX)([^(#]|$)' 'a TODO carries an issue number: TODO(#12)'
ban "$product" \
	'^[a-z].*[ *][a-z0-9_]+_(create|destroy|setup|teardown|cleanup|dispose|finalize|alloc_new)\(' \
	'verb pairs are new/free, init/deinit, start/stop, ref/unref, close'

# A pointer is valid unless its header says otherwise; only what frees or closes accepts NULL.
null_checks=$(xargs -r awk '
	/^[a-z].*\(/ { head = $0 }
	/^{/ { first = 1; next }
	first && /^[ \t]*$/ { next }
	first {
		if ($0 ~ /^\tif \((![a-z_]+|[a-z_]+ == NULL)\)/ && head !~ /_(free|deinit|unref|close|stop)\(/)
			printf "%s:%d: banned: pointers are valid unless the header says `may be NULL`\n", FILENAME, FNR
		first = 0
	}' <<<"$product")
if [ -n "$null_checks" ]; then
	# The header may say so, next to the name of the function; then the check is right.
	while IFS= read -r fault; do
		file=${fault%%:*}
		header=${file%.c}.h
		if ! { [ -f "$header" ] && grep -q 'may be NULL' "$header"; }; then
			echo "$fault"
			faults=1
		fi
	done <<<"$null_checks"
fi

# Words that say nothing: a number or a rule says it. (Brackets keep this file out of its own net.)
praise='rob[u]st|compr[e]hensive|seam[l]ess|production-[r]eady|bl[a]zing|cutting-[e]dge|world-[c]lass'
praise="$praise|enterprise-[g]rade|state-of-the-[a]rt|battle-[t]ested|eff[o]rtless|super[c]harge"
ban "$(tests/lint/files '*.md' '*.c' '*.h' '*.proto' '*.sql')" "($praise)" \
	'a word of praise; say the number or the rule'
if commits=$(git log --format='commit %h: %s %b' 2>/dev/null | grep -iE "($praise)"); then
	sed 's/^/banned: a word of praise in a message: /' <<<"$commits"
	faults=1
fi
exit $faults
