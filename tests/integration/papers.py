#!/usr/bin/env python3
"""What a station shows the server and what it may keep: certificates that are renewed in time, while
anything is killed; authorities that follow each other; devices that are revoked. Names are the rules.
"""
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import cases
import lab

DAY_S = 24 * 60 * 60


class Desk:
    def __init__(self, district):
        self.district, self.server, self.lab = district, district.server, district.lab

    def state(self, name):
        return self.server.folder / "state" / name


def openssl(*words, **how):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, text=True,
                          **how).stdout


def facts(station):
    """Serial number, and seconds until the certificate is over."""
    lines = openssl("x509", "-in", station.home / "device.pem", "-noout", "-serial", "-enddate")
    serial, end = (line.partition("=")[2] for line in lines.splitlines())
    return serial, time.mktime(time.strptime(end, "%b %d %H:%M:%S %Y %Z")) - time.timezone - time.time()


def backdate(desk, station, starts_days, ends_days):
    """Gives the station a certificate for its key as the authority would have made it at another time."""
    work = station.home.with_name("openssl")
    work.mkdir(exist_ok=True)
    subject = openssl("x509", "-in", station.home / "device.pem", "-noout", "-ext",
                      "subjectAltName").split("urn:practicum:device:")[1].strip()
    (work / "index").write_text("")
    (work / "config").write_text(f"""[ca]
default_ca = it
[it]
database = {work}/index
new_certs_dir = {work}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
[device]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = URI:urn:practicum:device:{subject}
""")
    openssl("req", "-new", "-key", station.home / "device.key", "-subj", f"/CN={subject}", "-out",
            work / "csr")
    stamp = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * DAY_S))
             for days in (starts_days, ends_days)]
    openssl("ca", "-batch", "-notext", "-config", work / "config", "-cert", desk.state("ca.pem"),
            "-keyfile", desk.state("ca.key"), "-in", work / "csr", "-out", work / "pem",
            "-startdate", stamp[0], "-enddate", stamp[1], "-extensions", "device")
    (station.home / "device.pem").write_bytes((work / "pem").read_bytes())


def a_certificate_is_renewed_from_two_thirds_of_its_time_on(desk):
    high = desk.district.high
    young, _ = facts(high)
    high.sync()
    assert facts(high)[0] == young, "renewed on its first day"
    backdate(desk, high, -59, 31)
    before, _ = facts(high)
    high.sync()
    assert facts(high)[0] == before, "renewed before two thirds of its time"
    backdate(desk, high, -68, 22)
    before, _ = facts(high)
    high.sync()
    after, left = facts(high)
    assert after != before and 89 * DAY_S < left < 91 * DAY_S, (before, after, left)
    high.sync()
    assert facts(high)[0] == after, "renewed twice"
    assert desk.server.number("SELECT count(*) FROM audit_event WHERE kind = 'renewal'") == 1


def a_certificate_that_is_over_can_be_renewed_and_nothing_else(desk):
    center = desk.district.center
    backdate(desk, center, -490, -399)
    value = "after the summer"
    center.add("time_entry", f"sheet_id={desk.district.sheet}", f"work_date={lab.MONDAY}",
               "elapsed_minutes=7", f"task={value}")
    before, _ = facts(center)
    center.sync()
    after, left = facts(center)
    assert after != before and left > 89 * DAY_S
    assert center.status()["unsent"] == 0, "what waited over the summer was not sent"
    backdate(desk, center, -492, -402)
    words = center.run("sync", code=lab.REFUSED)
    assert "400 days" in words and "code" in words, words
    assert center.status()["complete"], "a refusal took something away"
    backdate(desk, center, -1, 89)
    center.sync()


def a_kill_at_any_point_of_a_renewal_leaves_a_certificate_that_works(desk):
    high, server = desk.district.high, desk.server
    for point in ("renewal_came", "renewal_stored"):
        backdate(desk, high, -120, -30)
        code, _, _ = high.call("sync", failpoint=f"{point}:1")
        assert code == lab.KILLED, f"{point} was not reached"
        high.sync()
        assert facts(high)[1] > 89 * DAY_S
    backdate(desk, high, -120, -30)
    server.stop()
    server.start("renew_noted:1")
    high.call("sync")
    server.wait_killed()
    server.start()
    high.sync()
    assert facts(high)[1] > 89 * DAY_S


def bytes_held(station):
    """Every byte of every file in the station's folder."""
    return b"".join(file.read_bytes() for file in station.home.rglob("*") if file.is_file())


def device_row(desk, label):
    return next(row for row in json.loads(desk.server.command("device", "list", "--json"))
                if row["label"] == label)


def new_entry(desk, station, canary):
    return station.add("time_entry", f"sheet_id={desk.district.sheet}", f"work_date={lab.MONDAY}",
                       "elapsed_minutes=7", f"task={canary}")


def a_school_that_is_taken_away_is_erased_and_the_others_stay(desk):
    district, server = desk.district, desk.server
    other = district.office.add("school", "name=Canary Hill", "code=C2", "kind=high",
                                "zone=America/New_York")
    district.office.sync()
    both = desk.lab.enroll(server, "both", "--school", f"{district.high_id},{other}")
    both.sync()
    both.add("student", f"school_id={other}", "identifier=2002", "given_name=Qanary",
             "family_name=Zebedee")
    new_entry(desk, both, "stays with High")
    both.sync()
    both.add("student", f"school_id={other}", "identifier=2003", "given_name=Unsent",
             "family_name=Wolverine")
    assert b"Zebedee" in bytes_held(both) and b"Wolverine" in bytes_held(both)
    server.command("device", "revoke", device_row(desk, "both")["id"], "--school", other)
    assert device_row(desk, "both")["schools_to_purge"] == 1
    both.sync()
    left = bytes_held(both)
    assert b"Zebedee" not in left and b"Wolverine" not in left, "the school's records are still there"
    assert b"stays with High" in left
    assert device_row(desk, "both")["schools_to_purge"] == 0
    assert server.sql("SELECT count(*) FROM audit_event WHERE kind = 'purge' AND scope IS NOT NULL") == [["1"]]
    assert server.number("SELECT count(*) FROM rejected WHERE NOT deleted") == 1, \
        "what was entered and not sent is nowhere"
    server.command("device", "grant", device_row(desk, "both")["id"], "--school", other)
    both.sync()
    assert b"Zebedee" in bytes_held(both), "a school that is given again is not loaded"


def a_revoked_device_is_cut_off_erases_everything_and_says_so(desk):
    server, canary = desk.server, "Xylophone Quetzal"
    lost = desk.lab.enroll(server, "lost", "--school", desk.district.high_id)
    lost.sync()
    lost.add("student", f"school_id={desk.district.high_id}", "identifier=3003",
             f"given_name={canary}", "family_name=Sent")
    lost.sync()
    scan = lost.home.with_name("scan.pdf")
    scan.write_bytes(b"%PDF-1.4\n" + canary.encode())
    lost.run("attach", "placement", desk.district.placement, scan)
    new_entry(desk, lost, canary)
    assert canary.encode() in bytes_held(lost)
    lost.watch()
    lab.wait_for("the watcher is connected", lambda: "link.up" in lost.log.read_text())
    begin = time.monotonic()
    server.command("device", "revoke", device_row(desk, "lost")["id"])
    lost.watcher.wait(10)
    cases.say(f"cut and erased {time.monotonic() - begin:.1f} s after the command")
    assert time.monotonic() - begin < 5
    assert canary.encode() not in bytes_held(lost)
    row = device_row(desk, "lost")
    assert row["revoked"] and row["purged"], row
    assert not (lost.home / "device.key").exists() and not (lost.home / "device.pem").exists()
    for words in (("list", "student"), ("sync",), ("status",)):
        said = lost.run(*words, code=lab.CONFIG)
        assert "revoked" in said and "new code" in said, said
    assert server.sql("SELECT outcome FROM audit_event WHERE kind = 'purge' AND scope IS NULL") == [["done"]]


def a_revoked_device_that_is_killed_while_it_erases_goes_on(desk):
    server, canary = desk.server, "Marzipan Ocelot"
    lost = desk.lab.enroll(server, "stolen", "--school", desk.district.high_id)
    lost.sync()
    lost.add("student", f"school_id={desk.district.high_id}", "identifier=4004",
             f"given_name={canary}", "family_name=Unsent")
    server.command("device", "revoke", device_row(desk, "stolen")["id"])
    for point in ("purge_after_key", "purge_before_commit", "purge_before_shrink"):
        code, _, _ = lost.call("sync", failpoint=f"{point}:1")
        assert code == lab.KILLED, (point, code)
    assert not device_row(desk, "stolen")["purged"], "a receipt for what was not erased"
    words = lost.run("sync", code=lab.CONFIG)
    assert "erased" in words, words
    assert canary.encode() not in bytes_held(lost)
    row = device_row(desk, "stolen")
    assert row["purged"] and row["lost"] == 1, row


def refusal(desk, word, *words):
    done = subprocess.run([desk.lab.build / "practicumd", word, "--config", desk.server.config, *words],
                          check=False, capture_output=True, text=True, env=lab.environment())
    assert done.returncode == lab.REFUSED, (words, done)
    return done.stderr


def hang_up(desk):
    """Signer and server read their files again."""
    server = desk.server
    seen = server.log.read_text().count("config.reloaded")
    server.signer.send_signal(signal.SIGHUP)
    server.process.send_signal(signal.SIGHUP)
    lab.wait_for("the server has read its files again",
                 lambda: server.log.read_text().count("config.reloaded") > seen)


def turn_over(desk, *steps):
    for step in steps:
        desk.server.command("ca", *step.split())
        hang_up(desk)


def issuer(station):
    """Key of the authority that the station's certificate is of."""
    text = openssl("x509", "-in", station.home / "device.pem", "-noout", "-ext", "authorityKeyIdentifier")
    return text.splitlines()[-1].strip()


def n_trusted(station):
    return (station.home / "ca.pem").read_text().count("BEGIN CERTIFICATE")


def one_authority_follows_another_and_nobody_is_locked_out(desk):
    district, server = desk.district, desk.server
    high, center, office = district.high, district.center, district.office
    old = issuer(high)
    assert "ca add" in refusal(desk, "ca", "trust")
    turn_over(desk, "add", "trust")
    high.sync()
    assert n_trusted(high) == 2 and issuer(high) == old, "a new authority signs before it is time"
    high.watch()
    lab.wait_for("the watcher is connected", lambda: "link.up" in high.log.read_text())
    turn_over(desk, "switch")
    center.sync()  # it slept while both were trusted, and knows only the old one
    assert n_trusted(center) == 2
    new = issuer(center)
    assert new != old, "a station of the old authority gets no certificate of the new one"
    new_entry(desk, high, "over an old connection")
    lab.wait_for("open connections stay", lambda: high.status()["unsent"] + high.status()["sent"] == 0)
    assert high.log.read_text().count("link.up") == 1, "the turn-over cut a connection"
    high.unwatch()
    turn_over(desk, "switch")  # back
    high.sync()
    center.sync()
    assert issuer(high) == issuer(center) == old, "a step that was taken back still shows"
    turn_over(desk, "switch")
    high.sync()
    center.sync()
    assert issuer(high) == issuer(center) == new
    words = refusal(desk, "ca", "retire")
    assert "devices still have a certificate of the old authority" in words, words
    assert issuer(office) == old
    office.sync()
    turn_over(desk, "retire --force", "drop")
    for station in (high, center, office):
        station.sync()
        assert n_trusted(station) == 1
    late = desk.lab.enroll(server, "late", "--school", district.high_id)
    late.sync()
    assert issuer(late) == new
    assert len(server.sql("SELECT detail FROM audit_event WHERE kind = 'authority'")) == 7


def a_turn_over_that_is_killed_goes_on(desk):
    server, high = desk.server, desk.district.high
    turn_over(desk, "add", "trust")
    done = subprocess.run([desk.lab.build / "practicumd", "ca", "--config", server.config, "switch"],
                          check=False, capture_output=True, env=lab.environment("turn_over_decided:1"))
    assert done.returncode == lab.KILLED
    server.signer.send_signal(signal.SIGHUP)  # it signs with the new one, the server has the old files
    high.sync()
    server.command("ca", "trust")  # the folder of the server follows
    hang_up(desk)
    high.sync()
    turn_over(desk, "switch")
    high.sync()
    turn_over(desk, "retire --force", "drop")
    high.sync()


def away(station, contact_days, seen_days):
    """As if the last contact, and the latest time the clock ever showed, were so many days ago."""
    file = sqlite3.connect(station.home / "replica.db")
    now = int(time.time() * 1000)
    with file:
        file.execute("UPDATE meta SET contact_ms = ?, seen_ms = ?",
                     (now - contact_days * DAY_S * 1000, now - seen_days * DAY_S * 1000))
    file.close()


def without_contact_for_thirty_days_nothing_is_shown(desk):
    high = desk.district.high
    away(high, 29, 29)
    high.run("list", "student")
    for contact, seen in ((30, 30), (0, -30)):  # time went by; the clock was set back
        away(high, contact, seen)
        for words in (("list", "student"), ("export", "student"), ("add", "student", "family_name=A")):
            said = high.run(*words, code=lab.CONFIG)
            assert "30 days" in said and "practicum sync" in said and "Lee" not in said, said
        assert high.status()["complete"]
        high.sync()
        high.run("list", "student")
    desk.server.config.write_text(desk.server.config.read_text().replace(
        "[server]", "[server]\nlease_days = 7"))
    hang_up(desk)
    high.sync()
    away(high, 7, 7)
    assert "may work for 7" in high.run("list", "student", code=lab.CONFIG)
    high.sync()


SCAN = {
    "SSL/TLS Protocols": ["SSLv2 disabled", "SSLv3 disabled", "TLSv1.0 disabled", "TLSv1.1 disabled",
                          "TLSv1.2 disabled", "TLSv1.3 enabled"],
    "TLS renegotiation": ["Session renegotiation not supported"],
    "Supported Server Cipher(s)": [
        "Preferred TLSv1.3 128 bits TLS_AES_128_GCM_SHA256 Curve 25519 DHE 253",
        "Accepted TLSv1.3 256 bits TLS_AES_256_GCM_SHA384 Curve 25519 DHE 253",
        "Accepted TLSv1.3 256 bits TLS_CHACHA20_POLY1305_SHA256 Curve 25519 DHE 253"],
    "Server Key Exchange Group(s)": ["TLSv1.3 128 bits secp256r1 (NIST P-256)",
                                     "TLSv1.3 128 bits x25519"],
}


def a_scan_finds_what_the_protocol_names_and_no_more(desk):
    for port in (desk.server.port, desk.server.enroll_port):
        text = subprocess.run(["sslscan", "--no-color", f"127.0.0.1:{port}"], check=True,
                              capture_output=True, text=True, timeout=60).stdout
        found, title = {}, None
        for line in text.splitlines():
            if line.startswith("  ") and line.endswith(":"):
                title = line.strip()[:-1]
            elif line.strip():
                found.setdefault(title, []).append(" ".join(line.split()))
        assert {title: found[title] for title in SCAN} == SCAN, text
        assert "ecdsa-with-SHA256" in text and "prime256v1" in text


def forge(desk):
    """As a database administrator who rewrites the chain of events from its first link on."""
    desk.server.sql("ALTER TABLE audit_event DISABLE TRIGGER final")
    desk.server.sql("UPDATE audit_event SET detail = 'nothing to see' WHERE number = 1")
    desk.server.sql("""DO $$
        DECLARE e audit_event; before bytea := sha256('');
        BEGIN
            FOR e IN SELECT * FROM audit_event ORDER BY number LOOP
                before := sha256(before || convert_to(audit_event_body(e), 'UTF8'));
                UPDATE audit_event SET hash = before WHERE number = e.number;
            END LOOP;
            UPDATE audit_head SET hash = before WHERE chain = 'event';
        END $$""")
    desk.server.sql("ALTER TABLE audit_event ENABLE TRIGGER final")


def an_audit_that_was_rewritten_as_a_whole_is_found_out_by_a_station(desk):
    server, high = desk.server, desk.district.high
    server.stop()
    server.sql("DELETE FROM audit_signed")
    server.start()  # it signs what there is now, then every hour
    lab.wait_for("heads are signed", lambda: server.number("SELECT count(*) FROM audit_signed") == 2)
    high.sync()
    heads = high.home.with_name("heads.txt")
    heads.write_text(high.run("audit"))
    assert {line.split()[0] for line in heads.read_text().splitlines()} == {"event", "mutation"}
    server.command("audit", "verify")
    server.command("audit", "verify", "--heads", str(heads))
    forge(desk)
    server.command("audit", "verify")  # by itself the new chain is whole
    done = subprocess.run([desk.lab.build / "practicumd", "audit", "--config", server.config, "verify",
                           "--heads", heads], check=False, capture_output=True, text=True,
                          env=lab.environment())
    assert done.returncode == lab.REFUSED and "is not the one that a station was shown" in done.stdout, done
    assert high.status()["audit_alarm"] == ""
    kept = high.home / "audit.heads"
    kept.write_text(kept.read_text().replace("event ", "event 9"))  # the server was further once
    high.sync()
    alarm = high.status()["audit_alarm"]
    assert "does not go on" in alarm and "district office" in alarm, alarm


CASES = [
    a_certificate_is_renewed_from_two_thirds_of_its_time_on,
    a_certificate_that_is_over_can_be_renewed_and_nothing_else,
    a_kill_at_any_point_of_a_renewal_leaves_a_certificate_that_works,
    one_authority_follows_another_and_nobody_is_locked_out,
    a_turn_over_that_is_killed_goes_on,
    without_contact_for_thirty_days_nothing_is_shown,
    a_school_that_is_taken_away_is_erased_and_the_others_stay,
    a_revoked_device_is_cut_off_erases_everything_and_says_so,
    a_revoked_device_that_is_killed_while_it_erases_goes_on,
    a_scan_finds_what_the_protocol_names_and_no_more,
    an_audit_that_was_rewritten_as_a_whole_is_found_out_by_a_station,
]


def main():
    with lab.Lab(pathlib.Path(sys.argv[1])) as bench:
        desk = Desk(lab.District(bench))
        failed = cases.run(CASES, desk)
        bench.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
