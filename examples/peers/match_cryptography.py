"""Matching as fast as Python allows with PyPI `cryptography`: the peer that `cargo xtask bench` measures ours beside.

    python match_cryptography.py KEYS OBSERVED   prints one JSON line; time is that of this process

One HKDF and one ECB call a key (144 blocks at once); the 2,304 bytes are cut by one `struct` call and looked up in a set
by one call in C. 20 of the observed identifiers are planted and all must be found.
"""

import json
import random
import struct
import sys
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

START, PERIOD, PLANTED = 2_710_080, 144, 20
PLAIN = b"".join(b"EN-RPI" + bytes(6) + struct.pack("<I", START + i) for i in range(PERIOD))
CUT = struct.Struct("16s" * PERIOD)
SHA, ECB, AES = SHA256(), modes.ECB(), algorithms.AES


def derive(tek: bytes) -> bytes:
    """Returns the key of the identifiers by the peer's HKDF."""
    return HKDF(SHA, 16, None, b"EN-RPIK").derive(tek)


def identifiers(rpik: bytes) -> tuple:
    """Returns the 144 identifiers of a key."""
    return CUT.unpack(Cipher(AES(rpik), ECB).encryptor().update(PLAIN))


def main(keys: int, observed: int) -> None:
    """Matches and prints how long it took."""
    source = random.Random(1)
    teks = [source.randbytes(16) for _ in range(keys)]
    seen = {source.randbytes(16) for _ in range(observed - PLANTED)}
    for i in range(PLANTED):
        seen.add(identifiers(derive(teks[i * (keys // PLANTED)]))[i * 7])
    started = time.process_time()
    found = 0
    none_of = seen.isdisjoint
    for tek in teks:
        found_here = identifiers(derive(tek))
        if not none_of(found_here):
            found += len(seen.intersection(found_here))
    seconds = time.process_time() - started
    assert found == PLANTED, f"found {found} of {PLANTED}"
    print(json.dumps({"keys": keys, "ids": observed, "hits": found, "cpu_seconds": seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
