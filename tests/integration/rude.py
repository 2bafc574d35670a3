#!/usr/bin/python3
"""usage: rude.py BUILD-FOLDER

Peers that break the rules over real TLS: each is sent away with the right words, and another station
on the same server notices nothing. The devices here are certificates signed with the authority's key
and rows in `device`; no program of ours is on the client's side.
"""
import hashlib
import socket
import ssl
import struct
import subprocess
import sys
import time
import uuid

import cases
import lab
import wire

OK, INVALID_ARGUMENT, EXHAUSTED, ABORTED, UNIMPLEMENTED, UNAUTHENTICATED = 0, 3, 8, 10, 12, 16
SCHOOL, REFERENCE = 1, (2).to_bytes(16, "big")
IMPORT_PUT, IMPORT_LOOK, STAGE_REFUSED = 10, 11, 5


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *map(str, words)], input=data, check=False,
                          capture_output=True)
    assert done.returncode == 0, f"openssl {words[0]}: {done.stderr.decode()}"
    return done.stdout


class Authority:
    """Signs certificates as the district's, or as a stranger's."""

    def __init__(self, folder, certificate=None, key=None):
        self.folder = folder
        if certificate is None:
            certificate, key = folder / "stranger.pem", folder / "stranger.key"
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=Stranger",
                    "-days", "9")
        self.certificate, self.key = certificate, key

    def device(self, name, usage="clientAuth"):
        device = uuid.uuid4()
        key, request, pem, extensions = (self.folder / f"{name}.{end}"
                                         for end in ("key", "csr", "pem", "ext"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        extensions.write_text(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"extendedKeyUsage={usage}\nsubjectAltName=URI:urn:practicum:device:{device}\n",
            encoding="ascii")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-out", pem, "-days", "9", "-extfile", extensions)
        public = openssl("pkey", "-pubin", "-pubout", "-outform", "DER",
                         data=openssl("x509", "-in", pem, "-pubkey", "-noout"))
        return Device(device, pem, key, hashlib.sha256(public).hexdigest())


class Device:
    def __init__(self, number, certificate, key, spki):
        self.number, self.certificate, self.key, self.spki = number, certificate, key, spki


class Place:
    """A server, devices, and a witness that must never be disturbed."""

    def __init__(self, home):
        self.server = home.server()
        self.server.create()
        self.server.start()
        state = self.server.folder / "state"
        self.district_ca = Authority(home.folder, state / "ca.pem", state / "ca.key")
        self.stranger_ca = Authority(home.folder)
        self.device = self.enrolled("rude")
        self.witness_device = self.enrolled("witness")
        self.witness = wire.Peer(self.server.port, self.witness_device.certificate,
                                 self.witness_device.key)
        self.witness.greet()
        self.stream = -1
        self.half_hello = self.connect()
        self.half_hello.send(wire.frame(wire.HELLO, wire.hello())[:20])
        self.silent = socket.create_connection(("127.0.0.1", self.server.port))
        self.began = time.monotonic()

    def enrolled(self, name):
        device = self.district_ca.device(name)
        self.server.sql(
            "INSERT INTO device (id, label, person, district, spki, not_after) VALUES "
            f"('{device.number}', '{name}', 'R. Ude', true, '\\x{device.spki}',"
            " now() + interval '9 days')")
        return device

    def connect(self, device=None, **how):
        device = device or self.device
        return wire.Peer(self.server.port, device.certificate, device.key, **how)

    def opened(self):
        peer = self.connect()
        peer.greet()
        return peer

    def check_witness(self):
        """The connection that was open before all of this still gets answers."""
        self.stream += 2
        self.witness.send(wire.frame(wire.REQUEST, b"", method=wire.PULL, stream=self.stream))
        failed, page = self.witness.wait_answer(self.stream)
        assert not failed and wire.first(page, 2), "the witness was disturbed"


def mutation(counter, number, name=b"North", op=1, record_type=SCHOOL, code=None, street=None):
    """A school is made; valid in every way."""
    groups = {1: wire.field(1, 1),
              2: wire.field(2, name) + wire.field(3, code or name) + wire.field(6, b"America/Chicago")}
    if street is not None:
        groups[4] = wire.field(9, street)
    return (wire.field(1, counter) + wire.field(2, record_type) + wire.field(3, number) +
            wire.field(4, op) + wire.field(5, REFERENCE) + b"".join(
                wire.field(7, wire.field(1, group) + wire.field(3, value))
                for group, value in groups.items()) +
            wire.field(10, 1_789_000_000_000 << 1) + wire.field(11, 1) + wire.field(12, bytes(16)))


def push(peer, stream, *mutations):
    """(is error, payload) of the answer."""
    body = b"".join(wire.field(1, one) for one in mutations)
    peer.send(wire.frame(wire.REQUEST, body, method=wire.PUSH, stream=stream))
    return peer.wait_answer(stream)


def verdicts(peer, stream, *mutations):
    """Pushes; (counter, kind, replayed) of each."""
    failed, answer = push(peer, stream, *mutations)
    assert not failed, wire.status(answer)
    return [(wire.first(one, 1), wire.first(one, 2), wire.first(one, 5, 0))
            for number, one in wire.fields(answer) if number == 1]


def alert_of(connect):
    """The TLS alert that a connection attempt ends with; with TLS 1.3 it comes after the handshake."""
    try:
        with connect() as peer:
            peer.send(wire.frame(wire.HELLO, wire.hello()))
            peer.receive()
    except (ssl.SSLError, wire.Closed, ConnectionError) as error:
        return str(error).lower().replace("_", " ")
    raise AssertionError("the connection was taken")


def refuses_a_peer_without_certificate(place):
    found = alert_of(lambda: wire.Peer(place.server.port))
    assert "certificate required" in found, found


def refuses_tls_1_2(place):
    found = alert_of(lambda: place.connect(version=ssl.TLSVersion.TLSv1_2))
    assert "protocol version" in found, found


def refuses_a_certificate_of_another_authority(place):
    stranger = place.stranger_ca.device("stranger-device")
    found = alert_of(lambda: place.connect(stranger))
    assert "unknown ca" in found, found


def refuses_a_certificate_for_servers(place):
    wrong = place.district_ca.device("wrong-usage", usage="serverAuth")
    found = alert_of(lambda: place.connect(wrong))
    assert "unsupported certificate" in found, found


def refuses_a_peer_that_speaks_something_else(place):
    found = alert_of(lambda: place.connect(alpn="h2"))
    assert "no application protocol" in found, found
    assert alert_of(lambda: place.connect(alpn=None))


def turns_away(place, device):
    with place.connect(device) as peer:
        peer.send(wire.frame(wire.HELLO, wire.hello()))
        found = peer.wait_goaway()
        assert found is not None and found[0] == UNAUTHENTICATED, found


def turns_an_unknown_device_away(place):
    turns_away(place, place.district_ca.device("unknown"))


def turns_a_revoked_device_away(place):
    device = place.enrolled("revoked")
    place.server.command("device", "revoke", str(device.number))
    turns_away(place, device)


def ends_the_connection_of_a_device_within_5_seconds_of_revoking_it(place):
    device = place.enrolled("revoked-later")
    with place.connect(device) as peer:
        peer.greet()
        place.server.command("device", "revoke", str(device.number))
        begin = time.monotonic()
        found = peer.wait_goaway()
        assert found is not None and found[0] == UNAUTHENTICATED, found
        assert time.monotonic() - begin < 5


BROKEN = {
    "a_length_of_4_gib": wire.frame(wire.REQUEST, method=wire.PULL, stream=1, length=0xffffffff),
    "a_frame_over_the_limit": wire.frame(wire.REQUEST, method=wire.PUSH, stream=1,
                                         length=2 << 20),
    "an_unknown_frame_type": wire.frame(0x3f),
    "a_frame_that_only_the_server_sends": wire.frame(wire.WELCOME),
    "hello_twice": wire.frame(wire.HELLO, wire.hello()),
    "a_payload_where_none_belongs": wire.frame(wire.PING, b"x"),
    "a_flag_without_meaning": wire.frame(wire.PING, flags=wire.ERROR),
    "an_even_stream": wire.frame(wire.REQUEST, method=wire.PULL, stream=2),
    "a_request_on_stream_0": wire.frame(wire.REQUEST, method=wire.PULL, stream=0),
    "a_stream_used_before": 2 * wire.frame(wire.REQUEST, method=wire.PULL, stream=7),
    "credit_of_nothing": wire.frame(wire.CREDIT),
    "more_credit_than_a_window_holds": wire.frame(wire.CREDIT, aux=0xffffffff),
}


def ends_a_connection_for(name):
    def case(place):
        with place.opened() as peer:
            peer.send(BROKEN[name])
            found = peer.wait_goaway()
            assert found is not None and found[0] in (INVALID_ARGUMENT, EXHAUSTED), found
        place.check_witness()
    case.__name__ = f"ends_a_connection_for_{name}"
    return case


def wants_hello_first(place):
    with place.connect() as peer:
        peer.send(wire.frame(wire.REQUEST, method=wire.PULL, stream=1))
        found = peer.wait_goaway()
        assert found is not None and found[0] == INVALID_ARGUMENT, found


def says_upgrade_required_when_no_version_fits(place):
    with place.connect() as peer:
        peer.send(wire.frame(wire.HELLO, wire.field(1, 7) + wire.field(2, 9) + wire.field(3, 1) +
                             wire.field(4, 1) + wire.fixed64(6, 1) + wire.field(7, 1)))
        found = peer.wait_goaway()
        assert found == (UNIMPLEMENTED, "UPGRADE_REQUIRED"), found


def skips_a_newer_frame_type_that_may_be_skipped(place):
    with place.opened() as peer:
        peer.send(wire.frame(0x80, b"from the future"))
        peer.send(wire.frame(wire.PING))
        assert peer.receive()[0] == wire.PONG


def takes_a_frame_byte_by_byte(place):
    with place.opened() as peer:
        for byte in wire.frame(wire.REQUEST, method=wire.PULL, stream=1):
            peer.send(bytes([byte]))
        failed, page = peer.wait_answer(1)
        assert not failed and wire.first(page, 2)


def refuses(place, payload, codes, flags=0, method=wire.PUSH):
    """The request fails, the connection goes on."""
    with place.opened() as peer:
        peer.send(wire.frame(wire.REQUEST, payload, method=method, stream=1, flags=flags))
        failed, body = peer.wait_answer(1)
        assert failed and wire.status(body)[0] in codes, (failed, wire.status(body))
        peer.send(wire.frame(wire.REQUEST, method=wire.PULL, stream=3))
        failed, _ = peer.wait_answer(3)
        assert not failed
    place.check_witness()


def refuses_a_message_that_nests_too_deep(place):
    deep = b""
    for _ in range(5000):
        deep = wire.field(1, deep)
    refuses(place, deep, (INVALID_ARGUMENT, EXHAUSTED))


def refuses_a_message_of_too_many_fields(place):
    refuses(place, b"\xf8\x07\x00" * 80_000, (INVALID_ARGUMENT, EXHAUSTED))


def refuses_a_message_that_is_no_message(place):
    refuses(place, b"\xff" * 100, (INVALID_ARGUMENT,))


def refuses_a_mutation_that_is_no_mutation(place):
    refuses(place, wire.field(1, b"\xff" * 40), (INVALID_ARGUMENT,))


def refuses_an_unknown_method(place):
    refuses(place, b"", (UNIMPLEMENTED,), method=999)


def refuses_a_cursor_that_nobody_gave(place):
    refuses(place, wire.field(1, b"\x07" * 31), (INVALID_ARGUMENT,), method=wire.PULL)


def refuses_a_compression_bomb(place):
    """1 MiB of zeros in 41 bytes: a zstd frame of run-length blocks."""
    size = 1 << 20
    block = 128 << 10
    blocks = [(block << 3 | 1 << 1 | (at + block == size)).to_bytes(3, "little") + b"\0"
              for at in range(0, size, block)]
    bomb = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + b"".join(blocks)
    with place.opened() as peer:
        peer.send(wire.frame(wire.REQUEST, bomb, method=wire.PUSH, stream=1, flags=wire.ZSTD))
        try:
            failed, body = peer.wait_answer(1)
            assert failed and wire.status(body)[0] in (INVALID_ARGUMENT, EXHAUSTED)
        except AssertionError as error:
            assert "GOAWAY" in str(error), error
    place.check_witness()


def refuses_a_request_over_its_size(place):
    """600 KiB in pieces of one message."""
    with place.opened() as peer:
        for _ in range(3):
            peer.send(wire.frame(wire.REQUEST, bytes(200 << 10), method=wire.PUSH, stream=1,
                                 flags=wire.MORE))
        peer.send(wire.frame(wire.REQUEST, b"", method=wire.PUSH, stream=1))
        try:
            failed, body = peer.wait_answer(1)
            assert failed and wire.status(body)[0] in (INVALID_ARGUMENT, EXHAUSTED)
        except AssertionError as error:
            assert "GOAWAY" in str(error), error
    place.check_witness()


def answers_a_request_that_comes_twice_with_the_stored_verdict(place):
    number = uuid.uuid4().bytes
    with place.connect() as peer:
        peer.greet(incarnation=11)
        assert verdicts(peer, 1, mutation(1, number)) == [(1, 1, 0)]
        assert verdicts(peer, 3, mutation(1, number)) == [(1, 1, 1)]
    assert place.server.number(
        f"SELECT count(*) FROM school WHERE id = '{uuid.UUID(bytes=number)}'") == 1


def what_everybody_sees(server):
    """All that a push may change, as one text."""
    tables = ("mutation", "feed", "school", "rejected", "conflict", "device_counter", "mutation_chain",
              "sync_head")
    return [server.sql(f"SELECT md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), '')) FROM {one} x")
            for one in tables]


def stream_verdicts(place, pushes):
    """Sends bytes as they were once sent; every field of each verdict but whether it is a replay."""
    with place.connect() as peer:
        peer.greet(incarnation=21)
        peer.send(b"".join(pushes))
        answers = [peer.wait_answer(1 + 2 * i) for i in range(len(pushes))]
    assert not any(failed for failed, _ in answers), answers
    judged = [one for _, answer in answers for number, one in wire.fields(answer) if number == 1]
    return ([[found for found in wire.fields(one) if found[0] != 5] for one in judged],
            {wire.first(one, 5, 0) for one in judged})


def an_old_stream_of_a_device_changes_nothing_and_gets_the_same_verdicts(place):
    """Also any part of it, any number of times, and after later input (SYNC 5.1, P13)."""
    first, second = uuid.uuid4().bytes, uuid.uuid4().bytes
    bodies = [wire.field(1, mutation(1, first, b"Old")) + wire.field(1, mutation(2, second, b"Old")),
              wire.field(1, mutation(3, uuid.uuid4().bytes, b"")) +
              wire.field(1, mutation(4, uuid.uuid4().bytes, b"Newer"))]
    pushes = [wire.frame(wire.REQUEST, body, method=wire.PUSH, stream=1 + 2 * i)
              for i, body in enumerate(bodies)]
    before, replayed = stream_verdicts(place, pushes)
    assert [dict(one)[2] for one in before] == [1, 3, 3, 1] and replayed == {0}, before
    assert dict(before[1])[8] == first, "the existing record is not named"
    with place.connect() as peer:
        peer.greet(incarnation=21, next_counter=5)
        assert verdicts(peer, 1, mutation(5, uuid.uuid4().bytes, b"Later")) == [(5, 1, 0)]
    seen = what_everybody_sees(place.server)
    for part, found in ((pushes, before), (pushes[:1], before[:2]), (pushes, before)):
        again = stream_verdicts(place, part)
        assert again == (found, {1}), again
    assert what_everybody_sees(place.server) == seen, "an old stream changed something"


def refuses_counters_that_skip(place):
    with place.connect() as peer:
        peer.greet(incarnation=12)
        failed, body = push(peer, 1, mutation(3, uuid.uuid4().bytes, b"Skips"))
        assert failed and wire.status(body) == (ABORTED, "GAP"), wire.status(body)
        assert wire.first(body, 5, 0) == 0
    assert place.server.number("SELECT count(*) FROM school WHERE name = 'Skips'") == 0


def refuses_counters_that_go_back_with_other_content(place):
    with place.connect() as peer:
        peer.greet(incarnation=13)
        failed, _ = push(peer, 1, mutation(1, uuid.uuid4().bytes, b"First"))
        assert not failed
        failed, body = push(peer, 3, mutation(1, uuid.uuid4().bytes, b"Other"))
        assert failed and wire.status(body) == (ABORTED, "REWOUND"), wire.status(body)
    assert place.server.number("SELECT count(*) FROM school WHERE name = 'Other'") == 0


def keeps_a_value_that_breaks_a_rule(place):
    with place.connect() as peer:
        peer.greet(incarnation=14)
        assert verdicts(peer, 1, mutation(1, uuid.uuid4().bytes, 121 * b"n")) == [(1, 3, 0)]
    assert place.server.number(
        f"SELECT count(*) FROM rejected WHERE device_id = '{place.device.number}'"
        " AND incarnation = 14 AND counter = 1 AND payload IS NOT NULL") == 1


def stored_frame(data):
    """A zstd frame with one block that is stored as it is."""
    return (b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)) +
            (len(data) << 3 | 1).to_bytes(3, "little") + data)


def lists_every_flaw_of_an_imported_row(place):
    """A name and a street too long in the first row, a code in the second."""
    number = uuid.uuid4().bytes
    rows = stored_frame(b"".join(
        wire.field(1, wire.field(1, one) + wire.field(2, 0) + wire.field(3, line))
        for line, one in ((2, mutation(1, uuid.uuid4().bytes, 121 * b"n", code=b"F1",
                                       street=201 * b"s")),
                          (3, mutation(2, uuid.uuid4().bytes, b"Flaw", code=21 * b"c")))))
    part = (wire.field(1, number) + wire.field(2, 0) + wire.field(3, 1) + wire.field(4, rows) +
            wire.field(5, 2) + wire.field(6, hashlib.sha256(rows).digest()) +
            wire.field(7, wire.field(1, b"two") + wire.field(2, b"schools.csv")))
    with place.connect() as peer:
        peer.greet(incarnation=16)
        peer.send(wire.frame(wire.REQUEST, part, method=IMPORT_PUT, stream=1))
        failed, answer = peer.wait_answer(1)
        assert not failed, wire.status(answer)
        for stream in range(3, 403, 2):
            peer.send(wire.frame(wire.REQUEST, wire.field(1, number), method=IMPORT_LOOK,
                                 stream=stream))
            failed, answer = peer.wait_answer(stream)
            assert not failed, wire.status(answer)
            if wire.first(answer, 2) == STAGE_REFUSED:
                break
            time.sleep(0.1)
    found = [(wire.first(flaw, 1), wire.first(flaw, 3), wire.first(flaw, 6))
             for number, flaw in wire.fields(answer) if number == 8]
    assert found == [(1, 2, 2), (1, 2, 9), (2, 3, 3)], found


def keeps_what_is_of_an_unknown_type(place):
    """And what comes behind it is judged: a station is not stuck at it."""
    with place.connect() as peer:
        peer.greet(incarnation=15)
        found = verdicts(peer, 1, mutation(1, uuid.uuid4().bytes, record_type=99_999),
                         mutation(2, uuid.uuid4().bytes, b"Behind"))
        assert found == [(1, 3, 0), (2, 1, 0)], found
    assert place.server.number(
        f"SELECT count(*) FROM mutation WHERE device_id = '{place.device.number}'"
        " AND incarnation = 15 AND counter = 1 AND length(payload) > 0") == 1
    place.check_witness()


def forgets_a_frame_that_ends_in_the_middle(place):
    """Cut behind each part of it; nothing of it is taken."""
    whole = wire.frame(wire.REQUEST, wire.field(1, mutation(1, uuid.uuid4().bytes, b"Half")),
                       method=wire.PUSH, stream=1)
    for end in (1, 15, 16, 17, len(whole) - 1):
        with place.connect() as peer:
            peer.greet(incarnation=16)
            peer.send(whole[:end])
    place.check_witness()
    assert place.server.number("SELECT count(*) FROM school WHERE name = 'Half'") == 0


def gives_way_to_the_newer_connection_of_a_device(place):
    with place.opened() as older, place.opened() as newer:
        assert older.wait_goaway() is not None
        newer.send(wire.frame(wire.REQUEST, method=wire.PULL, stream=1))
        failed, _ = newer.wait_answer(1)
        assert not failed


def ends_half_a_hello_and_a_silent_socket_in_ten_seconds(place):
    place.half_hello.tls.settimeout(30)
    with place.half_hello as peer:
        peer.wait_goaway()
    place.silent.settimeout(30)
    with place.silent:
        try:
            while place.silent.recv(1024):
                pass
        except ConnectionError:
            pass
    assert time.monotonic() - place.began < 40


def disturbs_nobody(place):
    place.check_witness()
    assert place.server.is_up(), place.server.last_words()
    code = place.server.stop()
    assert code == 0, f"practicumd ended with {code}: {place.server.last_words()}"


CASES = [
    refuses_a_peer_without_certificate,
    refuses_tls_1_2,
    refuses_a_certificate_of_another_authority,
    refuses_a_certificate_for_servers,
    refuses_a_peer_that_speaks_something_else,
    turns_an_unknown_device_away,
    turns_a_revoked_device_away,
    ends_the_connection_of_a_device_within_5_seconds_of_revoking_it,
    wants_hello_first,
    says_upgrade_required_when_no_version_fits,
    *(ends_a_connection_for(name) for name in BROKEN),
    skips_a_newer_frame_type_that_may_be_skipped,
    takes_a_frame_byte_by_byte,
    refuses_a_message_that_nests_too_deep,
    refuses_a_message_of_too_many_fields,
    refuses_a_message_that_is_no_message,
    refuses_a_mutation_that_is_no_mutation,
    refuses_an_unknown_method,
    refuses_a_cursor_that_nobody_gave,
    refuses_a_compression_bomb,
    refuses_a_request_over_its_size,
    answers_a_request_that_comes_twice_with_the_stored_verdict,
    an_old_stream_of_a_device_changes_nothing_and_gets_the_same_verdicts,
    refuses_counters_that_skip,
    refuses_counters_that_go_back_with_other_content,
    keeps_a_value_that_breaks_a_rule,
    lists_every_flaw_of_an_imported_row,
    keeps_what_is_of_an_unknown_type,
    forgets_a_frame_that_ends_in_the_middle,
    gives_way_to_the_newer_connection_of_a_device,
    ends_half_a_hello_and_a_silent_socket_in_ten_seconds,
    disturbs_nobody,
]


def main():
    with lab.Lab(sys.argv[1]) as home:
        failed = cases.run(CASES, Place(home))
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
