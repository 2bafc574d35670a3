# Turns common_passwords.txt, sorted and one word a line, into a C array.
BEGIN { print "#include <stddef.h>\nconst char *const prac_common_passwords[] = {" }
$0 <= last || /[^a-z]/ { print FILENAME ":" FNR ": want sorted words of small letters" > "/dev/stderr"; exit 1 }
{ printf "\t\"%s\",\n", last = $0; n++ }
END { printf "\t0\n};\nconst size_t prac_n_common_passwords = %d;\n", n }
