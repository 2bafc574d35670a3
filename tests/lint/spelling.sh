#!/usr/bin/env bash
# American spelling in everything a user, a DBA or a programmer sees (DESIGN part 2). The one
# British word is gRPC's status name, in capitals. Brackets keep this file out of its own net.
set -uo pipefail
cd "$(dirname "$0")/../.."
words='[Oo]rgani[s]|[Ee]nro[l]([^l]|$)|[Ll]ab[o]ur|[Pp]rogramm[e]([^rd]|$)|[Cc]ance[l]l(ed|ing)'
words="$words|[Bb]ehavi[o]ur|[Cc]ol[o]ur|[Cc]ent[r]e([^l]|$)|[Ll]icen[c]e|[Ff]av[o]ur|[Hh]on[o]ur"
words="$words|[Aa]nalys[e]([^sd]|$)|[Cc]atalo[g]ue|[Ff]ulfi[l]([^l]|$)|[Tt]rave[l]l|[Ll]abe[l]l|[Mm]ode[l]l"
words="$words|[Gg]r[e]y([^a-z]|$)|[Dd]ef[e]nce|[Nn]eighb[o]ur|[Cc]heq[u]e|[Pp]ractis[e]"
words="$words|([Aa]uthor|[Ii]nitial|[Ss]erial|[Nn]ormal|[Ss]ynchron|[Rr]ecogn|[Oo]ptim|[Mm]inim|[Ss]ummar|[Cc]apital|[Cc]ustom|[Ff]inal|[Ss]pecial|[Uu]til)i[s](e|ed|es|ing|ation|ations)([^a-z]|$)"
found=$(tests/lint/files '*.c' '*.h' '*.proto' '*.sql' '*.md' '*.py' '*.sh' '*.ts' '*.tsx' '*.txt' programs |
	xargs -r grep -nHE -- "($words)")
if [ -n "$found" ]; then
	sed -E 's/^([^:]*:[0-9]+:)(.*)/\1 spelling: American, please:\2/' <<<"$found"
	exit 1
fi
