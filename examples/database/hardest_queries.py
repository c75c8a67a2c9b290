#!/usr/bin/env python3
"""Tries the five hardest queries to come at a million rows on SQLite and on PostgreSQL: one SQL text for both.

    python3 hardest_queries.py [ROWS]

Needs `psql`, `initdb` and `postgres` (Debian: postgresql) and Python's sqlite3. Starts a private cluster on a Unix
socket in a temporary folder and removes it. Every answer is compared between the two engines; times are medians of
five runs, in milliseconds. The result is recorded in docs/adr/0003-database-grammar.md.
"""
import glob
import hashlib
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
RUNS = 5
DAY = 20_000

SCHEMA = """
CREATE TABLE scan (id BIGINT PRIMARY KEY, venue BIGINT NOT NULL, subject BIGINT NOT NULL, at_s BIGINT NOT NULL,
  direction BIGINT NOT NULL CHECK (direction IN (0, 1)));
CREATE INDEX scan_by_subject ON scan (venue, subject, at_s);
CREATE INDEX scan_of_subject ON scan (subject, at_s);
CREATE TABLE roster (organisation BIGINT NOT NULL, person BIGINT NOT NULL, PRIMARY KEY (organisation, person));
CREATE TABLE declaration (id BIGINT PRIMARY KEY, person BIGINT NOT NULL, day BIGINT NOT NULL, at_s BIGINT NOT NULL);
CREATE INDEX declaration_by_day ON declaration (day, person);
CREATE INDEX declaration_of_person ON declaration (person, at_s);
CREATE TABLE install_count (unit BIGINT NOT NULL, day BIGINT NOT NULL, installs BIGINT NOT NULL, PRIMARY KEY (unit, day));
CREATE TABLE unit (unit BIGINT PRIMARY KEY, population BIGINT NOT NULL);
CREATE TABLE job (id BIGINT PRIMARY KEY, state TEXT NOT NULL, run_at_s BIGINT NOT NULL, leased_until_s BIGINT NOT NULL);
CREATE INDEX job_due ON job (run_at_s, id) WHERE state = 'waiting';
CREATE TABLE contact_call (id BIGINT PRIMARY KEY, person BIGINT NOT NULL, at_s BIGINT NOT NULL);
CREATE INDEX contact_call_of_person ON contact_call (person, at_s);
CREATE TABLE milestone (id BIGINT PRIMARY KEY, person BIGINT NOT NULL, at_s BIGINT NOT NULL);
CREATE INDEX milestone_of_person ON milestone (person, at_s);
"""

PAIR = """
SELECT venue, subject, at_s AS from_s,
       CASE WHEN next_direction = 1 THEN next_at_s ELSE at_s + 14400 END AS to_s,
       CASE WHEN next_direction = 1 THEN 0 ELSE 1 END AS auto_closed
FROM (SELECT venue, subject, at_s, direction,
             LEAD(at_s) OVER (PARTITION BY venue, subject ORDER BY at_s, id) AS next_at_s,
             LEAD(direction) OVER (PARTITION BY venue, subject ORDER BY at_s, id) AS next_direction
      FROM scan WHERE venue = {venue}) AS ordered
WHERE direction = 0 ORDER BY from_s, subject"""

MISSING = """
SELECT r.person FROM roster r
WHERE r.organisation = {organisation}
  AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.day = {day} AND d.person = r.person)
ORDER BY r.person"""

RANKING = """
WITH latest AS (
  SELECT unit, MAX(day) AS day FROM install_count WHERE day <= {day} GROUP BY unit)
SELECT u.unit, c.installs, u.population,
       RANK() OVER (ORDER BY CAST(c.installs AS DOUBLE PRECISION) / u.population DESC) AS place
FROM unit u JOIN latest l ON l.unit = u.unit JOIN install_count c ON c.unit = l.unit AND c.day = l.day
ORDER BY place, u.unit"""

LEASE = """
UPDATE job SET state = 'leased', leased_until_s = {until}
WHERE id IN (SELECT id FROM job WHERE state = 'waiting' AND run_at_s <= {now} ORDER BY run_at_s, id LIMIT 20 {skip})
RETURNING id"""

TIMELINE = """
SELECT at_s, kind, id FROM (
  SELECT * FROM (SELECT at_s, 1 AS kind, id FROM scan WHERE subject = {person} AND at_s < {before} ORDER BY at_s DESC LIMIT 50) AS a
  UNION ALL
  SELECT * FROM (SELECT at_s, 2 AS kind, id FROM declaration WHERE person = {person} AND at_s < {before} ORDER BY at_s DESC LIMIT 50) AS b
  UNION ALL
  SELECT * FROM (SELECT at_s, 3 AS kind, id FROM contact_call WHERE person = {person} AND at_s < {before} ORDER BY at_s DESC LIMIT 50) AS c
  UNION ALL
  SELECT * FROM (SELECT at_s, 4 AS kind, id FROM milestone WHERE person = {person} AND at_s < {before} ORDER BY at_s DESC LIMIT 50) AS d
) AS every ORDER BY at_s DESC, kind, id LIMIT 50"""


def tables():
    rng = random.Random(3583)
    yield "scan", [
        (i, rng.randrange(500), rng.randrange(ROWS // 20), 1_626_000_000 + rng.randrange(14 * 86_400), rng.randrange(2))
        for i in range(ROWS)
    ]
    yield "roster", [(p % 400, p) for p in range(ROWS // 5)]
    yield "declaration", [
        (i, rng.randrange(ROWS // 5), DAY - rng.randrange(14), 1_626_000_000 + rng.randrange(14 * 86_400))
        for i in range(ROWS)
    ]
    days = ROWS // 10_599 + 1
    yield "install_count", [(u, DAY - d, 50 + rng.randrange(200)) for u in range(10_599) for d in range(days)]
    yield "unit", [(u, 1_000) for u in range(10_599)]
    yield "job", [(i, "waiting", 1_626_000_000 + rng.randrange(86_400), 0) for i in range(ROWS)]
    for name in ("contact_call", "milestone"):
        yield name, [
            (i, rng.randrange(ROWS // 20), 1_626_000_000 + rng.randrange(14 * 86_400)) for i in range(ROWS)
        ]


QUERIES = [
    ("pair in and out scans of a venue", PAIR, {"venue": 7}),
    ("who of an organisation has not declared", MISSING, {"organisation": 7, "day": DAY}),
    ("rank 10,599 units with ties", RANKING, {"day": DAY}),
    ("lease 20 jobs", LEASE, {"now": 1_626_090_000, "until": 1_626_091_000}),
    ("timeline of a person from four tables", TIMELINE, {"person": 11, "before": 1_627_000_000}),
]


class Sqlite:
    name, skip = "SQLite " + sqlite3.sqlite_version, ""

    def __init__(self, folder):
        self.db = sqlite3.connect(os.path.join(folder, "try.sqlite"), isolation_level=None)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;")
        # STRICT tables say INTEGER where PostgreSQL says BIGINT: a token of the migrations.
        schema = SCHEMA.replace("BIGINT", "INTEGER")
        strict = [s.strip() + (" STRICT" if "CREATE TABLE" in s else "") for s in schema.split(";") if s.strip()]
        self.db.executescript(";\n".join(strict))

    def fill(self, table, rows):
        self.db.execute("BEGIN")
        self.db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        self.db.execute("COMMIT")

    def settle(self):
        self.db.execute("ANALYZE")

    def run(self, sql):
        start = time.perf_counter()
        rows = self.db.execute(sql).fetchall()
        return (time.perf_counter() - start) * 1000, rows

    def close(self):
        self.db.close()


class Postgres:
    skip = "FOR UPDATE SKIP LOCKED"

    def __init__(self, folder):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.name = subprocess.check_output([self.bin + "/postgres", "--version"], text=True).split(" (Debian")[0].strip()
        self.socket = os.path.join(folder, "pg")
        os.mkdir(self.socket, 0o700)
        self.prefix = []
        if os.geteuid() == 0:
            shutil.chown(self.socket, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        data = self.socket + "/data"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        init = [self.bin + "/initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(self.prefix + init, check=True, **quiet)
        run = [self.bin + "/postgres", "-D", data, "-k", self.socket, "-c", "listen_addresses=", "-c", "shared_buffers=256MB"]
        self.server = subprocess.Popen(self.prefix + run, **quiet)
        while subprocess.run([self.bin + "/pg_isready", "-h", self.socket], **quiet).returncode:
            time.sleep(0.1)
        self.psql(SCHEMA)

    def psql(self, script):
        # psql times each statement itself (\\timing): starting the client does not count.
        args = ["psql", "-h", self.socket, "-U", "postgres", "-d", "postgres", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run(self.prefix + args, input=script, text=True, check=True, capture_output=True, cwd="/").stdout

    def fill(self, table, rows):
        body = "\n".join("\t".join(map(str, row)) for row in rows)
        self.psql(f"COPY {table} FROM STDIN;\n{body}\n\\.\n")

    def settle(self):
        self.psql("VACUUM ANALYZE;")

    def run(self, sql):
        lines = self.psql(f"\\timing on\n{sql};").splitlines()
        ms = float(lines[-1].split()[1])
        return ms, [tuple(int(v) for v in line.split("\t")) for line in lines[:-1]]

    def close(self):
        self.server.send_signal(2)
        self.server.wait()


def main():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        engines = [Sqlite(folder), Postgres(folder)]
        for table, rows in tables():
            for engine in engines:
                engine.fill(table, rows)
        for engine in engines:
            engine.settle()
        print(f"{ROWS} rows a table; {', '.join(e.name for e in engines)}")
        for title, sql, values in QUERIES:
            cells, answers = [], []
            for engine in engines:
                runs = [engine.run(sql.format(skip=engine.skip, **values)) for _ in range(RUNS)]
                answers.append([sorted(rows) if sql is LEASE else rows for _, rows in runs])
                cells.append(f"{statistics.median(ms for ms, _ in runs):8.1f} ms")
            if answers[0] != answers[1]:
                sys.exit(f"{title}: the engines disagree")
            digest = hashlib.sha256(repr(answers[0]).encode()).hexdigest()[:8]
            print(f"{title:44}{'  '.join(cells)}   {len(answers[0][0])} rows, {digest}")
        for engine in engines:
            engine.close()


if __name__ == "__main__":
    main()
