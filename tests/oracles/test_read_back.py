"""Files read back by readers that we did not write: Python's csv and json, html5lib, cmark-gfm and markdown-it."""

import base64
import csv
import io
import itertools
import json
import pathlib
import random
import re
import subprocess
import unittest

import cmarkgfm
import html5lib
import markdown_it

HERE = pathlib.Path(__file__).parent
CASES = HERE.parent / "cases"

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


def export(*requests):
    """The file of each (data, options), made by the npm package in Node."""
    stdin = json.dumps([{"data": data, "options": options} for data, options in requests])
    run = subprocess.run(
        ["node", HERE / "export.mjs"], input=stdin.encode(), capture_output=True, check=False
    )
    if run.returncode:
        raise RuntimeError(run.stderr.decode())
    return [base64.b64decode(file) for file in json.loads(run.stdout)]


def read_csv(file, **form):
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True, **form))


def read_html(file):
    """The document, its header and its rows."""
    document = html5lib.parse(file, transport_encoding="utf-8", namespaceHTMLElements=False)
    header = ["".join(cell.itertext()) for cell in document.iterfind(".//thead/tr/th")]
    rows = [["".join(cell.itertext()) for cell in row.iterfind("td")] for row in document.iterfind(".//tbody/tr")]
    return document, header, rows


def cell_text(value):
    """What a cell shows for a JSON value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def nasty_tables():
    """Tables in which every nasty text stands in every place: alone, first, last, as a label."""
    yield {"columns": ["only"], "rows": [[text] for text in NASTY]}
    yield {"columns": ["a", "b", "c"], "rows": [[x, 1, y] for x, y in zip(NASTY, reversed(NASTY))]}
    labels = [f"{text[:50]}{number}" for number, text in enumerate(NASTY)]
    yield {"columns": labels, "rows": [NASTY, NASTY[::-1]]}
    rng = random.Random(20260131)
    for _ in range(20):
        width = rng.randint(1, 6)
        yield {
            "columns": [f"c{number}" for number in range(width)],
            "rows": [[rng.choice(NASTY) for _ in range(width)] for _ in range(rng.randint(0, 40))],
        }


class Csv(unittest.TestCase):
    forms = [
        ({}, {}),
        ({"delimiter": ";", "bom": True}, {"delimiter": ";"}),
        ({"delimiter": "\t", "quoteStyle": "always", "terminator": "\n"}, {"delimiter": "\t"}),
        ({"quote": "'", "quoteStyle": "non_numeric"}, {"quotechar": "'"}),
    ]

    def test_cells_come_back_and_no_row_is_lost(self):
        pairs = list(itertools.product(nasty_tables(), self.forms))
        requests = [(table, {"format": "csv", "csv": {"formulaGuard": False, **ours}}) for table, (ours, _) in pairs]
        for (table, (_, theirs)), file in zip(pairs, export(*requests)):
            header, *rows = read_csv(file, **theirs)
            self.assertEqual(header, table["columns"])
            self.assertEqual(rows, [[cell_text(cell) for cell in row] for row in table["rows"]])

    def test_no_guarded_cell_is_a_formula(self):
        pairs = list(itertools.product(nasty_tables(), self.forms))
        requests = [(table, {"format": "csv", "csv": ours}) for table, (ours, _) in pairs]
        skipped = "' \u00a0\u3000\ufeff"
        for (table, (_, theirs)), file in zip(pairs, export(*requests)):
            _, *rows = read_csv(file, **theirs)
            for row, values in zip(rows, table["rows"], strict=True):
                for text, value in zip(row, values, strict=True):
                    if text != cell_text(value):
                        self.assertEqual(text, "'" + value)
                    elif value and isinstance(value, str):
                        first = value.lstrip(skipped)[:1]
                        numeric = value in ("-5", "-1.5e3", "+33 1 23")
                        self.assertTrue(numeric or first not in "=+-@\t\r\n\0＝＋－＠" or first == "", repr(value))


class Json(unittest.TestCase):
    def test_every_value_comes_back(self):
        tables = list(nasty_tables())
        for table, file in zip(tables, export(*[(table, {"format": "json"}) for table in tables])):
            rows = json.loads(file)
            self.assertEqual(rows, [dict(zip(table["columns"], row)) for row in table["rows"]])


    def test_json_lines_hold_one_value_each(self):
        tables = list(nasty_tables())
        for table, file in zip(tables, export(*[(table, {"format": "jsonl"}) for table in tables])):
            *lines, end = file.decode().split("\n")
            self.assertEqual(end, "")
            self.assertEqual([json.loads(line) for line in lines], [dict(zip(table["columns"], row)) for row in table["rows"]])


class Markdown(unittest.TestCase):
    readers = {
        "cmark-gfm": cmarkgfm.github_flavored_markdown_to_html,
        "markdown-it": markdown_it.MarkdownIt("gfm-like", {"html": True, "linkify": False}).render,
    }

    def test_cells_come_back_and_no_element_is_foreign(self):
        tables = list(nasty_tables())
        files = export(*[(table, {"format": "markdown"}) for table in tables])
        for (name, render), (table, file) in itertools.product(self.readers.items(), zip(tables, files)):
            self.assertEqual(file.count(b"\n"), len(table["rows"]) + 2)
            # The renderers write a carriage return as it is, which a reader of HTML would take for a line feed.
            page = render(file.decode()).replace("\r", "&#13;")
            document, header, rows = read_html(page.encode())
            self.assertEqual(header, [self.carried(label) for label in table["columns"]], name)
            self.assertEqual(rows, [[self.carried(cell_text(cell)) for cell in row] for row in table["rows"]], name)
            found = {element.tag for element in document.iter() if isinstance(element.tag, str)}
            self.assertLessEqual(found, {"html", "head", "body", "table", "thead", "tbody", "tr", "th", "td"}, name)


    @staticmethod
    def carried(text):
        """The text without the control characters that Markdown cannot carry at its ends; the report counts them."""
        ends = re.compile(r"^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$")
        return ends.sub(lambda end: re.sub(r"[\x0b\x1c-\x1f\x85]", "\ufffd", end[0]), text)


class Html(unittest.TestCase):
    elements = {"html", "head", "meta", "title", "style", "body", "h1", "div", "table", "thead", "tbody", "tr", "th", "td", "footer"}

    def test_cells_come_back_and_no_element_is_foreign(self):
        tables = list(nasty_tables())
        requests = [(table, {"format": "html"}) for table in tables]
        for table, file in zip(tables, export(*requests)):
            document, header, rows = read_html(file)
            self.assertEqual(header, table["columns"])
            self.assertEqual(rows, [[cell_text(cell) for cell in row] for row in table["rows"]])
            found = {element.tag for element in document.iter() if isinstance(element.tag, str)}
            self.assertLessEqual(found | {"html"}, self.elements)

    def test_texts_around_the_table_come_back(self):
        texts = [text for text in NASTY if "{" not in text and len(text) < 100]
        requests = [
            (
                [{"a": 1}],
                {
                    "format": "html",
                    "html": {"title": text},
                    "template": {"header_text": text, "footer_text": text},
                },
            )
            for text in texts
        ]
        for text, file in zip(texts, export(*requests)):
            document, _, _ = read_html(file)
            for tag in ("title", "h1", "footer"):
                self.assertEqual("".join(document.find(f".//{tag}").itertext()), text)


class GoldenCases(unittest.TestCase):
    def test_the_three_formats_of_a_case_hold_the_same_table(self):
        checked = 0
        for folder in sorted(CASES.iterdir()):
            files = {name: folder / f"expected.{name}" for name in ("csv", "json", "html")}
            if not all(file.exists() for file in files.values()):
                continue
            records = json.loads(files["json"].read_bytes(), parse_int=Number, parse_float=Number)
            _, header, html_rows = read_html(files["html"].read_bytes())
            grid = read_csv(files["csv"].read_bytes())
            csv_header, csv_rows = (grid[0], grid[1:]) if grid else ([], [])
            self.assertEqual([unguarded(label) for label in csv_header], [unguarded(label) for label in header])
            self.assertEqual(len(html_rows), len(records))
            if header:
                self.assertEqual(len(csv_rows), len(records), folder.name)
            keys = list(unique(header))
            for html_row, csv_row, record in zip(html_rows, csv_rows, records):
                expected = [compact(record.get(key)) for key in keys]
                self.assertEqual(html_row, [text.replace("\0", "\ufffd") for text in expected], folder.name)
                for text, value in zip(csv_row, expected, strict=True):
                    self.assertIn(text, (value, "'" + value), folder.name)
            checked += 1
        self.assertGreater(checked, 25)


class Number(str):
    """A number as it stands in the file."""


def compact(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    return nested(value)


def nested(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(nested, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{nested(key)}:{nested(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def unguarded(label):
    return label.removeprefix("'")


def unique(labels):
    """Labels as keys of one object, as the JSON writer makes them."""
    given, taken = set(labels), set()
    for label in labels:
        name, number = label, 2
        while name in taken or (name != label and name in given):
            name, number = f"{label}_{number}", number + 1
        taken.add(name)
        given.add(name)
        yield name


if __name__ == "__main__":
    unittest.main()
