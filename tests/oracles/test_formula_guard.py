"""No cell of a guarded CSV file is a formula when it is read with the delimiter that it was written with."""

import itertools
import re
import unittest

import readers
import tables
from readers import DIALECTS, exported
from tables import Table

# What starts a formula in some spreadsheet, and what spreadsheets pass over in front of it.
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"]
PASSED_OVER = ["", " ", "  ", "'", "''", "\u00a0", "\u3000", "\ufeff", "' ", " '", "\ufeff '\u3000"]

# What follows: commands, links that leak cells, and the pieces that break out of quotes and into the next cell or row.
BODIES = [
    "1+1", "cmd|'/C calc'!A0", 'cmd|"/C calc"!A0', "SUM(1,1)", "SUM(1;1)", "DDE(\"cmd\";\"/C calc\";\"x\")", "5", "1,5", "1.5", "33 1 23",
    'HYPERLINK("http://localhost/?"&A1,"x")', 'IMPORTXML(CONCAT("http://localhost/?",A1),"//a")', "WEBSERVICE(A1)", "A1", "=1", "-1", "", " ", '"', "'",
]
BREAKS = ['",', '";', '"\t', '"|', '",=1+1,"', '"\r\n=1+1', '"\n=1+1', "',", "'|=1+1|'", '","=1+1', "|", ";=1", ",=1", "\r\n=1", "\n=1", "\t=1"]


def payloads():
    starts = [f"{passed}{start}{body}" for passed, start, body in itertools.product(PASSED_OVER, STARTS, BODIES)]
    wrapped = [f'"{start}{body}"' for start, body in itertools.product(STARTS, BODIES)]
    broken = [f"{front}{piece}{behind}" for front, piece, behind in itertools.product(["", "x", "=1"], BREAKS, ["", "=1", "x"])]
    return list(dict.fromkeys([*starts, *wrapped, *broken, *tables.NASTY, *tables.naughty_strings()]))


def is_formula(text, decimal, passed_over=" \u00a0\u3000\ufeff"):
    """Told from the outside: by what the text starts with behind everything that is passed over, unless it is a number."""
    number = rf"[+-](\d+({re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+)([eE][+-]?\d+)?%?"
    telephone = r"\+\d{1,3}( \d{1,4}){1,6}"
    if re.fullmatch(f"{number}|{telephone}", text, re.ASCII):
        return False
    return text.lstrip(passed_over).startswith(tuple(STARTS))


def undone(text, decimal):
    """The text in front of the guard: one apostrophe goes where the rest is dangerous, be it behind further apostrophes."""
    rest = text.removeprefix("'")
    return rest if rest != text and is_formula(rest, decimal, "' \u00a0\u3000\ufeff") else text


class FormulaGuard(unittest.TestCase):
    def read(self, path, dialect, width):
        # DuckDB refuses a NUL.
        yield readers.python_csv(path, dialect, width)
        if b"\0" not in path.read_bytes():
            yield readers.duckdb_csv(path, dialect, width)

    def test_no_payload_is_a_formula_in_any_cell_or_label(self):
        texts = payloads()
        self.assertGreater(len(texts), 3_000)
        without_nul = [text for text in texts if "\0" not in text]
        given = [
            Table.of_rows("one column", ["x"], [[text] for text in texts]),
            Table.of_rows("two columns", ["x", "y"], list(zip(texts, reversed(texts)))),
            Table.of_rows("one column without NUL", ["x"], [[text] for text in without_nul]),
            Table.of_rows("two columns without NUL", ["x", "y"], list(zip(without_nul, reversed(without_nul)))),
            Table.of_rows("as labels", without_nul, [without_nul]),
        ]
        options = [dialect.request() for dialect in DIALECTS.values()]
        guarded = 0
        with exported([(table.data, options) for table in given]) as files:
            for (table, paths), (number, dialect) in itertools.product(zip(given, files), enumerate(DIALECTS.values())):
                for rows in self.read(paths[number], dialect, len(table.columns)):
                    wanted = [table.columns, *table.rows]
                    self.assertEqual(len(rows), len(wanted), table.name)
                    for row, texts_of_row in zip(rows, wanted):
                        self.assertEqual(len(row), len(texts_of_row))
                        for read, text in zip(row, texts_of_row):
                            self.assertFalse(is_formula(read, dialect.decimal), repr(text))
                            self.assertEqual(undone(read, dialect.decimal), text)
                            guarded += read != text
        self.assertGreater(guarded, 50_000)

    def test_numbers_are_the_same_bytes_with_and_without_the_guard(self):
        numbers = [tables.Number(text) for text in ("-5", "-1.5e3", "-0.1", "0", "-12345678901234567890", "1e400", "-0")]
        table = Table.of_rows("numbers", ["x"], [[number] for number in numbers])
        options = [dialect.request(formulaGuard=guard) for dialect in DIALECTS.values() for guard in (True, False)]
        with exported([(table.data, options)]) as [paths]:
            for on, off in zip(paths[::2], paths[1::2]):
                self.assertEqual(on.read_bytes(), off.read_bytes())

    def test_texts_that_are_numbers_or_telephone_numbers_are_left_alone(self):
        texts = ["-5", "+5", "-1.5", "-1.5e3", "+1E-9", "-.5", "-5.", "-12%", "+33 1 23", "+49 151 1234 5678", "-0"]
        table = Table.of_rows("numbers", ["x"], [[text] for text in texts])
        with exported([(table.data, [{"format": "csv"}])]) as [[path]]:
            self.assertEqual(path.read_bytes().decode(), "\r\n".join(["x", *texts, ""]))


if __name__ == "__main__":
    unittest.main()
