"""Walks a published line list by brute force: who came from whom, and how far each case is from one without a known source.

Usage: check_chain.py patients.json
Prints {"cases": n, "links": n, "generations": {"id": n, ...}} as JSON. Shares nothing with the program it checks.
"""

import json
import sys


def main(path):
    with open(path, encoding="utf-8") as file:
        patients = json.load(file)["data"]
    known = {patient["id"] for patient in patients}
    sources = {patient["id"]: [s for s in patient["source"] if s in known] for patient in patients}

    def generation(case):
        # Every way back to the beginning is walked; the shortest counts.
        ways, shortest = [(case, 0)], None
        while ways:
            here, steps = ways.pop()
            if not sources[here]:
                shortest = steps if shortest is None else min(shortest, steps)
            ways += [(source, steps + 1) for source in sources[here] if steps < len(patients)]
        return shortest

    print(
        json.dumps(
            {
                "cases": len(patients),
                "links": sum(len(found) for found in sources.values()),
                "generations": {case: generation(case) for case in sources},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
