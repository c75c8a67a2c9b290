"""An independent reader of export files: protobuf's own parser with descriptors declared by hand, and `cryptography`.

    python check_export.py FILE.zip PUBLIC_KEY.pem   prints header, keys and verdict as JSON; exit 1 if anything is wrong
"""

import base64
import json
import sys
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = b"EK Export v1    "
OPTIONAL, REPEATED = 1, 3
TYPES = {"fixed64": 6, "string": 9, "int32": 5, "bytes": 12, "sint32": 17}

# Message → (number, name, type, repeated), as in Google's export.proto (docs/spec/proximity.md).
MESSAGES = {
    "SignatureInfo": [
        (3, "verification_key_version", "string", False),
        (4, "verification_key_id", "string", False),
        (5, "signature_algorithm", "string", False),
    ],
    "TemporaryExposureKey": [
        (1, "key_data", "bytes", False),
        (2, "transmission_risk_level", "int32", False),
        (3, "rolling_start_interval_number", "int32", False),
        (4, "rolling_period", "int32", False),
        (5, "report_type", "int32", False),
        (6, "days_since_onset_of_symptoms", "sint32", False),
    ],
    "TemporaryExposureKeyExport": [
        (1, "start_timestamp", "fixed64", False),
        (2, "end_timestamp", "fixed64", False),
        (3, "region", "string", False),
        (4, "batch_num", "int32", False),
        (5, "batch_size", "int32", False),
        (6, "signature_infos", "SignatureInfo", True),
        (7, "keys", "TemporaryExposureKey", True),
        (8, "revised_keys", "TemporaryExposureKey", True),
    ],
    "TEKSignature": [
        (1, "signature_info", "SignatureInfo", False),
        (2, "batch_num", "int32", False),
        (3, "batch_size", "int32", False),
        (4, "signature", "bytes", False),
    ],
    "TEKSignatureList": [(1, "signatures", "TEKSignature", True)],
}


class Wrong(Exception):
    """Why a file is not an export of the signer."""


def declare() -> dict:
    """Builds the message classes from the table above."""
    file = descriptor_pb2.FileDescriptorProto(name="export.proto", package="gaen", syntax="proto2")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field_name, kind, repeated in fields:
            field = message.field.add(name=field_name, number=number, label=REPEATED if repeated else OPTIONAL)
            if kind in TYPES:
                field.type = TYPES[kind]
            else:
                field.type, field.type_name = 11, f".gaen.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"gaen.{name}")) for name in MESSAGES}


CLASSES = declare()


def parse(kind: str, content: bytes):
    """Parses bytes as a message and refuses what the table does not name."""
    message = CLASSES[kind]()
    message.ParseFromString(content)
    return message


def check(path: str, pem: bytes) -> dict:
    """Reads an export and verifies its signature.

    Raises Wrong when it is not a whole export signed by the key.
    """
    with zipfile.ZipFile(path) as archive:
        if sorted(archive.namelist()) != ["export.bin", "export.sig"]:
            raise Wrong(f"entries are {archive.namelist()}")
        if archive.testzip() is not None:
            raise Wrong("a checksum of the archive is wrong")
        content, signature_list = archive.read("export.bin"), archive.read("export.sig")
    if content[:16] != MAGIC:
        raise Wrong(f"starts with {content[:16]!r}")
    export = parse("TemporaryExposureKeyExport", content[16:])
    signatures = parse("TEKSignatureList", signature_list).signatures
    public_key = load_pem_public_key(pem)
    verified = 0
    for entry in signatures:
        if (entry.batch_num, entry.batch_size) != (export.batch_num, export.batch_size):
            raise Wrong("the signature is of another batch")
        try:
            public_key.verify(entry.signature, content, ECDSA(SHA256()))
            verified += 1
        except InvalidSignature:
            continue
    if not verified:
        raise Wrong(f"none of {len(signatures)} signatures verifies")
    if any(len(key.key_data) != 16 for key in list(export.keys) + list(export.revised_keys)):
        raise Wrong("a key has not 16 bytes")
    order = [key.key_data for key in export.keys]
    return {
        "region": export.region,
        "start": export.start_timestamp,
        "end": export.end_timestamp,
        "batch": [export.batch_num, export.batch_size],
        "signature_infos": [info.verification_key_id for info in export.signature_infos],
        "keys_are_sorted": order == sorted(order),
        "keys": [describe(key) for key in export.keys],
        "revised_keys": [describe(key) for key in export.revised_keys],
    }


def describe(key) -> dict:
    """Returns a key as JSON, with GAEN's default period of 144 when none is written."""
    return {
        "key": base64.b64encode(key.key_data).decode(),
        "rolling_start": key.rolling_start_interval_number,
        "rolling_period": key.rolling_period if key.HasField("rolling_period") else 144,
        "report_type": key.report_type,
        "transmission_risk": key.transmission_risk_level,
        "days_since_onset": key.days_since_onset_of_symptoms if key.HasField("days_since_onset_of_symptoms") else None,
    }


def main(arguments: list[str]) -> int:
    """Prints the export as JSON, or why it is refused."""
    path, pem_path = arguments
    with open(pem_path, "rb") as pem:
        try:
            print(json.dumps(check(path, pem.read()), indent=2))
        except (Wrong, zipfile.BadZipFile, ValueError) as error:
            print(f"refused: {error}", file=sys.stderr)
            return 1
        except Exception as error:  # protobuf's DecodeError has no stable home
            print(f"refused: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
