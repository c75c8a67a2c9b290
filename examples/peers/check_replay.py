#!/usr/bin/env python3
"""Counts a replay's answers again from the raw recording, in another language.

    vunglam replay --contacts FILE --index all --scan-interval 20 --json > replay.json
    python3 check_replay.py FILE replay.json

Truth: two people were together for at least 900 seconds on one UTC day, second 0 of the recording being a midnight and
a row `t i j` meaning contact during [t-20, t]. Prints recall and precision per index person and over all pairs; ends
with status 1 when a figure of the replay's summary disagrees.
"""
import collections
import csv
import gzip
import io
import json
import sys
import zipfile

STEP, DAY, RULE = 20, 86_400, 900


def text(path):
    raw = open(path, "rb").read()
    if path.endswith(".gz"):
        raw = gzip.decompress(raw)
    elif path.endswith(".zip"):
        archive = zipfile.ZipFile(io.BytesIO(raw))
        raw = archive.read(archive.namelist()[0])
    return raw.decode()


def rows(path):
    body = text(path)
    if body.startswith(","):
        for row in csv.DictReader(io.StringIO(body)):
            yield int(row["contact_time"]), row["id1"], row["id2"]
        return
    for line in body.splitlines():
        fields = line.split()
        if fields:
            yield int(fields[0]), fields[1], fields[2]


def truth(path):
    together = collections.defaultdict(set)
    for t, i, j in rows(path):
        together[tuple(sorted((i, j))), (t - STEP) // DAY].add(t)
    close = collections.defaultdict(set)
    for ((i, j), _day), times in together.items():
        if STEP * len(times) >= RULE:
            close[i].add(j)
            close[j].add(i)
    return close


def main(recording, answers):
    close = truth(recording)
    replay = json.load(open(answers))
    covered = {p["person"] for p in replay["people"] if p["covered"]}
    hits = found = due = 0
    for person in replay["people"]:
        if not person["index"]:
            continue
        want = close.get(person["person"], set()) & covered
        got = set(person["notified"])
        hits += len(want & got)
        found += len(got)
        due += len(want)
    recall = hits / due if due else 1.0
    precision = hits / found if found else 1.0
    print(f"contacts due {due}, notified {found}, of them right {hits}: recall {recall:.4f}, precision {precision:.4f}")
    summary = replay["summary"]
    wrong = [
        name
        for name, value in (("recall", recall), ("precision", precision), ("true_contacts", due), ("notified", found))
        if abs(summary[name] - value) > 1e-9
    ]
    if wrong:
        print(f"the replay states otherwise: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
