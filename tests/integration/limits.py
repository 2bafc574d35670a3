#!/usr/bin/python3
"""usage: limits.py BUILD-FOLDER

What the server takes of connections, handshakes, memory and misbehavior, and what it says to those it
does not take. Addresses 127.0.0.2 and up stand for other machines.
"""
import base64
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import cases
import lab
import rude
import wire

INVALID_ARGUMENT, DENIED, EXHAUSTED, UNAVAILABLE = 3, 7, 8, 14
ENROLL, ENROLL_ALPN = 5, "practicum-enroll/1"
BROKEN = wire.frame(0x3f)  # a frame type that nobody knows
SHARED, BALANCER, STRANGER = "127.0.0.3", "127.0.0.4", "127.0.0.5"
KEPT = "per_address = 1000\npenalty_max_s = 0\n"
USUAL = {"connections": 4000, "per_device": 1, "penalty_max_s": 600, "memory_mib": 256,
         "handshakes_per_s": 200, "handshake_burst": 400}


class Place(rude.Place):
    """A server whose limits each case sets."""

    def __init__(self, home):
        self.server = home.server()
        self.server.create()
        self.write(**USUAL)
        self.server.start()
        state = self.server.folder / "state"
        self.district_ca = rude.Authority(home.folder, state / "ca.pem", state / "ca.key")
        self.device, self.other = self.enrolled("one"), self.enrolled("other")

    def write(self, **listen):
        self.server.configure()
        text = self.server.config.read_text(encoding="utf-8")
        assert KEPT in text
        lines = "".join(f"{key} = {value}\n" for key, value in listen.items())
        self.server.config.write_text(text.replace(
            KEPT, f"{lines}shared_addresses = {SHARED}\nproxies = {BALANCER}\n"), encoding="utf-8")

    def reloads(self):
        return self.server.log.read_text(encoding="utf-8", errors="replace").count("config.reloaded")

    def limit(self, **listen):
        before = self.reloads()
        self.write(**{**USUAL, **listen})
        self.server.process.send_signal(signal.SIGHUP)
        lab.wait_for("the configuration is read", lambda: self.reloads() > before)

    def lines(self, word):
        return [line for line in self.server.log.read_text(encoding="utf-8", errors="replace").splitlines()
                if word in line]

    def logged(self, *words):
        lab.wait_for(" ".join(words), lambda: any(
            all(word in line for word in words)
            for line in self.server.log.read_text(encoding="utf-8", errors="replace").splitlines()))


def pings(peer):
    peer.send(wire.frame(wire.PING))
    kind = peer.receive()[0]
    assert kind == wire.PONG, kind


def ended(connect):
    """The connection never gets as far as TLS."""
    try:
        connect().tls.close()
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def tells_who_comes_above_the_limit_when_to_come_back(place):
    place.limit(connections=1)
    with place.opened() as first, place.connect(place.other) as second:
        code, wait_ms = second.wait_retry()
        assert code == UNAVAILABLE and 5000 <= wait_ms < 30000, (code, wait_ms)
        pings(first)
    place.logged("station.refused", "NO_ROOM")


def keeps_as_many_connections_of_a_device_as_it_is_told(place):
    place.limit(per_device=2)
    with place.opened() as first, place.opened() as second, place.opened() as third:
        assert first.wait_goaway() is not None
        pings(second)
        pings(third)


def spreads_handshakes_over_time_and_loses_none(place):
    place.limit(handshakes_per_s=4, handshake_burst=1)
    begin = time.monotonic()
    for _ in range(5):
        place.connect(place.other).tls.close()
    assert time.monotonic() - begin > 0.9
    place.logged("net.rate", "per_s=4")


def refuses_newcomers_and_requests_but_answers_pings_when_memory_is_short(place):
    """44 connections at rest take a bit more than 1 MiB."""
    place.limit(per_device=100)
    peers = [place.opened() for _ in range(44)]
    try:
        place.limit(per_device=100, memory_mib=1)
        place.logged("station.memory", "no_new=1 no_requests=1")
        with place.connect(place.other) as late:
            assert late.wait_retry()[0] == UNAVAILABLE
        peers[0].send(wire.frame(wire.REQUEST, method=wire.PULL, stream=1))
        failed, body = peers[0].wait_answer(1)
        assert failed and wire.status(body) == (EXHAUSTED, "MEMORY"), wire.status(body)
        pings(peers[0])
        place.limit(per_device=100)
        place.logged("station.memory", "no_new=0 no_requests=0")
        peers[0].send(wire.frame(wire.REQUEST, method=wire.PULL, stream=3))
        assert not peers[0].wait_answer(3)[0]
    finally:
        for peer in peers:
            peer.tls.close()


def fill_a_first_load(place):
    """A thousand schools with long names and streets are about 270 KiB."""
    with place.connect(place.other) as peer:
        peer.greet(incarnation=7)
        for stream in (1, 3, 5, 7, 9):
            found = rude.verdicts(peer, stream, *(
                rude.mutation(counter, uuid.uuid4().bytes, base64.b64encode(os.urandom(90)),
                              code=b"%d" % counter, street=base64.b64encode(os.urandom(150)))
                for counter in range(100 * stream - 99, 100 * stream + 101)))
            assert len(found) == 200 and all(kind == 1 for _, kind, _ in found), found


def hoard(place, device):
    """A device that begins its first load again and again and takes none of it."""
    greedy = wire.Peer(place.server.port, device.certificate, device.key, window=4096)
    greedy.send(wire.frame(wire.HELLO, wire.hello() + wire.field(10, 16 << 20) + wire.field(11, 16 << 20)))
    assert greedy.receive()[0] == wire.WELCOME
    for stream in range(1, 91, 2):
        greedy.send(wire.frame(wire.REQUEST, wire.field(1, rude.REFERENCE), method=wire.SNAPSHOT,
                               stream=stream))
        time.sleep(0.015)
    return greedy


def closes_who_takes_least_when_memory_is_short(place):
    place.limit()
    fill_a_first_load(place)
    with place.opened() as good, hoard(place, place.other), hoard(place, place.enrolled("third")):
        place.limit(memory_mib=1)
        place.logged("station.slowest")
        assert f"device={place.device.number}" not in place.lines("station.slowest")[-1]
        lab.wait_for("memory is had back", lambda: "no_new=0 no_requests=0" in
                     place.lines("station.memory")[-1])
        pings(good)


def keeps_out_a_device_that_broke_the_protocol_and_no_other(place):
    place.limit()
    broken = place.enrolled("broken")
    with place.connect(broken) as peer:
        peer.greet()
        peer.send(BROKEN)
        assert peer.wait_goaway()[0] == INVALID_ARGUMENT
    with place.connect(broken) as peer:
        code, wait_ms = peer.wait_retry()
        assert code == EXHAUSTED and 60_000 < wait_ms <= 75_000, (code, wait_ms)
    with place.opened() as peer:
        pings(peer)
    place.logged("station.refused", "PENALTY")


def ends_a_connection_that_changes_its_keys_all_the_time(place):
    """More than 16 in its first minute; a line "k" has openssl ask for it."""
    place.limit()
    with subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{place.server.port}", "-alpn", "practicum/1",
             "-cert", place.other.certificate, "-key", place.other.key], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
        try:
            time.sleep(0.3)  # it is connected, and reads one line at a time
            for _ in range(25):
                client.stdin.write(b"k\n")
                client.stdin.flush()
                time.sleep(0.02)
            place.logged("net.deadline", "state=open")
        finally:
            client.kill()


def enrolls(place, source="127.0.0.1"):
    return wire.Peer(place.server.enroll_port, source=source, alpn=ENROLL_ALPN)


def leaves_room_for_devices_beside_a_crowd_that_enrolls(place):
    """A quarter of eight; nobody of them has a certificate."""
    place.limit(connections=8)
    with enrolls(place), enrolls(place), enrolls(place) as third, place.opened() as device:
        code, wait_ms = third.wait_retry()
        assert code == UNAVAILABLE and 5000 <= wait_ms < 30000, (code, wait_ms)
        pings(device)
        place.limit(connections=3)  # all of them count together
        with place.connect(place.other) as other:
            assert other.wait_retry()[0] == UNAVAILABLE


def keeps_out_an_address_that_tries_codes(place):
    """5 seconds for each, of which 15 are forgiven."""
    place.limit()
    source, began = "127.0.0.7", time.monotonic()
    for _ in range(4):
        with enrolls(place, source) as guesser:
            guesser.send(wire.frame(
                wire.REQUEST, wire.field(1, b"ABCD") + wire.field(2, b"x") + wire.field(3, bytes(32)),
                method=ENROLL, stream=1))
            failed, body = guesser.wait_answer(1)
            assert failed and wire.status(body) == (DENIED, "CODE"), wire.status(body)
    assert time.monotonic() - began < 4
    lab.wait_for("the address is kept out", lambda: ended(lambda: enrolls(place, source)))
    place.logged("net.barred", f"address={source}", "listener=enroll")
    with place.opened() as peer:
        pings(peer)


def keeps_out_an_address_that_breaks_the_protocol_at_enrollment(place):
    place.limit()
    source = "127.0.0.8"
    with enrolls(place, source) as broken:
        broken.send(BROKEN)
        assert broken.wait_goaway()[0] == INVALID_ARGUMENT
    lab.wait_for("the address is kept out", lambda: ended(lambda: enrolls(place, source)))
    place.logged("net.barred", f"address={source}", "listener=enroll")


def speaks_no_tls(place, source):
    with socket.create_connection(("127.0.0.1", place.server.port), 20, (source, 0)) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.settimeout(20)
        while plain.recv(1000):
            pass


def keeps_out_an_address_that_speaks_no_tls_and_no_other(place):
    place.limit()
    speaks_no_tls(place, STRANGER)
    assert ended(lambda: place.connect(source=STRANGER))
    place.logged("net.barred", f"address={STRANGER}")
    with place.opened() as peer:
        pings(peer)


def never_keeps_out_an_address_that_many_stations_share(place):
    place.limit()
    speaks_no_tls(place, SHARED)
    with place.connect(source=SHARED) as peer:
        peer.greet()


def proxy(address, command=0x21):
    addresses = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + b"\x30\x39\x1d\x13"
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes((command, 0x11, 0, len(addresses))) + addresses


def believes_a_balancer_that_is_named(place):
    place.limit()
    with place.connect(source=BALANCER, header=proxy("192.0.2.7")) as peer:
        peer.greet()
    place.logged("station.open", "address=192.0.2.7")
    assert ended(lambda: place.connect(source=BALANCER))
    place.logged("net.header", f"address={BALANCER}")


def believes_no_other_balancer(place):
    place.limit()
    assert ended(lambda: place.connect(source="127.0.0.6", header=proxy("192.0.2.8")))
    assert "192.0.2.8" not in place.server.log.read_text(encoding="utf-8", errors="replace")


def refusal(place, *prefix, word="check-config"):
    """What practicumd says that does not serve with this configuration."""
    done = subprocess.run(
        [*prefix, place.server.lab.build / "practicumd", word, "--config", place.server.config],
        check=False, capture_output=True, text=True, env=lab.environment(), timeout=30)
    assert done.returncode == lab.CONFIG, (done.returncode, done.stderr)
    return done.stderr.strip().splitlines()[-1]


def refuses_to_serve_with_fewer_open_files_than_connections(place):
    place.limit(connections=1000)
    few = ("prlimit", "--nofile=1063:1063")
    for word in ("check-config", "serve"):
        said = refusal(place, *few, word=word)
        assert "1000 connections take 1064 open files" in said, said
        assert "set LimitNOFILE=1064" in said, said
    enough = subprocess.run(
        ["prlimit", "--nofile=1064:1064", place.server.lab.build / "practicumd", "check-config",
         "--config", place.server.config], check=False, capture_output=True, text=True)
    assert enough.returncode == lab.DONE, enough.stderr


def refuses_to_serve_without_room_on_its_disk(place):
    """A tmpfs over the folder, in a mount namespace of its own: 900 of the 1024 MiB."""
    state = place.server.folder / "state"
    maps = [] if os.getuid() == 0 else ["--map-root-user"]
    small = ("unshare", *maps, "--mount", "--propagation", "unchanged", "sh", "-c",
             f"mount --make-rprivate / 2>&-; mount -t tmpfs -o size=900m none {state} && exec \"$@\"",
             "sh")
    for word in ("check-config", "serve"):
        said = refusal(place, *small, word=word)
        assert "900 MiB are free" in said and "make room there" in said, said


def refuses_to_serve_with_a_key_that_others_may_read(place):
    key = place.server.folder / "state" / "server.key"
    key.chmod(0o444)
    try:
        for word in ("check-config", "serve"):
            said = refusal(place, word=word)
            assert f"server.key may be read by others: chmod 0400 {key}" in said, said
    finally:
        key.chmod(0o400)


def refuses_to_serve_from_a_postgresql_that_answers_before_it_is_safe(place):
    name = place.server.sql("SELECT current_database()")[0][0]
    place.server.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        for word in ("check-config", "serve"):
            said = refusal(place, word=word)
            assert "PostgreSQL runs with synchronous_commit = off" in said, said
            assert "set synchronous_commit = on in postgresql.conf" in said, said
    finally:
        place.server.sql(f"ALTER DATABASE {name} RESET synchronous_commit")


def gives_what_root_sets_up_to_the_users_whose_folders_it_is_in(place):
    """Signer and server are two users; neither reads the other's keys."""
    if os.getuid() != 0:
        cases.say("not tried: only root makes files for others")
        return
    users = {"signer": 65533, "server": 65534}
    for name, user in users.items():
        folder = place.server.folder / f"keys-{name}"
        folder.mkdir(0o700)
        os.chown(folder, user, user)
    done = subprocess.run(
        [place.server.lab.build / "practicumd", "setup", "--config", place.server.config,
         "--server-state-dir", place.server.folder / "keys-server",
         "--signer-state-dir", place.server.folder / "keys-signer"],
        check=False, capture_output=True, text=True, env=lab.environment(), timeout=30)
    assert done.returncode == lab.DONE, done.stderr
    made = {name: {file.name: file.stat().st_uid for file in
                   (place.server.folder / f"keys-{name}").iterdir()} for name in users}
    assert made == {
        "signer": dict.fromkeys(("ca.key", "ca.pem", "pepper.key", "seal.key"), 65533),
        "server": dict.fromkeys(("ca.pem", "records.key", "server.key", "server.pem"), 65534)}, made


def asks_the_signer_as_the_servers_user_when_root_runs_a_command(place):
    """Root alone opens the folders of both; the signer answers the socket's owner, which systemd made the server's."""
    if os.getuid() != 0:
        cases.say("not tried: only root has other users' folders")
        return
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as listener:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "state").mkdir(0o700)
        listener.bind(str(folder / "socket"))
        listener.listen()
        for path in ("socket", "state"):
            os.chown(folder / path, 65533, 65533)
        (folder / "socket").chmod(0o600)
        flags = ["--config", place.server.config, "--signer-socket", folder / "socket"]

        def inherit():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)

        with subprocess.Popen(["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "signer",
                               place.server.lab.build / "practicumd", "signer", *flags], env=lab.environment(),
                              stderr=subprocess.DEVNULL, close_fds=False,
                              preexec_fn=inherit) as signer:  # pylint: disable=subprocess-popen-preexec-fn
            said = {state: subprocess.run(
                [place.server.lab.build / "practicumd", "pepper", "status", *flags, "--server-state-dir", state],
                check=False, capture_output=True, text=True, env=lab.environment(), timeout=30).stderr
                for state in (place.server.folder, folder / "state")}
            signer.terminate()
    assert "the signer does not answer" in said[place.server.folder], said  # it is root's
    assert "the signer does not answer" not in said[folder / "state"], said


def backlog(counter):
    """1,024 mutations that are kept without effect, in one push."""
    return b"".join(wire.field(1, wire.field(1, counter + n) + wire.field(2, 99_999) +
                               wire.field(3, uuid.uuid4().bytes) + wire.field(4, 1) +
                               wire.field(5, bytes(16)) + wire.field(11, 1)) for n in range(1024))


class Hoarder(threading.Thread):
    """A station that was away for long: two of its pushes are always under way, or wait to be read."""
    PUSHES = 16

    def __init__(self, place, number):
        super().__init__()
        self.peer = place.connect(place.enrolled(f"hoarder-{number}"))
        self.peer.greet()
        self.pushes = [wire.frame(wire.REQUEST, backlog(1 + 1024 * n), method=wire.PUSH, stream=1 + 2 * n)
                       for n in range(self.PUSHES)]
        self.n_answered, self.is_over = 0, False

    def run(self):
        n_sent = 0
        with self.peer:
            while self.n_answered < self.PUSHES and not self.is_over:
                while n_sent < min(self.n_answered + 2, self.PUSHES):
                    self.peer.send(self.pushes[n_sent])
                    n_sent += 1
                failed, answer = self.peer.wait_answer(1 + 2 * self.n_answered)
                assert not failed, wire.status(answer)
                self.n_answered += 1


def reads_to_everybody_in_turn_while_it_is_full(place):
    """Six with a long backlog fill the queue for as long as they have something; one came last."""
    hoarders = [Hoarder(place, number) for number in range(6)]
    with place.connect(place.enrolled("modest")) as modest:
        modest.greet()
        for hoarder in hoarders:
            hoarder.start()
        try:
            lab.wait_for("the queue is full", lambda: sum(one.n_answered for one in hoarders) > 5)
            before = sum(one.n_answered for one in hoarders)
            rude.push(modest, 1, rude.mutation(1, uuid.uuid4().bytes, b"Modest"))
            between = sum(one.n_answered for one in hoarders) - before
        finally:
            for hoarder in hoarders:
                hoarder.is_over = True
            for hoarder in hoarders:
                hoarder.join()
    assert between <= 12, f"it waited for {between} pushes of 1,024"


def refuses_no_push_of_a_crowd_where_people_sign_in(place):
    """Whose right it is has to be asked before a push can wait for its turn: until then it is under way, too."""
    place.server.command("user", "add", "somebody", "--name", "Some Body")
    peers = [place.connect(place.enrolled(f"crowd-{number}")) for number in range(12)]
    try:
        for peer in peers:
            peer.greet()
        time.sleep(3)  # until the server has seen that there is somebody
        push = wire.frame(wire.REQUEST, backlog(1), method=wire.PUSH, stream=1)
        for peer in peers:
            peer.send(push)
        answers = [peer.wait_answer(1) for peer in peers]
    finally:
        for peer in peers:
            peer.tls.close()
    refused = [wire.status(answer) for failed, answer in answers if failed]
    assert not refused, f"{len(refused)} of {len(peers)}: {refused[0]}"


def tells_that_its_certificate_ends_and_refuses_one_that_is_over(place):
    """Made for 825 days."""
    def check(days):
        return subprocess.run(
            [*lab.at_time(f"+{days}d"), place.server.lab.build / "practicumd", "check-config",
             "--offline", "--config", place.server.config], check=False, capture_output=True,
            text=True, env=lab.environment(), timeout=30)
    found = check(790)
    assert found.returncode == lab.DONE and "is over in" not in found.stderr, found.stderr
    found = check(819)
    assert found.returncode == lab.DONE, found.stderr
    assert "server.pem is over in 5 days" in found.stderr, found.stderr
    assert "run practicumd setup" in found.stderr, found.stderr
    found = check(826)
    assert found.returncode == lab.CONFIG and "server.pem is over: remove it" in found.stderr, \
        found.stderr


CASES = [
    tells_who_comes_above_the_limit_when_to_come_back,
    keeps_as_many_connections_of_a_device_as_it_is_told,
    spreads_handshakes_over_time_and_loses_none,
    refuses_newcomers_and_requests_but_answers_pings_when_memory_is_short,
    closes_who_takes_least_when_memory_is_short,
    ends_a_connection_that_changes_its_keys_all_the_time,
    leaves_room_for_devices_beside_a_crowd_that_enrolls,
    keeps_out_an_address_that_tries_codes,
    keeps_out_an_address_that_breaks_the_protocol_at_enrollment,
    keeps_out_a_device_that_broke_the_protocol_and_no_other,
    keeps_out_an_address_that_speaks_no_tls_and_no_other,
    never_keeps_out_an_address_that_many_stations_share,
    believes_a_balancer_that_is_named,
    believes_no_other_balancer,
    reads_to_everybody_in_turn_while_it_is_full,
    refuses_to_serve_with_fewer_open_files_than_connections,
    refuses_to_serve_without_room_on_its_disk,
    refuses_to_serve_with_a_key_that_others_may_read,
    refuses_to_serve_from_a_postgresql_that_answers_before_it_is_safe,
    gives_what_root_sets_up_to_the_users_whose_folders_it_is_in,
    asks_the_signer_as_the_servers_user_when_root_runs_a_command,
    tells_that_its_certificate_ends_and_refuses_one_that_is_over,
    refuses_no_push_of_a_crowd_where_people_sign_in,
]


def main():
    with lab.Lab(sys.argv[1]) as home:
        failed = cases.run(CASES, Place(home))
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
