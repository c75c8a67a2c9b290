"""Checks the control row of a list that was exported as CSV or XLSX, with the standard library alone (docs/spec/exchange.md).

Usage: check_list.py FILE
Prints the rows (heading included, control row not) as JSON, or says what does not agree and ends with 1.
"""

import csv
import hashlib
import json
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            yield [cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell for cell in row]


def read_xlsx(path):
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        shared = []
        if "xl/sharedStrings.xml" in names:
            for item in ET.fromstring(book.read("xl/sharedStrings.xml")):
                shared.append("".join(text.text or "" for text in item.iter(SHEET + "t")))
        for row in ET.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(SHEET + "row"):
            cells = []
            for cell in row:
                if cell.find(SHEET + "f") is not None:
                    sys.exit("a cell is a formula")
                letters = re.match(r"[A-Z]+", cell.get("r")).group()
                column = 0
                for letter in letters:
                    column = column * 26 + ord(letter) - 64
                cells += [""] * (column - len(cells) - 1)
                if cell.get("t") == "inlineStr":
                    cells.append("".join(text.text or "" for text in cell.iter(SHEET + "t")))
                elif cell.get("t") == "s":
                    cells.append(shared[int(cell.find(SHEET + "v").text)])
                else:
                    value = cell.find(SHEET + "v")
                    cells.append("" if value is None else value.text)
            yield cells


def main(path):
    rows = list(read_xlsx(path) if path.endswith(".xlsx") else read_csv(path))
    said = rows.pop()
    if not said[0].startswith("#VUNGLAM"):
        sys.exit("there is no control row")
    digest, cells = hashlib.sha256(), 0
    for row in rows:
        while row and not row[-1].strip():
            row.pop()
        for cell in row:
            cells += bool(cell.strip())
            digest.update(cell.encode() + b"\x1f")
        digest.update(b"\x1e")
    found = [f"rows={len(rows)}", f"cells={cells}", f"sha256={digest.hexdigest()}"]
    if found != said[1:4]:
        sys.exit(f"the control row says {said[1:4]}, the list is {found}")
    print(json.dumps(rows, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
