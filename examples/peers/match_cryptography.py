"""Matching with PyPI `cryptography`: the peer that `cargo xtask bench` measures ours beside, in two forms.

    python match_cryptography.py KEYS OBSERVED [--tight]   prints one JSON line; time is that of this process

Both make one HKDF and one ECB call a key (144 blocks at once). The plain form asks a set for each identifier in a loop. The
tight form cuts the 2,304 bytes by one `struct` call and asks for all of them by one call in C. 20 of the observed
identifiers are planted and all must be found.
"""

import json
import random
import struct
import sys
import time
from collections.abc import Callable

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


def match_plain(teks: list, seen: set) -> int:
    """Returns how many identifiers of the keys were seen, asking for one at a time."""
    found = 0
    for tek in teks:
        text = Cipher(AES(derive(tek)), ECB).encryptor().update(PLAIN)
        for at in range(0, len(text), 16):
            if text[at : at + 16] in seen:
                found += 1
    return found


def match_tight(teks: list, seen: set) -> int:
    """Returns how many identifiers of the keys were seen, asking for all of a key at once."""
    found = 0
    none_of = seen.isdisjoint
    for tek in teks:
        found_here = identifiers(derive(tek))
        if not none_of(found_here):
            found += len(seen.intersection(found_here))
    return found


def main(keys: int, observed: int, match: Callable[[list, set], int]) -> None:
    """Matches and prints how long it took."""
    source = random.Random(1)
    teks = [source.randbytes(16) for _ in range(keys)]
    seen = {source.randbytes(16) for _ in range(observed - PLANTED)}
    for i in range(PLANTED):
        seen.add(identifiers(derive(teks[i * (keys // PLANTED)]))[i * 7])
    started = time.process_time()
    found = match(teks, seen)
    seconds = time.process_time() - started
    assert found == PLANTED, f"found {found} of {PLANTED}"
    print(json.dumps({"keys": keys, "ids": observed, "hits": found, "cpu_seconds": seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), match_tight if "--tight" in sys.argv else match_plain)
