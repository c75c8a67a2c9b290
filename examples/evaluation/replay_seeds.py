#!/usr/bin/env python3
"""Replays a recording under several scan settings and seeds and prints each figure with a 95 % interval over the seeds.

    python3 replay_seeds.py VUNGLAM RECORDING [--seeds 20] [SETTING …]

A setting is `20`, `60`, … (a scan every so many seconds), `default` (the duty that ships) or `adoption=0.16` (every
contact recorded, so that only who carries a phone varies). The interval is mean ± t·s/√n.
"""
import argparse
import json
import math
import statistics
import subprocess
import sys

T95 = [0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09]
FIGURES = ["recall", "precision", "minutes_error_mean", "minutes_error_max", "found_share_of_all_pairs"]


def options(setting):
    if setting == "default":
        return []
    if setting.startswith("adoption="):
        return ["--scan-interval", "20", "--adoption", setting.split("=")[1]]
    return ["--scan-interval", setting]


def interval(values):
    mean = statistics.fmean(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    t = T95[min(len(values) - 1, len(T95) - 1)]
    return f"{mean:.4f} ± {t * statistics.stdev(values) / math.sqrt(len(values)):.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vunglam")
    parser.add_argument("recording")
    parser.add_argument("settings", nargs="*", default=["60", "120", "300", "default"])
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    for setting in arguments.settings:
        runs = []
        for seed in range(1, arguments.seeds + 1):
            command = [arguments.vunglam, "replay", "--contacts", arguments.recording, "--index", "all"]
            command += ["--seed", str(seed), "--json", *options(setting)]
            out = subprocess.run(command, capture_output=True, text=True)
            if out.returncode:
                sys.exit(out.stderr)
            runs.append(json.loads(out.stdout)["summary"])
            print(f"\r{setting}: {seed} of {arguments.seeds}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        print(f"{setting} ({len(runs)} seeds)")
        for figure in FIGURES:
            values = [run[figure] for run in runs if run.get(figure) is not None]
            if values:
                print(f"  {figure:26}{interval(values)}   least {min(values):.4f}, most {max(values):.4f}", flush=True)


if __name__ == "__main__":
    main()
