"""An independent reader of audit exports, written from docs/spec/audit.md alone.

    python check_audit.py EXPORT.jsonl [--key PUBLIC_KEY.pem] [--roots ROOTS.jsonl]

Prints counts and what is wrong as JSON; exit 1 if anything is. Without --key the file's own key is used: compare key_sha256.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

LINE_KEYS = {"action", "actor", "at", "count", "fields", "objects", "outcome", "purpose", "role", "v"}
OPTIONAL_KEYS = {"part", "parts", "reason", "record", "scope"}


def sha(*parts) -> str:
    """Joins bytes, hexadecimal text and integers of 8 bytes, and returns the SHA-256 of them."""
    as_bytes = {bytes: bytes, int: lambda p: p.to_bytes(8, "big"), str: bytes.fromhex}
    return hashlib.sha256(b"".join(as_bytes[type(p)](p) for p in parts)).hexdigest()


class Audit:
    """What has been read so far, and what is wrong with it."""

    def __init__(self, key):
        self.key = key
        self.wrong = []
        self.counts, self.found = Counter(), Counter()
        self.chains, self.places, self.ranges = {}, {}, {}
        self.anchors = defaultdict(dict)
        self.named, self.roots, self.copies, self.named_roots = set(), {}, {}, []

    def flaw(self, rule: str, what: str, *place) -> None:
        self.wrong.append(f"{rule} {what}: {' '.join(map(str, place))}")

    def signed(self, digest: str, signature: str) -> bool:
        raw = bytes.fromhex(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            self.key.verify(der, bytes.fromhex(digest), ECDSA(Prehashed(SHA256())))
            return len(raw) == 64
        except InvalidSignature:
            return False

    def chain(self, c: dict) -> None:
        self.chains[c["writer"]] = c
        if not self.signed(sha(b"vunglam audit head", c["writer"], c["length"], c["head"]), c["signature"]):
            self.flaw("A11", "the head is not signed", c["writer"])

    def pruned(self, p: dict) -> None:
        if not self.signed(sha(b"vunglam audit pruned", p["writer"], p["seq"], p["hash"]), p["signature"]):
            return self.flaw("A18", "the erasure is not signed", p["writer"])
        self.places[p["writer"]] = (p["seq"], p["hash"])

    def range(self, r: dict) -> None:
        parts = (r["writer"], r["from_seq"], r["to_seq"], r["before"], r["after"])
        if not self.signed(sha(b"vunglam audit range", *parts), r["signature"]):
            return self.flaw("A20", "the range is not signed", r["writer"])
        self.ranges[r["writer"]] = r
        self.places[r["writer"]] = (r["from_seq"] - 1, r["before"])

    def entry(self, e: dict) -> None:
        writer, seq = e["writer"], e["seq"]
        if writer not in self.places:
            self.places[writer] = (0, sha(b"vunglam audit chain", writer))
        before, hash_before = self.places[writer]
        self.places[writer] = (seq, e["hash"])
        if seq != before + 1:
            self.flaw("A17", f"line {seq} follows line {before}", writer)
        elif sha(hash_before, e["line"].encode()) != e["hash"]:
            self.flaw("A9", "the hash does not follow", writer, seq)
        if self.anchors[writer].get(seq, e["hash"]) != e["hash"]:
            self.flaw("A17", "a root signed another line", writer, seq)
        line = json.loads(e["line"])
        if json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False) != e["line"]:
            self.flaw("A4", "the line is not canonical", writer, seq)
        if not LINE_KEYS <= line.keys() <= LINE_KEYS | OPTIONAL_KEYS or line["v"] != 1:
            return self.flaw("A4", "the line has other keys", writer, seq)
        for copy in ("at", "actor", "action", "outcome"):
            if e[copy] != line[copy]:
                self.flaw("A8", f"the copy of {copy} differs", writer, seq)
        if line["objects"] != sorted(set(line["objects"])) or len(line["objects"]) > 500:
            self.flaw("A4", "objects are not sorted or too many", writer, seq)
        self.named.update((writer, seq, o, line["at"]) for o in line["objects"])
        if line["action"] == "audit.root":
            self.named_roots.append((line.get("record"), writer, seq))

    def object(self, o: dict) -> None:
        self.found[(o["writer"], o["seq"], o["object"], o["at"])] += 1

    def root(self, r: dict) -> None:
        before = self.roots.get(r["number"] - 1)
        before = sha(b"vunglam audit roots") if r["number"] == 1 else before and before["hash"]
        self.roots[r["number"]] = r
        if self.read_root(r) and (before is None or json.loads(r["line"])["prev"] != before):
            self.flaw("A14", "the root does not follow the one before", r["number"])

    def read_root(self, r: dict) -> bool:
        """Checks a root by itself and remembers the places it signs."""
        if sha(b"vunglam audit root", r["line"].encode()) != r["hash"] or not self.signed(r["hash"], r["signature"]):
            self.flaw("A14", "the root is not signed", r["number"])
            return False
        if json.loads(r["line"])["number"] != r["number"]:
            self.flaw("A14", "the root has another number", r["number"])
        for head in json.loads(r["line"])["heads"]:
            if self.anchors[head["writer"]].setdefault(head["length"], head["head"]) != head["head"]:
                self.flaw("A17", "two roots disagree", head["writer"], head["length"])
        return True

    def copied(self, r: dict) -> None:
        """Takes a root that was kept elsewhere."""
        if self.read_root(r):
            self.copies[r["number"]] = r["hash"]

    def end(self, e: dict) -> None:
        for kind, key in (("chain", "chains"), ("entry", "entries"), ("object", "objects"), ("root", "roots")):
            if self.counts[kind] != e[key]:
                self.flaw("A20", f"{e[key]} {key} were written, not {self.counts[kind]}")

    def finish(self, partial: bool) -> None:
        for writer in self.chains.keys() | self.places.keys() | self.anchors.keys():
            self.close(writer, partial)
        for place in (self.named - self.found.keys()) | (self.found.keys() - self.named):
            self.flaw("A8", "a row of objects is missing or extra", *place[:2])
        if max(self.found.values(), default=1) > 1:
            self.flaw("A8", "a row of objects stands twice")
        for number, hash_ in self.copies.items():
            if self.roots.get(number, {}).get("hash") != hash_:
                self.flaw("A16", "a copied root is missing or another", number)
        hashes = {r["hash"] for r in self.roots.values()}
        for record, writer, seq in self.named_roots:
            if record not in hashes:
                self.flaw("A15", "a recorded root is missing", writer, seq)
        if set(self.roots) != set(range(1, len(self.roots) + 1)) or self.counts["end"] != 1:
            self.flaw("A14", "roots are missing, or the file has no end")

    def close(self, writer: str, partial: bool) -> None:
        chain, range_ = self.chains.get(writer), self.ranges.get(writer)
        if chain is None:
            return None if partial and writer not in self.places else self.flaw("A11", "no head", writer)
        seq, last = self.places.get(writer, (0, sha(b"vunglam audit chain", writer)))
        end = (range_["to_seq"], range_["after"]) if range_ else (chain["length"], chain["head"])
        if (seq, last) != end:
            self.flaw("A17", f"the chain ends at line {seq}, not as signed at {end[0]}", writer)
        if max(self.anchors[writer], default=0) > chain["length"]:
            self.flaw("A17", "a root signed more lines", writer)


def check(path: str, key_pem: bytes | None = None, roots: str | None = None) -> dict:
    """Reads an export and says what is in it and what is wrong with it."""
    with open(path, encoding="utf-8") as file:
        header = json.loads(next(file))
        if header["kind"] != "header" or header["format"] != "vunglam audit 1":
            raise ValueError("not an audit export")
        audit = Audit(load_pem_public_key(key_pem or header["public_key"].encode()))
        for copy in open(roots, encoding="utf-8") if roots else ():
            audit.copied(json.loads(copy))
        kinds = {k: getattr(audit, k) for k in ("chain", "pruned", "range", "entry", "object", "root", "end")}
        for text in file:
            record = json.loads(text)
            audit.counts[record["kind"]] += 1
            kinds[record["kind"]](record)
    audit.finish(header["from"] is not None)
    spki = audit.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "counts": dict(audit.counts),
        "key_sha256": hashlib.sha256(spki).hexdigest(),
        "key_given": key_pem is not None,
        "whole": not audit.wrong,
        "flaws": len(audit.wrong),
        "wrong": audit.wrong[:100],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export")
    parser.add_argument("--key")
    parser.add_argument("--roots")
    arguments = parser.parse_args()
    try:
        pem = open(arguments.key, "rb").read() if arguments.key else None
        result = check(arguments.export, pem, arguments.roots)
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        print(f"not an audit export: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2))
    return int(not result["whole"])


if __name__ == "__main__":
    sys.exit(main())
