"""Checks our programs with the independent ones beside this file: `python test_peers.py FOLDER_OF_BUILT_EXAMPLES`.

Closes with one line `N passed, N failed`.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import traceback
import zipfile

import check_export
import gaen

EXAMPLES = pathlib.Path(sys.argv[1])
VUNGLAM = EXAMPLES.parent / "vunglam"


def sample(folder: pathlib.Path) -> dict:
    """Lets our writer write an export and returns what it says is in it."""
    run = subprocess.run([EXAMPLES / "export_sample", folder], capture_output=True, check=True)
    return json.loads(run.stdout)


def an_export_of_ours_is_read_key_by_key_and_its_signature_holds(folder: pathlib.Path) -> None:
    ours = sample(folder)
    theirs = check_export.check(folder / "sample.zip", (folder / "sample.pem").read_bytes())
    assert (theirs["region"], theirs["batch"], theirs["keys_are_sorted"]) == ("82", [1, 1], True), theirs
    for key in theirs["keys"]:
        key["key"] = base64.b64decode(key["key"]).hex()
    assert theirs["keys"] == ours["keys"] and len(ours["keys"]) == 200


def a_changed_export_is_refused_by_the_peer(folder: pathlib.Path) -> None:
    sample(folder)
    pem = (folder / "sample.pem").read_bytes()
    with zipfile.ZipFile(folder / "sample.zip") as archive:
        content, signatures = archive.read("export.bin"), archive.read("export.sig")
    for at in range(16, len(content), 101):
        changed = bytearray(content)
        changed[at] ^= 1
        with zipfile.ZipFile(folder / "changed.zip", "w") as archive:
            archive.writestr("export.bin", bytes(changed))
            archive.writestr("export.sig", signatures)
        try:
            check_export.check(folder / "changed.zip", pem)
        except Exception:
            continue
        raise AssertionError(f"a flip of byte {at} was not noticed")


def sealed_metadata_of_ours_is_what_the_specification_gives(folder: pathlib.Path) -> None:
    for one in sample(folder)["sealed"]:
        tek = bytes.fromhex(one["tek"])
        rpi = gaen.identifier(gaen.derive(tek, b"EN-RPIK"), one["interval"])
        first = bytes([0x50]) + one["tx_power"].to_bytes(1, "big", signed=True)
        aem = gaen.encrypted_metadata(gaen.derive(tek, b"EN-AEMK"), rpi, gaen.metadata_with_mac(tek, rpi, first))
        assert (rpi.hex(), aem.hex()) == (one["rpi"], one["aem"]), one


def the_peer_gives_the_official_values(folder: pathlib.Path) -> None:
    # Exposure Notification test vectors v1.2, google/exposure-notifications-internals @aaada6c (Apache-2.0)
    tek = bytes.fromhex("75c734c6dd1a782de7a965da5eb93125")
    found = gaen.expand(tek, 2642976, 2, bytes.fromhex("40080000"))
    assert found["rpik"] == "185ad91db69ec7dd048960f1f3ba6175"
    assert found["aemk"] == "d57c46af7a1d83965b9bed8bd152936a"
    assert found["intervals"] == [
        {"interval": 2642976, "rpi": "8be6cd371c5c891604bfbe49df845096", "aem": "72033874"},
        {"interval": 2642977, "rpi": "3c9a1de5dd6b02afa7fded7b570b3e56", "aem": "c29211b1"},
    ], found


def inspect_tek_prints_what_the_peer_derives(folder: pathlib.Path) -> None:
    for tek, start, period, metadata in [
        ("75c734c6dd1a782de7a965da5eb93125", 2642976, 144, "40080000"),
        ("00" * 16, 0, 1, "00000000"),
        ("ff" * 16, 4_294_967_000, 24, "50ebffff"),
    ]:
        arguments = ["inspect", "tek", "--json", "--tek", tek, "--interval", str(start), "--period", str(period)]
        run = subprocess.run([VUNGLAM, *arguments, "--metadata", metadata], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout) == gaen.expand(bytes.fromhex(tek), start, period, bytes.fromhex(metadata)), tek


TESTS = [
    the_peer_gives_the_official_values,
    an_export_of_ours_is_read_key_by_key_and_its_signature_holds,
    a_changed_export_is_refused_by_the_peer,
    sealed_metadata_of_ours_is_what_the_specification_gives,
    inspect_tek_prints_what_the_peer_derives,
]


def main() -> int:
    failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok   {test.__name__}")
            except Exception:
                failed += 1
                print(f"FAIL {test.__name__}")
                traceback.print_exc(file=sys.stdout)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
