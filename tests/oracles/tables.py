"""Tables that exporters and readers get wrong: our own, and those of pinned packages."""

import csv
import dataclasses
import json
import os
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
PACKAGES = ROOT / "node_modules"

# `cargo xtask test oracles --all` reads every table in every form; without it a chosen set of about 40 files a format is read.
ALL = os.environ.get("ORACLES_ALL") == "1"

# Texts that exporters and readers get wrong.
NASTY = [
    "", " ", "  two  ", "a", "007", "1e5", "-5", "-1.5e3", "+33 1 23", "=1+1", "'=1", "''=1", "@x", "+cmd|' /C calc'!A0",
    "\t", "\n", "\r\n", "\r", "a\rb", "a\nb", "\n\n", ",", ";", "|", '"', '""', 'a"b', "a,b", "a;b", "'", "''", "`",
    "null", "NULL", "None", "true", "FALSE", "NaN", "ID", "ID;PWXL", "sep=;", "#", "#N/A", "\\", "\\n", '\\"',
    "ä", "Größe", "日本語", "العربية", "😀", "👩‍👩‍👧", "e\u0301", "\u00a0", "\u3000=1", "\ufeff", "\ufeff=1", "\u2028", "\u200b",
    "＝1", "\x01", "\x0b", "\x0c", "\x1f", "\x7f", "\u0085", "\u009f", "\ufffd", "\uffff", "\U0010ffff",
    "<b>", "</td>", "</table><script>alert(1)</script>", "<!--", "-->", "<![CDATA[", "&amp;", "&#0;", "&lt", "&notin;",
    "<plaintext>", "<textarea>", "javascript:alert(1)", "' onmouseover='x", "{rows}", "{name}", "${7*7}", "{{7*7}}",
    "12345678901234567890", "0.1", "1,234.5", "2026-01-31", "2026-01-31T12:00:00Z", "a" * 40_000,
]

# The data sets of the package vega-datasets that are free to use, with the licence that it names for each.
FREE = {
    "airports.csv": "other-open",
    "birdstrikes.csv": "U.S. Government Dataset",
    "budgets.json": "U.S. Government Dataset",
    "burtin.json": "BSD License (via Protovis)",
    "co2-concentration.csv": "Creative Commons Attribution 4.0",
    "countries.json": "Creative Commons Attribution 4.0 International",
    "earthquakes.json": "U.S. Public Domain",
    "flights-airport.csv": "U.S. Government Dataset",
    "gapminder-health-income.csv": "Creative Commons Attribution 4.0 International",
    "gapminder.json": "Creative Commons Attribution 4.0 International",
    "global-temp.csv": "U.S. Government Dataset",
    "iowa-electricity.csv": "U.S. Government Dataset",
    "londonCentroids.json": "UK Open Government License",
    "monarchs.json": "Open Government Licence v3.0 (UK)",
    "obesity.json": "U.S. Government Dataset",
    "penguins.json": "CC0 1.0 Universal",
    "political-contributions.json": "Creative Commons Zero 1.0 Universal",
    "population_engineers_hurricanes.csv": "U.S. Government Dataset",
    "seattle-weather.csv": "U.S. Government Dataset",
    "species.csv": "U.S. Government Dataset",
    "unemployment-across-industries.json": "U.S. Government Dataset",
    "unemployment.tsv": "U.S. Government Dataset",
    "us-employment.csv": "U.S. Government Dataset",
    "us-state-capitals.json": "U.S. Government Dataset",
    "weather.csv": "U.S. Government Dataset",
    "wheat.json": "Public Domain",
    "zipcodes.csv": "Creative Commons Attribution 4.0 International",
}


class Number(str):
    """A number as its digits stand, which is no text."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return isinstance(other, Number) and str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other


class Missing:
    """What stands where a record lacks a column."""

    def __repr__(self):
        return "MISSING"


MISSING = Missing()


@dataclasses.dataclass
class Table:
    """A table as the exporter gets it, in JSON text, and as a reader should find it."""

    name: str
    data: str
    columns: list
    rows: list

    @classmethod
    def of_rows(cls, name, columns, rows):
        data = json_text({"columns": columns, "rows": rows})
        return cls(name, data, columns, [list(row) for row in rows])

    @classmethod
    def of_records(cls, name, records):
        columns = list(dict.fromkeys(key for record in records for key in record))
        rows = [[record.get(key, MISSING) for key in columns] for record in records]
        return cls(name, json_text(records), columns, rows)

    def head(self, most):
        """The same with fewer rows, for readers that take their time."""
        if len(self.rows) <= most:
            return self
        return Table.of_rows(self.name, self.columns, [[None if cell is MISSING else cell for cell in row] for row in self.rows[:most]])

    def texts(self, decimal="."):
        """What each cell shows; None where there is no value."""
        return [[cell_text(cell, decimal) for cell in row] for row in self.rows]


def json_text(value):
    """Compact JSON, with numbers as they stand."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(key)}:{json_text(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def parse_json(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def cell_text(value, decimal="."):
    if value is None or value is MISSING:
        return None
    if isinstance(value, Number):
        return str(value).replace(".", decimal)
    return value if isinstance(value, str) else json_text(value)


def grids(name, texts):
    """Tables in which every text stands in every place: alone, first, last, as a label."""
    yield Table.of_rows(f"{name}, one column", ["only"], [[text] for text in texts])
    yield Table.of_rows(f"{name}, three columns", ["a", "b", "c"], [[x, Number("1.5"), y] for x, y in zip(texts, reversed(texts))])
    labels = [f"{text[:50]}{number}" for number, text in enumerate(texts)]
    yield Table.of_rows(f"{name}, as labels", labels, [texts, texts[::-1]])


def nasty_tables():
    yield from grids("nasty", NASTY)
    others = [None, None, True, False, Number("0"), Number("-1.50"), Number("1e400"), Number("12345678901234567890.5"), [], {"ä,": [None]}]
    rng = random.Random(20260131)
    for number in range(20):
        columns = [f"c{column}" for column in range(rng.randint(1, 6))]
        rows = [[rng.choice(rng.choice([NASTY, NASTY, others])) for _ in columns] for _ in range(rng.randint(0, 40))]
        yield Table.of_rows(f"random {number}", columns, rows)


def sample(given, count):
    """All of a list with ALL, else so many of it, spread over the whole."""
    given = list(given)
    if ALL or len(given) <= count:
        return given
    return [given[number * len(given) // count] for number in range(count)]


def small_tables():
    """Tables that are hard to write; without ALL some of those that are made at random or come from packages."""
    nasty = list(nasty_tables())
    yield from nasty[:3]
    yield from sample(nasty[3:], 8)
    yield from grids("naughty strings", naughty_strings())
    yield from sample(spectrum_tables(), 8)


def naughty_strings():
    """The big list of naughty strings."""
    return json.loads((PACKAGES / "big-list-of-naughty-strings/blns.json").read_bytes())


def spectrum_tables():
    """What the files of csv-spectrum hold."""
    for file in sorted((PACKAGES / "csv-spectrum/json").iterdir()):
        # One file was saved with its degree signs lost, and holds one record without a list.
        records = json.loads(file.read_bytes().decode("utf-8", "replace"))
        yield Table.of_records(f"csv-spectrum {file.stem}", records if isinstance(records, list) else [records])


def vega_tables():
    """The freely licensed data sets of vega; without ALL a few, with each kind of file."""
    chosen = FREE if ALL else {path: FREE[path] for path in ("iowa-electricity.csv", "penguins.json", "unemployment.tsv", "us-state-capitals.json")}
    package = PACKAGES / "vega-datasets"
    resources = {resource["path"]: resource for resource in json.loads((package / "datapackage.json").read_bytes())["resources"]}
    for path, licence in chosen.items():
        names = [given.get("name") or given.get("title") for given in resources[path]["licenses"]]
        if licence not in names:
            raise ValueError(f"{path} is licensed as {names}, not as {licence}")
        text = (package / "data" / path).read_text("utf-8-sig")
        if path.endswith(".json"):
            records = parse_json(text)
            yield Table.of_records(path, records["features"] if isinstance(records, dict) else records)
        else:
            delimiter = "\t" if path.endswith(".tsv") else ","
            header, *rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
            yield Table.of_rows(path, header, [row for row in rows if len(row) == len(header)])


def markdown_specifications():
    """The source of each example in the specifications of CommonMark and of GitHub's tables, and in their tests."""
    cargo = os.environ.get("CARGO", "cargo")
    arguments = [cargo, "metadata", "--format-version=1", "--locked", "--offline"]
    metadata = json.loads(subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True).stdout)
    [manifest] = [package["manifest_path"] for package in metadata["packages"] if package["name"] == "pulldown-cmark"]
    for name in ("gfm_table", "table", "spec", "gfm_strikethrough", "gfm_tasklist"):
        source = pathlib.Path(manifest).with_name("tests").joinpath("suite", f"{name}.rs").read_text()
        for example, page in re.findall(r'let original = r##"(.*?)"##;\s*let expected = r##"(.*?)"##;', source, re.DOTALL):
            yield name, example, page
