"""Debian's nginx and mosquitto as peers: TLS with client certificates, everything in the lab's folder."""

import contextlib
import json
import os
import socket
import sqlite3
import ssl
import time

MOVED = 64 * 1024  # bytes each way before a connection rests


def memory_kib(pid):
    """Memory that the process and its children use, shared pages divided among those that share."""
    total = 0
    for line in open(f"/proc/{pid}/smaps_rollup", encoding="ascii"):
        if line.startswith("Pss:"):
            total += int(line.split()[1])
    for thread in os.listdir(f"/proc/{pid}/task"):
        for child in open(f"/proc/{pid}/task/{thread}/children", encoding="ascii").read().split():
            total += memory_kib(int(child))
    return total


def start_nginx(lab):
    """Terminates TLS, takes a body of 64 KiB, answers with as much, keeps the connection."""
    folder = lab.folder / "nginx"
    folder.mkdir(exist_ok=True)
    (folder / "64k").write_bytes(bytes(MOVED))
    port = lab.free_port()
    (folder / "nginx.conf").write_text(f"""daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 8000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_timeout 3600s;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {lab.certificates}/server.pem;
    ssl_certificate_key {lab.certificates}/server.key;
    ssl_client_certificate {lab.certificates}/ca.pem;
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    ssl_session_tickets off;
    ssl_session_cache off;
    root {folder};
    location = /up {{ return 204; }}
  }}
}}
""", encoding="ascii")
    lab.servers["nginx"] = lab.spawn(["/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf"], port)
    return port


def start_mosquitto(lab):
    config = lab.folder / "mosquitto.conf"
    port = lab.free_port()
    user = "user root\n" if os.geteuid() == 0 else ""
    config.write_text(f"""listener {port} 127.0.0.1
cafile {lab.certificates}/ca.pem
certfile {lab.certificates}/server.pem
keyfile {lab.certificates}/server.key
require_certificate true
tls_version tlsv1.3
allow_anonymous true
set_tcp_nodelay true
persistence false
log_type error
{user}""", encoding="ascii")
    lab.servers["mosquitto"] = lab.spawn(["/usr/sbin/mosquitto", "-c", config], port)
    return port


def bare_seconds(lab, replica):
    """To write the records of a replica once more, in one transaction, tables with keys only."""
    names = [row["name"] for row in json.loads(lab.practicum("types", "--json"))]
    path = lab.folder / "bare.db"
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as bare:
        bare.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ATTACH ':memory:' AS rows")
        bare.execute("ATTACH ? AS replica", (str(replica),))
        found = [(name, sql) for name, sql in bare.execute(
            "SELECT name, sql FROM replica.sqlite_master WHERE type = 'table'") if name in names]
        for name, sql in found:
            bare.execute(f"CREATE TABLE rows.{name} AS SELECT * FROM replica.{name}")
            bare.execute(sql)
        begin = time.monotonic()
        bare.execute("BEGIN")
        for name, _ in found:
            bare.execute(f"INSERT INTO main.{name} SELECT * FROM rows.{name}")
        bare.execute("COMMIT")
        seconds = time.monotonic() - begin
        n = sum(bare.execute(f"SELECT count(*) FROM main.{name}").fetchone()[0] for name, _ in found)
    return n, seconds


def answer(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    head, body = head.split(b"\r\n\r\n", 1)
    wanted = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            wanted = int(line.split(b":")[1])
    while len(body) < wanted:
        body += connection.recv(65536)
    if not head.startswith(b"HTTP/1.1 20"):
        raise SystemExit(f"nginx: {head[:100]}")


@contextlib.contextmanager
def idle_http(lab, port, n):
    """n connections that have each moved 64 KiB both ways, and rest."""
    context = ssl.create_default_context(cafile=str(lab.certificates / "ca.pem"))
    context.load_cert_chain(lab.certificates / "station.pem", lab.certificates / "station.key")
    up = b"POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % MOVED + bytes(MOVED)
    down = b"GET /64k HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connections = []
    try:
        for _ in range(n):
            plain = socket.create_connection(("127.0.0.1", port))
            connection = context.wrap_socket(plain, server_hostname="localhost")
            connections.append(connection)
            for request in (up, down):
                connection.sendall(request)
                answer(connection)
        yield
    finally:
        for connection in connections:
            connection.close()
