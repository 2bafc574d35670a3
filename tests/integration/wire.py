"""The protocol of docs/PROTOCOL.md as a stranger would write it, for peers that break its rules and
for reading what a station has sent. Knows nothing of the C code.
"""
import socket
import ssl
import struct

HELLO, WELCOME, REQUEST, RESPONSE, DATA, CREDIT, CANCEL, PING, PONG, POKE, GOAWAY = range(1, 12)
END, ZSTD, MORE, ERROR = 1, 2, 4, 8
PUSH, PULL, SNAPSHOT = 1, 2, 3
HEADER = struct.Struct(">IBBHII")


def varint(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A protobuf field: bytes, or a non-negative number as a varint."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fixed64(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Yields (number, value) of a message, in order."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<Q", data, at)[0], at + 8
        elif key & 7 == 5:
            value, at = struct.unpack_from("<I", data, at)[0], at + 4
        else:
            length, at = read_varint(data, at)
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def first(data, number, default=None):
    return next((value for found, value in fields(data) if found == number), default)


def frame(kind, payload=b"", *, flags=0, method=0, stream=0, aux=0, length=None):
    header = HEADER.pack(len(payload) if length is None else length, kind, flags, method, stream, aux)
    return header + payload


def hello(incarnation=1, next_counter=1):
    """Hello: versions 1..1, schema 1..1, default windows."""
    return (field(1, 1) + field(2, 1) + field(3, 1) + field(4, 1) +
            fixed64(6, incarnation) + field(7, next_counter))


class Closed(Exception):
    """The other side ended the connection."""


class Peer:
    """A TLS connection to the server that sends what it is told to."""

    def __init__(self, port, certificate=None, key=None, *, alpn="practicum/1",
                 version=ssl.TLSVersion.TLSv1_3, source="127.0.0.1", header=b"", window=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version < ssl.TLSVersion.TLSv1_3:
            context.minimum_version = version
        context.maximum_version = version
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        if certificate is not None:
            context.load_cert_chain(certificate, key)
        plain = socket.socket()
        if window is not None:  # bytes that the kernel takes for who does not read
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        try:
            plain.settimeout(20)
            plain.bind((source, 0))
            plain.connect(("127.0.0.1", port))
            plain.sendall(header)
            self.tls = context.wrap_socket(plain)
        except BaseException:
            plain.close()
            raise
        self.tls.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tls.close()

    def send(self, data):
        self.tls.sendall(data)

    def take(self, length):
        data = b""
        while len(data) < length:
            try:
                piece = self.tls.recv(length - len(data))
            except (ConnectionError, ssl.SSLError) as error:
                raise Closed(str(error)) from error
            if not piece:
                raise Closed("end of stream")
            data += piece
        return data

    def receive(self):
        """(type, flags, stream, aux, payload) of the next frame."""
        length, kind, flags, _, stream, aux = HEADER.unpack(self.take(HEADER.size))
        return kind, flags, stream, aux, self.take(length)

    def greet(self, **how):
        self.send(frame(HELLO, hello(**how)))
        kind, _, _, _, payload = self.receive()
        if kind != WELCOME:
            raise AssertionError(f"want WELCOME, found frame {kind}: {status(payload)}")
        return payload

    def wait_goaway(self):
        """Status of GOAWAY; None when the connection ended without one."""
        try:
            while True:
                kind, _, _, _, payload = self.receive()
                if kind == GOAWAY:
                    return status(payload)
        except Closed:
            return None

    def wait_retry(self):
        """(code, ms to wait) of GOAWAY."""
        while True:
            kind, _, _, aux, payload = self.receive()
            if kind == GOAWAY:
                return status(payload)[0], aux

    def wait_answer(self, stream):
        """(is error, payload) of the RESPONSE on a stream, its pieces joined."""
        whole = b""
        while True:
            kind, flags, found, _, payload = self.receive()
            if kind == GOAWAY:
                raise AssertionError(f"GOAWAY {status(payload)}")
            if kind == RESPONSE and found == stream:
                whole += payload
                if not flags & MORE:
                    return bool(flags & ERROR), whole


def status(payload):
    """(code, reason) of a Status message."""
    return first(payload, 1, 0), first(payload, 2, b"").decode()
