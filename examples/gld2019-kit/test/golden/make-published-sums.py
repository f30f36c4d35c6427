"""Sums over the authors' result tables, to find numbers that were copied wrong.

    python make-published-sums.py CLONE > published-sums.json

CLONE is a clone of the authors' repository with its history. Of each table: for each column of numbers the sum, and the
sum weighted by the row's place from 1, both in hundredths, so that a changed number or two exchanged rows show.
"""

import json
import re
import subprocess
import sys
from decimal import Decimal

# name: revision and file, which table of the file
TABLES = {
    "losses": ("98a83b4:benchmark.md", 0),
    "all of v2": ("98a83b4:benchmark.md", 1),
    "cleaning grid": ("98a83b4:benchmark.md", 2),
    "data sets": ("98a83b4:README.md", 0),
    "losses, read-me": ("98a83b4:README.md", 1),
    "training data, read-me": ("98a83b4:README.md", 2),
    "re-ranking": ("98a83b4:README.md", 3),
    "standings": ("3fee857:README.md", 1),
    "steps": ("6100de2:benchmark.md", 4),
}


def show(clone, blob):
    return subprocess.run(["git", "-C", clone, "show", blob], capture_output=True, text=True, check=True).stdout


def tables(text):
    """Each table's rows of cells: what follows a line of dashes."""
    found = []
    inside = False
    for line in text.split("\n"):
        dashes = re.fullmatch(r"\|[\s|:-]+\|?", line) is not None
        if dashes:
            found.append([])
        elif line.startswith("|") and inside:
            found[-1].append([cell.strip(" *") for cell in line.strip().strip("|").split("|")])
        inside = line.startswith("|") and (dashes or inside)
    return found


def hundredths(cell):
    cell = cell.replace(",", "")
    return int(Decimal(cell) * 100) if re.fullmatch(r"\d+(\.\d+)?", cell) else None


def sums(columns):
    numbers = [[hundredths(cell) for cell in cells] for cells in columns]
    numbers = [values for values in numbers if None not in values]
    return [[sum(values), sum((i + 1) * value for i, value in enumerate(values))] for values in numbers]


def main(clone):
    result = {name: sums(zip(*tables(show(clone, blob))[i])) for name, (blob, i) in TABLES.items()}
    # The first version of the table of losses is text: "roxford5k: mAP E: 85.9, M: 71.94, H: 49.7".
    lines = re.findall(r"^\w+: mAP (.*)$", show(clone, "0f089fa:benchmark.md"), re.MULTILINE)
    result["earlier losses"] = sums([re.findall(r"\d+(?:\.\d+)?", "; ".join(lines))])
    json.dump(result, sys.stdout)
    print()


main(sys.argv[1])
