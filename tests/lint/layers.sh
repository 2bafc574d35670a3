#!/usr/bin/env bash
# Who may include whom. A folder that knows its caller, or a second owner of a foreign library, is
# named with file, line and rule.
set -euo pipefail
cd "$(dirname "$0")/../.."

tests/lint/files '*.c' '*.h' | grep -E '^(common|server|client)/' |
	xargs -r awk '
	BEGIN {
		# The folder, then what it may include besides itself. "server" and "client" are the files
		# that stand directly there; they start and stop the layers.
		allow["common/base"] = ""
		allow["common/wire"] = "common/base proto"
		allow["common/catalog"] = "common/base proto"
		allow["common/law"] = "common/base"
		allow["common/rules"] = "common/base common/catalog common/law"
		allow["common/sync"] = "common/base common/catalog common/rules proto"
		allow["server/net"] = "common proto"
		allow["server/db"] = "common sql"
		allow["server/rpc"] = "common proto server/net server/db sql"
		allow["server/sync"] = "common proto server/rpc server/db sql"
		allow["server/signer"] = "common"
		allow["server/staging"] = "common proto server/db server/sync sql"
		allow["server/rejudge"] = "common server/db server/sync sql"
		allow["server/svc"] = "common proto server/signer server/rpc server/db server/sync server/staging server/report sql"
		allow["server/report"] = "common proto server/rpc server/db server/sync sql"
		allow["server"] = "common proto server sql"
		allow["client/replica"] = "common proto sql"
		allow["client/key"] = "common client/replica"
		allow["client/link"] = "common proto client/replica"
		allow["client/sign_in"] = "common proto client/replica client/key client/link"
		allow["client/bulk"] = "common proto client/replica client/link"
		allow["client/exceptions"] = "common client/replica"
		allow["client/cmd"] = "common proto client/exceptions client/key client/replica client/link client/sign_in client/bulk client/roster client/shipped sql"
		allow["client/roster"] = "common proto"
		allow["client/page"] = "common proto client/replica client/link sql"
		allow["client"] = "common proto client sql"

		# A foreign header (a pattern) and its owners: files, folders with what is below them, or
		# with /* only the files directly in a folder.
		own("^openssl/", "common/wire common/base/hash.c")
		own("^sodium", "common/base")
		own("^(libpq-fe|postgres_ext)[.]h", "server/db")
		own("^sqlite3", "client/replica")
		own("^uv[.]h", "server/* server/net server/db server/sync/snapshot.c server/sync/snapshot_build.c server/sync/snapshot_spool.h server/signer server/svc/hasher.c client/link client/page")
		own("^zstd", "common/wire")
		own("^ini[.]h", "common/base")
		own("^jansson", "server/* client/cmd client/page common/catalog")
		own("^csv[.]h", "client/cmd client/roster")
		own("^zip[.]h", "client/roster")
		own("^libsmartcols", "client/cmd")
		own("^qrencode", "client/cmd")
		own("^systemd/", "server/* common/base/log.c")
		own("^(glib|gio)", "common/base server client")
	}
	function own(pattern, owners) { patterns[++n_patterns] = pattern; owner[n_patterns] = owners }
	function within(path, list,   parts, n, i) {
		n = split(list, parts, " ")
		for (i = 1; i <= n; i++)
			if (path == parts[i] || index(path, parts[i] "/") == 1 || folder "/*" == parts[i])
				return 1
		return 0
	}
	function fault(rule) { printf "%s:%d: %s\n", FILENAME, FNR, rule; faults++ }
	FNR == 1 { folder = FILENAME; sub(/\/[^\/]*$/, "", folder) }
	!/^#[ \t]*include/ { next }
	{ target = $0; sub(/^#[ \t]*include[ \t]*["<]/, "", target); sub(/[">].*/, "", target) }
	/"/ {
		sub(/^catalog\//, "common/catalog/", target) # the generated part of that folder
		if (!(folder in allow))
			fault("layers: the folder " folder " has no row in tests/lint/layers.sh")
		else if (target ~ /[.]pb-c[.]h$/) {
			if (!within("proto", allow[folder]))
				fault("layers: " folder " may not use generated messages")
		} else if (target !~ /^(common|server|client|sql|proto)\//)
			fault("layers: include from the root of the project: " target)
		else if (target != folder "/" substr(target, length(folder) + 2) && !within(target, allow[folder]))
			fault("layers: " folder " may not include " target)
		next
	}
	/</ {
		for (i = 1; i <= n_patterns; i++)
			if (target ~ patterns[i]) {
				if (!within(FILENAME, owner[i]))
					fault("layers: <" target "> belongs to " owner[i])
				break
			}
	}
	END { exit faults > 0 }'
