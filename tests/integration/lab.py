"""A district on this machine for tests of real processes: a private PostgreSQL, practicumd, the
district office and schools, each a practicum with a folder of its own. Everything a Lab starts, it
ends, by process id. `python3` and its standard library only.
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRIVATE_POSTGRES = ROOT / "deploy/private-postgres"
POSTGRES_BIN = "/usr/lib/postgresql/15/bin"
KILLED = -signal.SIGKILL
SUNDAY = "2026-09-13"
MONDAY = "2026-09-14"

# Exit codes of DESIGN part 2.
DONE, REFUSED, USAGE, UNREACHABLE, CONFIG = 0, 1, 64, 69, 78

# What works is done long before, on a busy machine too. A shorter time stands where a rule names it.
PATIENCE_S = 120


def wait_for(what, test, seconds=PATIENCE_S):
    """Polls until test() is true; returns how many seconds that took."""
    begin = time.monotonic()
    while not test():
        if time.monotonic() - begin > seconds:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - begin


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def state_of(pid):
    """Letter of /proc: R, S, T for stopped, Z for a zombie; empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def environment(failpoint=None, **more):
    env = {key: value for key, value in os.environ.items() if not key.startswith("PRACTICUM_")}
    env.pop("FAILPOINT", None)
    if failpoint is not None:
        env["FAILPOINT"] = failpoint
    env.update(more)
    if "PRACTICUM_HOME" in more:  # a machine of its own, as far as keys go
        env.setdefault("PRACTICUM_KEYS", str(pathlib.Path(more["PRACTICUM_HOME"]).parent / "keys"))
    return env


def at_time(offset):
    """In front of a command: its wall clock is off, as "+5d" or "-2y"; with the environment that it needs
    where the program is sanitized."""
    return ("env", "ASAN_OPTIONS=verify_asan_link_order=0", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime",
            "-f", offset)


def authenticator(secret):
    """The six digits that an app with this secret (base 32) shows now: RFC 6238."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


class Cluster:
    """A durable PostgreSQL in a folder below /tmp; its socket's path must be short."""

    def __init__(self, folder):
        self.folder = folder
        self.conninfo = None

    def start(self):
        out = subprocess.run([PRIVATE_POSTGRES, "start", self.folder], check=True,
                             capture_output=True, text=True).stdout
        self.conninfo = out.strip()

    def stop(self):
        subprocess.run([PRIVATE_POSTGRES, "stop", self.folder], check=False,
                       stdout=subprocess.DEVNULL)

    def drop(self):
        """Ends it without writing out what is thrown away with it."""
        self.as_owner(f"{POSTGRES_BIN}/pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop",
                      check=False)  # it may have ended

    def kill(self):
        """kill -9 of the postmaster and its children. Returns when it is gone: PostgreSQL takes
        even a zombie for a postmaster that runs."""
        with open(self.folder / "data/postmaster.pid", encoding="ascii") as file:
            pid = int(file.readline())
        subprocess.run([PRIVATE_POSTGRES, "kill", self.folder], check=True)
        wait_for("the postmaster is gone", lambda: not state_of(pid))

    def start_again(self):
        """After kill(): a child that is still going keeps the postmaster from starting."""
        wait_for("PostgreSQL starts again", lambda: subprocess.run(
            [PRIVATE_POSTGRES, "start", self.folder], check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0, 30)

    def start_crowded(self, room_kib):
        """After stop(): its tables are on a tmpfs with that much room, in a mount namespace of the
        postmaster, so that nothing else sees it; the socket and the log stay where they are. For root."""
        base = self.folder / "data/base"
        used = sum(file.stat().st_blocks for file in base.rglob("*")) // 2
        subprocess.run(
            ["unshare", "--mount", "--propagation", "unchanged", "sh", "-ec",
             'mount --make-rprivate / 2>&- || :; cp -a "$1" "$1.full";'
             ' mount -t tmpfs -o size="$2"k,mode=700,uid=postgres none "$1";'
             ' cp -a "$1.full/." "$1"; "$3" start "$4"',
             "sh", base, str(used + room_kib), PRIVATE_POSTGRES, self.folder], check=True,
            stdout=subprocess.DEVNULL)

    def make_room(self):
        with open(self.folder / "data/postmaster.pid", encoding="ascii") as file:
            pid = int(file.readline())
        subprocess.run(["nsenter", "-t", str(pid), "--mount", "--root", "mount", "-o", "remount,size=512m",
                        self.folder / "data/base"], check=True)

    def backup(self, folder, *options):
        """A base backup, as large as the data, in the folder."""
        self.as_owner(f"{POSTGRES_BIN}/pg_basebackup", "-h", str(self.folder), "-U", "practicum",
                      "-D", str(folder), "-c", "fast", "-X", "stream", *options)

    def start_standby(self, name):
        """A synchronous one beside it: what was acknowledged from now on is there, too."""
        standby = Cluster(self.folder.with_name(name))
        standby.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(standby.folder, "postgres")
        self.backup(standby.folder / "data", "-R")
        standby.start()
        for words in ("ALTER SYSTEM SET synchronous_standby_names = '*'",
                      "SELECT pg_reload_conf()"):
            subprocess.run(["psql", self.conninfo, "-Xqc", words], check=True,
                           stdout=subprocess.DEVNULL)
        return standby

    def promote(self):
        self.as_owner(f"{POSTGRES_BIN}/pg_ctl", "-D", str(self.folder / "data"), "promote", "-w")

    def replace_by(self, standby):
        """The address, which is the folder with the socket, leads to it from now on."""
        self.folder.rename(self.folder.with_name(self.folder.name + ".lost"))
        self.folder.symlink_to(standby.folder)

    def as_owner(self, *command, check=True):
        """Runs a PostgreSQL program as the cluster's owner."""
        if os.getuid() == 0:
            command = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command)
        subprocess.run(command, check=check, cwd="/", stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True)


class Server:
    """practicumd on two ports of this machine, on a database of a cluster."""

    def __init__(self, lab, name, cluster, database="practicum"):
        self.lab, self.name, self.cluster, self.database = lab, name, cluster, database
        self.port, self.enroll_port = free_ports(2)
        self.folder = lab.folder / name
        self.folder.mkdir(mode=0o700)
        self.config = self.folder / "practicumd.conf"
        self.log = self.folder / "log"
        self.process = self.signer = None
        self.n_starts = 0

    @property
    def conninfo(self):
        return self.cluster.conninfo.replace("dbname=postgres", f"dbname={self.database}")

    @property
    def login(self):
        """As the server signs in: without the rights of the one who keeps the cluster."""
        return self.conninfo.replace("user=practicum", "user=practicum_server")

    def configure(self, **more):
        state = more.pop("state_dir", self.folder / "state")
        pathlib.Path(state).mkdir(mode=0o700, exist_ok=True)
        self.config.write_text(
            f"[listen]\naddress = 127.0.0.1\nport = {self.port}\nenroll_port = {self.enroll_port}\n"
            "names = localhost,127.0.0.1\nper_address = 1000\npenalty_max_s = 0\n"
            f"[server]\nstate_dir = {state}\n"
            f"[signer]\nstate_dir = {state}\nsocket = {self.folder}/signer.socket\n"
            f"[db]\nconninfo = {self.login}\n" + "".join(
                f"{key} = {value}\n" for key, value in more.items()), encoding="utf-8")

    def tell_backups(self, folder):
        """Where practicum-backup leaves its files."""
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(f"[backup]\nfolder = {folder}\n")

    def command(self, word, *words, code=DONE):
        """Runs practicumd WORD with this server's configuration; returns what it prints."""
        done = subprocess.run(
            [self.lab.build / "practicumd", word, "--config", self.config, *words], check=False,
            capture_output=True, text=True, env=environment(), timeout=PATIENCE_S)
        assert done.returncode == code, \
            f"practicumd {word}: exit {done.returncode}, want {code}: {done.stderr}"
        return done.stdout

    def create(self):
        """An empty database with keys and tables."""
        self.configure()
        self.make_database()
        self.command("setup")
        self.command("migrate")
        self.start_signer()

    def join(self, other):
        """Serves beside another server from its database, with its keys, as on a second machine."""
        shutil.copytree(other.folder / "state", self.folder / "state")
        self.configure()
        self.start_signer()

    def make_database(self):
        """As a database administrator does it."""
        subprocess.run(["psql", self.cluster.conninfo, "-Xq", "-v", "ON_ERROR_STOP=1"],
                       input=self.command("setup", "--print-sql"), text=True, check=True,
                       stdout=subprocess.DEVNULL)

    def start_signer(self):
        with open(self.folder / "signer.log", "ab") as log:
            self.signer = subprocess.Popen(
                [self.lab.build / "practicumd", "signer", "--config", self.config], stdout=log,
                stderr=log, env=environment())
        wait_for("the signer listens", (self.folder / "signer.socket").exists)

    def stop_signer(self):
        if self.signer is not None and self.signer.poll() is None:
            self.signer.terminate()
            self.signer.wait(PATIENCE_S)
        self.signer = None

    def start(self, failpoint=None, **more):
        self.launch(failpoint, **more)
        wait_for(f"{self.name} listens", self.listens)

    def launch(self, failpoint=None, **more):
        self.n_starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.lab.build / "practicumd", "serve", "--config", self.config], stdout=log,
                stderr=log, env=environment(failpoint, **more))

    def refusal(self, code=CONFIG):
        """What it says when it does not serve."""
        done = subprocess.run([self.lab.build / "practicumd", "serve", "--config", self.config],
                              check=False, capture_output=True, text=True, env=environment(), timeout=PATIENCE_S)
        assert done.returncode == code, f"{done.returncode}: {done.stderr}"
        return done.stderr

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}: "
                                 f"{self.last_words()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def last_words(self):
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])

    def wait_killed(self, seconds=PATIENCE_S):
        """The failpoint was reached."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not reach its failpoint") from None
        assert code == KILLED, f"{self.name} ended with {code}: {self.last_words()}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        return self.process.wait(30)  # what is in flight has 20

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def add_user(self, login, role, *words):
        """Returns the one-time code."""
        return self.command("user", "add", login, "--name", login.title(), "--role", role,
                            *words).split()[0]

    def sql(self, query, database=None):
        """Rows as lists of texts; NULL is empty."""
        conninfo = self.conninfo if database is None else \
            self.cluster.conninfo.replace("dbname=postgres", f"dbname={database}")
        done = subprocess.run(["psql", conninfo, "-XAtq", "-F", "\x1f", "-c", query], check=False,
                              capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == 0, f"{query}: {done.stderr}"
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def number(self, query):
        return int(self.sql(query)[0][0])


class Station:
    """One practicum with a folder of its own."""

    def __init__(self, lab, name, home=None):
        self.lab, self.name = lab, name
        self.home = home or lab.folder / name
        self.watcher = None
        self.log = lab.folder / f"{name}.log"
        self.said = []  # what its commands wrote to stderr

    def call(self, *words, failpoint=None, prefix=(), timeout=PATIENCE_S, text="", **more):
        """Runs practicum, with more in its environment; returns (exit code, stdout, stderr)."""
        done = subprocess.run(
            [*prefix, self.lab.build / "practicum", *map(str, words)], check=False,
            capture_output=True, text=True, timeout=timeout, input=text,
            env=environment(failpoint, PRACTICUM_HOME=str(self.home), **more))
        self.said.append(done.stderr)
        return done.returncode, done.stdout, done.stderr

    def run(self, *words, code=DONE, **how):
        found, out, err = self.call(*words, **how)
        assert found == code, \
            f"{self.name}: practicum {' '.join(map(str, words))}: exit {found}, want {code}: {err}"
        return out if code == DONE else err

    def json(self, *words):
        return json.loads(self.run(*words, "--json"))

    def login(self, name, password, *words, **how):
        return self.run("login", name, "--password-file", "-", *words, text=f"{password}\n",
                        **how)

    def first_login(self, name, password, code):
        """With the one-time code and, where the role needs one, an authenticator."""
        done, out, err = self.call("login", name, "--password-file", "-", "--code", code, "--json",
                                   text=f"{password}\n")
        if done != DONE:
            assert "factor_secret" in out, err
            self.login(name, password, "--factor",
                       authenticator(json.loads(out)["factor_secret"]))

    def write(self, query, *values):
        """Changes the replica behind the program's back: time that passes, an old state."""
        file = sqlite3.connect(self.home / "replica.db", timeout=10)
        try:
            with file:
                file.execute(query, values)
        finally:
            file.close()

    def add(self, record_type, *values):
        return self.json("add", record_type, *values)["id"]

    def sync(self, **how):
        self.run("sync", **how)

    def status(self):
        return self.json("status")

    def turn_to(self, port):
        """The server's name leads to another machine, or to what stands before several."""
        file = sqlite3.connect(self.home / "replica.db")
        with file:
            file.execute("UPDATE meta SET server = ?", (f"localhost:{port}",))
        file.close()

    def is_settled(self):
        """Nothing waits for a verdict. Read from the file: quicker than a process."""
        return self.read("SELECT count(*) FROM outbox WHERE state < 2")[0][0] == 0

    def watch(self, failpoint=None):
        with open(self.log, "ab") as log:
            self.watcher = subprocess.Popen(
                [self.lab.build / "practicum", "sync", "--watch"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment(failpoint, PRACTICUM_HOME=str(self.home)))

    def wait_watcher_killed(self, seconds=PATIENCE_S):
        try:
            code = self.watcher.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not reach its failpoint") from None
        assert code == KILLED, f"{self.name} ended with {code}: {self.log.read_text()[-600:]}"

    def unwatch(self, how=signal.SIGKILL):
        if self.watcher is not None and self.watcher.poll() is None:
            self.watcher.send_signal(how)
            self.watcher.wait(20)
        self.watcher = None

    def read(self, query, *values):
        """Looks into the replica from outside."""
        file = sqlite3.connect(f"file:{self.home}/replica.db?mode=ro", uri=True, timeout=10)
        try:
            return file.execute(query, values).fetchall()
        finally:
            file.close()


class Lab:
    """with Lab(build folder) as lab: ...; folders are kept when a test failed."""

    def __init__(self, build):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a time limit: end what runs, too
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prac-lab.", dir="/tmp"))
        self.folder.chmod(0o711)
        self.clusters, self.servers, self.stations = [], [], []
        self.keeps = False

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for station in self.stations:
            station.unwatch()
        for server in self.servers:
            if server.is_up():
                server.process.kill()
                server.process.wait()
            server.stop_signer()
        for cluster in self.clusters:
            cluster.drop()
        if self.keeps or kind is not None:
            print(f"# what is left is in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def cluster(self, name="pg"):
        cluster = Cluster(self.folder / name)
        self.clusters.append(cluster)
        cluster.start()
        return cluster

    def server(self, name="server", cluster=None, database="practicum"):
        server = Server(self, name, cluster or self.cluster(), database)
        self.servers.append(server)
        return server

    def station(self, name, home=None):
        station = Station(self, name, home)
        self.stations.append(station)
        return station

    def enroll(self, server, name, *options, words=()):
        station = self.station(name)
        code = json.loads(server.command("enroll-code", *options, "--label", name, "--json"))["code"]
        station.run("enroll", "--server", f"localhost:{server.enroll_port}", "--code", code,
                    *words)
        return station


class District:
    """A server with the office, a high school and a career center that share a student, and a
    sheet of hours of that student which both stations may fill."""

    def __init__(self, lab):
        self.lab = lab
        self.server = lab.server()
        self.server.create()
        self.server.start()
        self.office = lab.enroll(self.server, "district", "--district", "--person", "D. Lee")
        self.office.sync()
        add = self.office.add
        self.high_id = add("school", "name=High", "code=H1", "kind=high", "zone=America/New_York")
        self.center_id = add("school", "name=Center", "code=C1", "kind=center",
                             "zone=America/New_York")
        self.student = add("student", f"school_id={self.high_id}", "identifier=1001",
                           "given_name=Ann", "family_name=Lee")
        for school, kind in ((self.high_id, "home"), (self.center_id, "center")):
            add("enrollment", f"student_id={self.student}", f"school_id={school}", f"kind={kind}",
                "starts_on=2026-08-10")
        self.office.sync()
        self.high = self.school("high", self.high_id)
        self.center = self.school("center", self.center_id)
        self.placement = self.new_placement("Machining intern")
        self.sheet = self.high.add("time_sheet", f"placement_id={self.placement}",
                                   f"week_start={SUNDAY}")
        self.sync(self.high, self.center)

    @property
    def stations(self):
        return self.high, self.center

    def school(self, name, school_id):
        station = self.lab.enroll(self.server, name, "--school", school_id, "--person", "A. Ray")
        station.sync()
        return station

    def new_placement(self, title):
        return self.high.add(
            "placement", f"student_id={self.student}", f"school_id={self.high_id}",
            f"title={title}", "kind=internship", "starts_on=2026-08-17",
            "ends_on=2027-05-21")

    @staticmethod
    def sync(*stations):
        for station in stations:
            station.sync()

    def watch(self):
        for station in self.stations:
            station.watch()

    def unwatch(self):
        for station in self.stations:
            station.unwatch()
