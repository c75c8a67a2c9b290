"""GAEN v1.2 derivation, written from the specification with PyPI `cryptography` and nothing of ours.

    python gaen.py TEK_HEX INTERVAL [PERIOD] [METADATA_HEX]   prints what `vunglam inspect tek` prints
"""

import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(tek: bytes, info: bytes) -> bytes:
    """Returns HKDF-SHA256(tek, no salt, info), 16 bytes."""
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=info).derive(tek)


def identifier(rpik: bytes, interval: int) -> bytes:
    """Returns the rolling proximity identifier of an interval."""
    padded = b"EN-RPI" + bytes(6) + struct.pack("<I", interval)
    encryptor = Cipher(algorithms.AES(rpik), modes.ECB()).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def encrypted_metadata(aemk: bytes, rpi: bytes, metadata: bytes) -> bytes:
    """Returns the associated encrypted metadata; the same call decrypts."""
    encryptor = Cipher(algorithms.AES(aemk), modes.CTR(rpi)).encryptor()
    return encryptor.update(metadata) + encryptor.finalize()


def metadata_with_mac(tek: bytes, rpi: bytes, first: bytes) -> bytes:
    """Returns the four metadata bytes whose last two authenticate the first two (docs/spec/proximity.md)."""
    mac = hmac.new(derive(tek, b"CT-AEMMAC"), rpi + first, hashlib.sha256).digest()
    return first + mac[:2]


def expand(tek: bytes, start: int, period: int, metadata: bytes) -> dict:
    """Returns every identifier of a key, in the command line's form."""
    rpik, aemk = derive(tek, b"EN-RPIK"), derive(tek, b"EN-AEMK")
    intervals = []
    for interval in range(start, start + period):
        rpi = identifier(rpik, interval)
        aem = encrypted_metadata(aemk, rpi, metadata)
        intervals.append({"interval": interval, "rpi": rpi.hex(), "aem": aem.hex()})
    return {"rpik": rpik.hex(), "aemk": aemk.hex(), "intervals": intervals}


def main(arguments: list[str]) -> None:
    """Prints the expansion of the key on the command line."""
    tek, start = bytes.fromhex(arguments[0]), int(arguments[1])
    period = int(arguments[2]) if len(arguments) > 2 else 144
    metadata = bytes.fromhex(arguments[3]) if len(arguments) > 3 else bytes.fromhex("40080000")
    print(json.dumps(expand(tek, start, period, metadata), indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
