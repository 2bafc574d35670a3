# Turns text files into one C table of { name, text }, closed by a row without a name; the name is
# the file's without folder and ending. Writes to stdout. header declares what decl defines.

function finish() {
	if (name != "")
		printf "\t},\n"
}

BEGIN { printf "#include \"%s\"\n\n%s = {\n", header, decl }
FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/[.][^.]*$/, "", name)
	printf "\t{ \"%s\",\n", name
}
{
	gsub(/[\\"?]/, "\\\\&") # ? because C11 still has trigraphs
	printf "\t\"%s\\n\"\n", $0
}
END {
	finish()
	print "\t{ 0, 0 }\n};"
}
