"""What a station has sealed (docs/adr/0011), and the server in PostgreSQL (0012), opened from outside by the file formats alone and with libsodium
itself: an account of its own of what the program writes.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import pathlib
import struct

FIELDS, PAYLOAD, WORDS = 1, 2, 3
NONCE, TAG = 24, 16

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))


def derive(secret, label):
    return hmac.new(secret, label, hashlib.sha256).digest()


def unseal(key, place, sealed):
    plain = ctypes.create_string_buffer(max(len(sealed) - NONCE - TAG, 0) + 1)
    length = ctypes.c_ulonglong()
    box = sealed[NONCE:]
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, ctypes.byref(length), None, box, ctypes.c_ulonglong(len(box)), place,
            ctypes.c_ulonglong(len(place)), sealed[:NONCE], key) != 0:
        raise ValueError("it does not open there")
    return plain.raw[:length.value]


def seal(key, place, plain):
    nonce = hashlib.sha256(place + plain).digest()[:NONCE]
    box = ctypes.create_string_buffer(len(plain) + TAG)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        box, None, plain, ctypes.c_ulonglong(len(plain)), place, ctypes.c_ulonglong(len(place)),
        None, nonce, key)
    return nonce + box.raw


def place(column, record_type, record, incarnation=0, counter=0):
    mask = (1 << 64) - 1
    return struct.pack("<BI16sQQ", column, record_type, record, incarnation & mask, counter)


def key_of(home):
    """The data key of a station's folder, by its key file."""
    home = pathlib.Path(home)
    lines = (home / "data.key").read_text(encoding="ascii").splitlines()
    assert lines[0] == "practicum data key 1 machine", lines[0]
    key_id, wrapped = (line.split()[1] for line in lines[1:])
    secret = bytes.fromhex((home.parent / f"keys/{key_id}.key").read_text(encoding="ascii"))
    key = unseal(derive(secret, b"practicum station wrap 1"),
                 b"\x01" + bytes.fromhex(key_id) + bytes(16), bytes.fromhex(wrapped))
    assert derive(key, b"practicum data key id 1")[:16].hex() == key_id
    return key


def inputs(station, columns, where=""):
    """Rows of a station's outbox: the columns, then the payload in the clear."""
    key = None
    rows = []
    for row in station.read(f"SELECT type, record, incarnation, counter, payload, {columns}"
                            f" FROM outbox {where}"):
        key = key or key_of(station.home)
        rows.append((*row[5:], unseal(key, place(PAYLOAD, *row[:4]), row[4])))
    return rows


# Tables of the server, and fields of its record types: (type, number of the field).
RECORD, MUTATION = 1, 2
CONFLICT_MINE, REJECTED_PAYLOAD = (20, 11), (21, 5)


def of_server(server, table, field, record, value, key=(0, 0)):
    """A value of PostgreSQL in the clear, which it may be already; field and key as they apply."""
    if value[:1] != b"\xff":
        return value
    keys = (server.folder / "state/records.key").read_bytes()
    start = (value[1] - 1) * 32
    mask = (1 << 64) - 1
    where = struct.pack("<BII16sQQ", table, *field, record, key[0] & mask, key[1])
    return unseal(keys[start:start + 32], where, value[2:])
