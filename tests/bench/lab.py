"""A private PostgreSQL, the product's server and its peer, side by side on one machine."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "bench"


class Trouble(SystemExit):
    def __init__(self, text):
        print(f"tests/bench/run: {text}", file=sys.stderr)
        super().__init__(1)


def must(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, command))}: {(done.stderr + done.stdout).strip()[-2000:]}")
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    def __init__(self, stations=520, with_peer=True, is_smoke=False):
        self.stations, self.with_peer, self.is_smoke = stations, with_peer, is_smoke

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir="/tmp"))
        self.folder.chmod(0o711)
        self.servers = {}
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
        try:
            self.build()
            self.start_postgres()
            self.start_ours()
            self.make_certificates()
            if self.with_peer:
                self.start_peer()
        except BaseException as trouble:
            self.__exit__(type(trouble))
            raise
        return self

    def __exit__(self, kind=None, *_):
        if kind is not None:
            self.tell_logs()
        for server in self.servers.values():
            server.terminate()
        for server in self.servers.values():
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
        subprocess.run([TOP / "deploy/private-postgres", "stop", self.folder / "pg"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell_logs(self):
        """What servers said last: their folder goes away, and a load that failed knows only its own side."""
        for log in sorted(self.folder.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines()[-5:]:
                self.say(f"{log.name}: {line}")
        for name, server in self.servers.items():
            if server.poll() is not None:
                self.say(f"{name} has ended with {server.returncode}")

    def size(self, whole, smoke):
        return smoke if self.is_smoke else whole

    def say(self, text):
        print(text, file=sys.stderr)

    def build(self):
        must([TOP / "deploy/install-packages", "bench"])
        must(["cmake", "--preset", "release", "-B", BUILD, "-DPRAC_BENCH=ON", "-DBUILD_TESTING=OFF"], cwd=TOP)
        must(["cmake", "--build", BUILD, "--parallel", os.cpu_count()], cwd=TOP)

    def start_postgres(self):
        self.conninfo = must([TOP / "deploy/private-postgres", "start", self.folder / "pg"]).strip()
        self.sql("postgres", "create database peer")
        for setting, wanted in (("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")):
            if self.sql("postgres", f"show {setting}").strip() != wanted:
                raise Trouble(f"PostgreSQL has {setting} off; a benchmark must be durable")

    def database(self, name):
        return self.conninfo.replace("dbname=postgres", f"dbname={name}")

    def sql(self, database, text):
        return must(["psql", self.database(database), "-X", "-v", "ON_ERROR_STOP=1", "-Atq"], input=text)

    def start_ours(self):
        state = self.folder / "state"
        state.mkdir(mode=0o700)
        self.port = free_port()
        config = self.folder / "practicumd.conf"
        self.enroll_port = free_port()
        config.write_text(f"""[listen]
address = 127.0.0.1
port = {self.port}
enroll_port = {self.enroll_port}
names = localhost
per_address = 4000
[server]
state_dir = {state}
[signer]
state_dir = {state}
socket = {self.folder}/signer.socket
[db]
conninfo = {self.database("ours").replace("user=practicum", "user=practicum_server")}
[log]
level = warning
""")
        must(["psql", self.conninfo, "-Xq", "-v", "ON_ERROR_STOP=1"],
             input=must([BUILD / "practicumd", "setup", "--print-sql", "--config", config]))
        must([BUILD / "practicumd", "setup", "--config", config])
        self.state = state
        lines = [line.split() for line in must([BUILD / "bench-station", "devices", state, self.stations]).splitlines()]
        devices = [f"('{line[0]}', 'bench', 'bench', {str(len(line) == 2).lower()}, '\\x{line[1]}', "
                   "now() + interval '2 days')" for line in lines]
        self.devices = [line[0] for line in lines]
        self.first_school = lines[1][2]
        grants = [f"('{line[0]}', '{line[2]}')" for line in lines if len(line) == 3]
        self.sql("ours", "insert into device (id, label, person, district, spki, not_after) values "
                 + ",".join(devices) + "; insert into device_scope (device_id, scope) values " + ",".join(grants))
        self.config = config
        self.serve_ours()
        must([BUILD / "bench-station", self.port, state, "prepare", self.stations])

    def serve_ours(self):
        self.servers["ours"] = self.spawn([BUILD / "practicumd", "serve", "--config", self.config], self.port)

    def stop(self, name):
        self.servers[name].terminate()
        self.servers[name].wait(30)
        del self.servers[name]

    def restart_ours(self):
        self.stop("ours")
        self.serve_ours()

    def copy_ours(self, *names):
        """Databases like the server's as it is now."""
        self.stop("ours")
        for name in names:
            self.sql("postgres", f"create database {name} template ours")
        self.serve_ours()

    def make_certificates(self):
        """The peers' authority, server and one client."""
        folder = self.folder / "certificates"
        folder.mkdir()
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        must(["openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca"], cwd=folder)
        for name in ("server", "station"):
            must(["openssl", "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=localhost"],
                 cwd=folder)
            (folder / "names").write_text("subjectAltName=DNS:localhost\n")
            must(["openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                  "-CAcreateserial", "-days", "2", "-out", f"{name}.pem", "-extfile", "names"], cwd=folder)
        self.certificates = folder

    def start_peer(self):
        self.sql("peer", (TOP / "tests/bench/peer/peer.sql").read_text())
        self.peer_port = free_port()
        self.servers["peer"] = self.spawn(
            [BUILD / "peer-server", self.peer_port, self.database("peer"), self.certificates], self.peer_port)

    def start_own_peer(self):
        """The peer once more, on a copy of our database and with our statements."""
        self.copy_ours("own")
        self.own_peer_port = free_port()
        self.servers["own"] = self.spawn(
            [BUILD / "peer-server", self.own_peer_port, self.database("own"), self.certificates, "own"],
            self.own_peer_port)

    def counted(self, database, table, words, run):
        """Runs; a smoke test also counts what a push has written, so that a side that fails softly is found."""
        if not self.is_smoke or words[0] != "push":
            return run()
        before = int(self.sql(database, f"select count(*) from {table}"))
        outcome = run()
        n = int(self.sql(database, f"select count(*) from {table}")) - before
        if n < words[1]:
            raise Trouble(f"{' '.join(map(str, words))}: {n} rows more in {table} of {database}, want at least {words[1]}")
        return outcome

    def own_peer(self, *words):
        return self.counted("own", "mutation", words, lambda: json.loads(
            must([BUILD / "peer-load", self.own_peer_port, self.certificates, *words])))

    def spawn(self, command, port):
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.log", "wb")
        server = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return server
            if server.poll() is not None:
                break
            time.sleep(0.05)
        raise Trouble(f"{command[0]} did not start: {pathlib.Path(log.name).read_text()[-1000:]}")

    def station(self, *words):
        return self.counted("ours", "mutation", words, lambda: json.loads(
            must([BUILD / "bench-station", self.port, self.state, *words])))

    def peer(self, *words):
        return self.counted("peer", "entry", words, lambda: json.loads(
            must([BUILD / "peer-load", self.peer_port, self.certificates, *words])))

    def limit(self, *words):
        """After copy_ours("tape", "plain")."""
        return self.counted("plain", "mutation", ("push", *words), lambda: json.loads(
            must([BUILD / "bench-limit", self.database("tape"), self.database("plain"), *words])))

    def verify_audit(self, database):
        """What a peer wrote in our tables has to be as good as what we wrote."""
        config = self.folder / f"{database}.conf"
        config.write_text(self.config.read_text().replace("dbname=ours", f"dbname={database}"))
        must([BUILD / "practicumd", "audit", "verify", "--config", config])

    def guards(self, *words):
        """After copy_ours("guards")."""
        return json.loads(must([BUILD / "bench-guards", self.database("guards"), *words]))

    @contextlib.contextmanager
    def idle_stations(self, n):
        """n stations that have each moved 64 KiB both ways, and rest."""
        command = [BUILD / "bench-station", self.port, self.state, "idle", n]
        with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as stations:
            if not stations.stdout.readline():
                raise Trouble("bench-station idle ended early")
            yield
            if stations.poll() is not None:
                raise Trouble("bench-station idle lost a connection")
            stations.stdin.close()

    def share_first_school(self, first, last):
        """Stations `first` to `last` (from 1) hold the scope of station 1, too."""
        devices = ",".join(f"'{device}'" for device in self.devices[first:last + 1])
        self.sql("ours", f"insert into device_scope (device_id, scope) select id, '{self.first_school}' "
                 f"from device where id in ({devices}) on conflict do nothing")

    @staticmethod
    def free_port():
        return free_port()

    def practicum(self, *words):
        """Runs the station's program on a replica of its own."""
        environment = {**os.environ, "PRACTICUM_HOME": str(self.folder / "replica"),
                       "PRACTICUM_KEYS": str(self.folder / "keys")}
        return must([BUILD / "practicum", *words], env=environment)

    def enroll(self):
        """A new replica that may hold station 1's school, and the path of its file."""
        if "signer" not in self.servers:
            with open(self.folder / "signer.log", "wb") as log:
                self.servers["signer"] = subprocess.Popen(
                    [BUILD / "practicumd", "signer", "--config", self.config], stdout=log, stderr=log)
            for _ in range(200):
                if (self.folder / "signer.socket").exists():
                    break
                time.sleep(0.05)
        home = self.folder / "replica"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        code = json.loads(must([BUILD / "practicumd", "enroll-code", "--config", self.config, "--school",
                                self.first_school, "--json"]))["code"]
        self.practicum("enroll", "--server", f"localhost:{self.enroll_port}", "--code", code)
        return home / "replica.db"

    def notices(self, port, *words):
        return json.loads(must([BUILD / "peer-notice", port, self.certificates, *words]))

    def fill(self, rows):
        """Rows of station 1's school, on both sides. One mutation in six submits a sheet that is there."""
        self.station("push", rows * 6 // 5 + 6, 1, 256)
        self.peer("push", rows, 1, 256)

    def server_cpu(self, name):
        """Seconds of CPU that a server has used so far."""
        fields = pathlib.Path(f"/proc/{self.servers[name].pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
