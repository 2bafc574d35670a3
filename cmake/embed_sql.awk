# Turns SQL files into C. mode=queries: one db_stmt per block headed `-- name: x`, comment lines
# dropped. mode=scripts: one db_script per file, text unchanged. Writes <out>.h and <out>.c.

function quote(line) {
	gsub(/[\\"?]/, "\\\\&", line) # ? because C11 still has trigraphs
	return "\t\"" line "\\n\"\n"
}

# Parameters are $1, $2 ... (PostgreSQL) or ?1, ?2 ... (SQLite); the highest number counts.
function count(line) {
	while (match(line, /[$?][0-9]+/)) {
		n = substr(line, RSTART + 1, RLENGTH - 1) + 0
		if (n > n_params)
			n_params = n
		line = substr(line, RSTART + RLENGTH)
	}
}

function finish() {
	if (name == "")
		return
	if (mode == "queries") {
		if (name in seen)
			fail("the name " name " is taken by " seen[name])
		seen[name] = file
		defs = defs "const struct db_stmt q_" name " = { \"" name "\",\n" text "\t, " n_params " };\n"
		decls = decls "extern const struct db_stmt q_" name ";\n"
		rows = rows "\t&q_" name ",\n"
	} else {
		rows = rows "\t{ \"" name "\",\n" text "\t},\n"
	}
	name = text = ""
	n_params = 0
}

function fail(reason) {
	print FILENAME ":" FNR ": " reason > "/dev/stderr"
	failed = 1
	exit 1
}

FNR == 1 {
	finish()
	file = FILENAME
	if (mode == "scripts") {
		name = FILENAME
		sub(/.*\//, "", name)
		sub(/[.]sql$/, "", name)
		text = "\t\"\"\n"
	}
}

mode == "scripts" { text = text quote($0); next }

/^-- name: / {
	finish()
	name = $3
	if (name !~ /^[a-z][a-z0-9_]*$/)
		fail("a query's name is lower case with underscores: " name)
	text = "\t\"\"\n"
	next
}
/^[ \t]*(--|$)/ { next }
name == "" { fail("SQL outside a `-- name:` block") }
{ text = text quote($0); count($0) }

END {
	if (failed)
		exit 1
	finish()
	type = mode == "queries" ? "struct db_stmt *const" : "struct db_script"
	list = folder
	gsub(/\//, "_", list)
	last = mode == "queries" ? "\t0\n" : "\t{ 0, 0 }\n"
	printf "#pragma once\n#include \"sql/stmt.h\"\n%sextern const %s %s[];\n", decls, type, list > (out ".h")
	printf "#include \"%s.h\"\n%sconst %s %s[] = {\n%s%s};\n", folder, defs, type, list, rows, last > (out ".c")
}
