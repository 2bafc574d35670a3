# The people of the day: what each is, and how they sign in. Sourced by deploy/demo.
#
# Everything is done by somebody who is signed in. What proves who they are is of this demo only and
# goes with its folder: passwords are drawn, and lie with the district coordinator's secret of an
# authenticator in $run/people.
# shellcheck shell=bash

# add_person LOGIN NAME ROLE [OPTION...]: prints nothing; the one-time code is kept for the first sign-in.
add_person() {
	local login=$1 code
	mkdir -p -m 0700 "$run/people"
	code=$(PD user add "$login" --name "$2" --role "$3" "${@:4}") || give_up "$login could not be added"
	head -n 1 <<<"$code" >"$run/people/$login.code"
	python3 -c 'import secrets; print(secrets.token_hex(8))' >"$run/people/$login.password"
}

# digits LOGIN: what an authenticator with the person's secret shows (RFC 6238). A code counts once, so
# who asks again within its 30 seconds gets the next one, which the server takes as well.
digits() {
	python3 - "$run/people/$1" <<'PYTHON'
import base64, hashlib, hmac, pathlib, struct, sys, time
secret, last = (pathlib.Path(sys.argv[1] + end) for end in (".secret", ".step"))
text = secret.read_text(encoding="ascii").strip()
key = base64.b32decode(text + "=" * (-len(text) % 8))
step = max(int(time.time()) // 30, int(last.read_text()) + 1 if last.exists() else 0)
while step > int(time.time()) // 30 + 1:
    time.sleep(1)
last.write_text(str(step))
mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
at = mac[-1] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000))
PYTHON
}

# first_sign_in OFFICE LOGIN: the code is typed once, with the password that the person wants from then on.
first_sign_in() {
	local office=$1 own=$run/people/$2 said
	said=$("$office" login "$2" --code "$(cat "$own.code")" --password-file "$own.password" --json 2>&1) || true
	rm "$own.code"
	if grep -q factor_secret <<<"$said"; then
		grep -o '"factor_secret": *"[^"]*"' <<<"$said" | cut -d '"' -f 4 >"$own.secret"
		sign_in "$office" "$2"
	else
		echo "$said"
		is_signed_in "$office" "$2"
	fi
}

sign_in() { # OFFICE LOGIN
	local own=$run/people/$2
	if [ -f "$own.secret" ]; then
		"$1" login "$2" --password-file "$own.password" --factor "$(digits "$2")"
	else
		"$1" login "$2" --password-file "$own.password"
	fi
}

is_signed_in() { # OFFICE LOGIN
	[ "$("$1" whoami --json | json 'it.get("login")')" = "$2" ]
}

# A sign-in ends after 10 minutes without a command.
sign_in_again() {
	local pair
	for pair in DISTRICT:d.lee HIGH:a.ray CENTER:b.stone; do
		is_signed_in "${pair%:*}" "${pair#*:}" ||
			check "${pair#*:} signs in again" sign_in "${pair%:*}" "${pair#*:}"
	done
}

# The roles of a person who opens the district: grants, and the district's own work.
open_district() {
	heading "The district's first person"
	add_person d.lee "D. Lee" district_coordinator
	check "D. Lee is the administrator as well" PD user role d.lee administrator
	DISTRICT sync >/dev/null
	refused "from now on nobody works in nobody's name" "nobody is signed in" DISTRICT list school
	check "D. Lee signs in with password and authenticator" first_sign_in DISTRICT d.lee
}

# open_desk OFFICE LOGIN NAME SCHOOL: a coordinator of the school, at its station
open_desk() {
	add_person "$2" "$3" coordinator --school "$4" --by d.lee --reason "school year 2026-27"
	check "$3 signs in with the one-time code, typed once" first_sign_in "$1" "$2"
}

check_people() {
	heading "Everything was done by somebody"
	same "no input is in nobody's name" 0 "$(psql "$conninfo" -Atqc "
		select count(*) from mutation m left join app_user u on u.id = m.person where u.id is null")"
	same "  and three people made them" "a.ray b.stone d.lee" "$(psql "$conninfo" -Atqc "
		select string_agg(distinct u.login, ' ' order by u.login)
		  from mutation m join app_user u on u.id = m.person")"
}
