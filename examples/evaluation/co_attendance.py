#!/usr/bin/env python3
"""Who was at a venue together with somebody, straight from the rules V23 to V26 of docs/spec/venues.md.

An independent reading for tests: no index, no shortcuts. Reads one JSON object from standard input:

    {"now": …, "longest": {"VENUE": SECONDS}, "scans": [[venue, person, at, "in" | "out" | until], …],
     "questions": [[venue, person, from, to], …]}

and writes a JSON list with, for each question, the list of [person, seconds together, both ends scanned], ranked.
"""
import json
import sys
from collections import defaultdict

AGAIN = 120


def visits_of(scans, longest, now):
    """Returns (from, to, both ends scanned) of one person at one venue."""
    found = []
    order = {"in": 0, "out": 1}
    entered = None
    left = None
    for at, what in sorted(set(scans), key=lambda scan: (scan[0], order.get(scan[1], 2), str(scan[1]))):
        if what == "in":
            if entered is None:
                entered = at
            elif at - entered > AGAIN:
                found.append((entered, min(entered + longest, at), False))
                entered = at
        elif what == "out":
            if entered is not None and at - entered <= longest:
                found.append((entered, at, True))
            else:
                ended = None
                if entered is not None:
                    ended = entered + longest
                    found.append((entered, ended, False))
                again = entered is None and left is not None and at - left <= AGAIN
                if not again:
                    bounds = [at - longest] + [x for x in (left, ended) if x is not None]
                    found.append((max(bounds), at, False))
            entered, left = None, at
        else:
            found.append((at, min(what, at + longest), True))
    if entered is not None:
        found.append((entered, min(now, entered + longest), False))
    return [visit for visit in found if visit[0] < visit[1]]


def seconds(intervals):
    """Returns how many seconds are in at least one interval."""
    total, reached = 0, None
    for start, end in sorted(intervals):
        if reached is None or start > reached:
            total += end - start
            reached = end
        elif end > reached:
            total += end - reached
            reached = end
    return total


def main():
    asked = json.load(sys.stdin)
    at_venue = defaultdict(lambda: defaultdict(list))
    for venue, person, at, what in asked["scans"]:
        at_venue[venue][person].append((at, what))
    answers = []
    for venue, person, start, end in asked["questions"]:
        longest = asked["longest"][str(venue)]
        clipped = {}
        for who, scans in at_venue[venue].items():
            near = [scan for scan in scans if start - longest <= scan[0] < end + longest]
            visits = visits_of(near, longest, asked["now"])
            clipped[who] = [(max(a, start), min(b, end), both) for a, b, both in visits if max(a, start) < min(b, end)]
        own = clipped.get(person, [])
        ranked = []
        for who, theirs in clipped.items():
            if who == person:
                continue
            shared, scanned = [], True
            for a, b, both in theirs:
                for c, d, _ in own:
                    if max(a, c) < min(b, d):
                        shared.append((max(a, c), min(b, d)))
                        scanned = scanned and both
            if shared:
                ranked.append((not scanned, -seconds(shared), min(shared)[0], who))
        answers.append([[who, -length, not guessed] for guessed, length, _, who in sorted(ranked)])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
