#!/usr/bin/env python3
"""Writes daily_summaries.json: random windows and configurations, with the daily summaries that docs/spec/risk.md R5-R8
give for them. Exact rational arithmetic; shares nothing with the Rust code. Seeded: the output never changes.

    python3 daily_summaries.py > daily_summaries.json
"""
import json
import random
from fractions import Fraction

TYPES = ["UNKNOWN", "CONFIRMED_TEST", "CONFIRMED_CLINICAL_DIAGNOSIS", "SELF_REPORT", "RECURSIVE", "REVOKED"]
LEVELS = ["NONE", "STANDARD", "HIGH"]
WEIGHTS = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5]
DAY_MS = 86_400_000
TODAY = 18_830


def case(rng):
    config = {
        "attenuationBucketThresholdDb": sorted(rng.sample(range(30, 90), 3)),
        "attenuationBucketWeights": [rng.choice(WEIGHTS) for _ in range(4)],
        "infectiousnessWeights": [rng.choice(WEIGHTS) for _ in range(3)],
        "reportTypeWeights": [rng.choice(WEIGHTS) for _ in range(6)],
        "minimumWindowScore": rng.choice([0, 0, 30, 120]),
        "daysSinceExposureThreshold": rng.choice([0, 0, 2]),
        "notice": {"thresholdMinutes": rng.choice([1, 5, 15])},
    }
    windows = [
        {
            "dateMillisSinceEpoch": (TODAY - rng.randrange(4)) * DAY_MS,
            "reportType": rng.choice(TYPES),
            "infectiousness": rng.choice(LEVELS),
            "calibrationConfidence": rng.randrange(4),
            "scanInstances": [
                # thresholds themselves are drawn often: they are inclusive
                {
                    "typicalAttenuationDb": rng.choice(config["attenuationBucketThresholdDb"] + [rng.randrange(20, 100)]),
                    "minAttenuationDb": 20,
                    "secondsSinceLastScan": rng.randrange(0, 301),
                }
                for _ in range(rng.randrange(0, 8))
            ],
        }
        for _ in range(rng.randrange(0, 9))
    ]
    return {"today": TODAY, "config": config, "windows": windows, **expected(config, windows)}


def expected(config, windows):
    days = {}
    for w in windows:
        day = w["dateMillisSinceEpoch"] // DAY_MS
        limit = config["daysSinceExposureThreshold"]
        if w["reportType"] in ("UNKNOWN", "REVOKED"):
            continue
        if limit and TODAY - day > limit:
            continue
        entry = days.setdefault(day, {})
        duration = Fraction(0)
        for s in w["scanInstances"]:
            bucket = sum(s["typicalAttenuationDb"] > t for t in config["attenuationBucketThresholdDb"])
            duration += s["secondsSinceLastScan"] * Fraction(config["attenuationBucketWeights"][bucket])
        score = duration
        score *= Fraction(config["reportTypeWeights"][TYPES.index(w["reportType"])])
        score *= Fraction(config["infectiousnessWeights"][LEVELS.index(w["infectiousness"])])
        if score < config["minimumWindowScore"]:
            continue
        entry.setdefault(w["reportType"], []).append((score, duration))
    summaries, notices = [], []
    for day, reports in sorted(days.items()):
        everything = [pair for pairs in reports.values() for pair in pairs]
        total = add(everything)
        summaries.append(
            {"daysSinceEpoch": day, "summaryData": total, "reportSummaries": {k: add(v) for k, v in reports.items()}}
        )
        if total["scoreSum"] >= config["notice"]["thresholdMinutes"] * 60:
            notices.append(day)
    return {"summaries": summaries, "noticeDays": notices}


def add(pairs):
    return {
        "maximumScore": float(max((s for s, _ in pairs), default=0)),
        "scoreSum": float(sum(s for s, _ in pairs)),
        "weightedDurationSum": float(sum(d for _, d in pairs)),
    }


rng = random.Random(11042)
cases = [case(rng) for _ in range(60)]
print(json.dumps({"source": "docs/spec/risk.md R5-R8, computed by daily_summaries.py", "cases": cases}, separators=(",", ":")))
