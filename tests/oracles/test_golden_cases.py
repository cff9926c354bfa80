"""The expected files of each golden case hold the same table."""

import json
import pathlib
import unittest

import readers
from readers import Dialect
from tables import cell_text, parse_json

# The decimal mark and the mark between thousands, where a case asks CSV for a decimal comma.
SWAPPED = str.maketrans(".,", ",.")

CASES = pathlib.Path(__file__).parent.parent / "cases"


class GoldenCases(unittest.TestCase):
    def test_the_formats_of_a_case_hold_the_same_table(self):
        checked = 0
        for folder in sorted(CASES.iterdir()):
            files = {name: folder / f"expected.{name}" for name in ("csv", "json", "html")}
            options = options_of(folder)
            # Where a template has blocks for formats, each format holds what its block says, be it no header.
            if not all(file.exists() for file in files.values()) or "csv" in options.get("template", {}):
                continue
            block = options.get("csv", {})
            dialect = Dialect(block, **{name: block[name] for name in ("delimiter", "quote", "decimal") if name in block})
            records = parse_json(files["json"].read_bytes())
            if isinstance(records, dict) and "resource" in options:
                # Around the records of a resource stands an object.
                records = next(value for value in records.values() if isinstance(value, list))
            _, header, html_rows = readers.read_html(files["html"].read_bytes())
            grid = readers.python_csv(files["csv"], dialect, 0)
            csv_header, csv_rows = (grid[0], grid[1:]) if grid else ([], [])
            self.assertEqual([unguarded(label) for label in csv_header], [unguarded(label) for label in header])
            self.assertEqual(len(html_rows), len(records))
            if header:
                self.assertEqual(len(csv_rows), len(records), folder.name)
            keys = list(unique(header))
            for html_row, csv_row, record in zip(html_rows, csv_rows, records):
                expected = [cell_text(record.get(key)) or "" for key in keys]
                self.assertEqual(html_row, [text.replace("\0", "\ufffd") for text in expected], folder.name)
                for text, value in zip(csv_row, expected, strict=True):
                    localized = value.translate(SWAPPED) if dialect.decimal == "," else value
                    self.assertIn(text, (value, "'" + value, localized), folder.name)
            checked += 1
        self.assertGreater(checked, 25)


def options_of(folder):
    file = folder / "options.json"
    return json.loads(file.read_bytes()) if file.exists() else {}


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
