"""Tables come back from the files of every format as they went in, by readers that we did not write."""

import json
import re
import unittest

import html5lib
import pandas

import readers
import tables
from readers import DIALECTS, exported
from tables import MISSING, NASTY, Number


def without_guard(dialect):
    return dialect.request(formulaGuard=False)


def dialects(number, table):
    """The forms of CSV in which a table is written: all of them where its texts are hard, else one, each in its turn."""
    if tables.ALL or table.name.startswith("nasty"):
        return DIALECTS
    name = list(DIALECTS)[number % len(DIALECTS)]
    return {name: DIALECTS[name]}


def markdown_texts():
    """The examples as texts, and what their cells hold: markup that has to come back as itself."""
    texts = {}
    for name, example, page in tables.markdown_specifications():
        texts[example] = name
        if "table" in name:
            for cell in html5lib.parseFragment(page, namespaceHTMLElements=False).iterfind(".//td"):
                texts["".join(cell.itertext())] = name
            for line in example.splitlines():
                texts.update(dict.fromkeys(line.split("|"), name))
    return list(texts)


class Csv(unittest.TestCase):
    def check(self, table, dialect, path):
        """One file, read by all."""
        texts = table.texts(dialect.decimal)
        if len(table.columns) == 1:
            # A row of one null would be an empty line, so it is written as empty text, and reported.
            texts = [[text or ""] for [text] in texts]
        for name, read in readers.CSV_READERS.items():
            header, *rows = read(path, dialect, len(table.columns))
            with self.subTest(table=table.name, dialect=dialect, reader=name):
                self.assertTrue(header == table.columns, f"{header!r:.300}")
                tells_null = name == "DuckDB"
                expected = texts if tells_null else [[text or "" for text in row] for row in texts]
                if rows != expected:
                    self.assertEqual(len(rows), len(expected))
                    first = next(number for number, (row, wanted) in enumerate(zip(rows, expected)) if row != wanted)
                    self.assertEqual(rows[first], expected[first], f"row {first}")

    def check_all(self, given):
        forms = [list(dialects(number, table).values()) for number, table in enumerate(given)]
        requests = [(table.data, [without_guard(dialect) for dialect in each]) for table, each in zip(given, forms)]
        with exported(requests) as files:
            for table, each, paths in zip(given, forms, files):
                for dialect, path in zip(each, paths):
                    self.check(table, dialect, path)

    def test_cells_come_back_and_no_row_is_lost(self):
        self.check_all([*tables.small_tables(), *tables.grids("Markdown", markdown_texts())])

    def test_data_sets_come_back(self):
        # One after the other, since all of their files together are large.
        for table in tables.vega_tables():
            self.check_all([table])

    def test_numbers_of_data_sets_come_back_as_numbers(self):
        checked = 0
        for number, table in enumerate(tables.vega_tables()):
            for dialect in dialects(number, table).values():
                checked += self.check_numbers(table, dialect)
        self.assertGreater(checked, 100 if tables.ALL else 3)

    def check_numbers(self, table, dialect):
        """Reads the columns of numbers with their type; gives how many there are."""
        columns = list(zip(*table.rows))
        numeric = [
            any(isinstance(cell, Number) for cell in column)
            and all(isinstance(cell, Number) or cell is None or cell is MISSING for cell in column)
            for column in columns
        ]
        numbers = [number for number, is_number in enumerate(numeric) if is_number]
        if not numbers:
            return 0
        types = {f"c{number}": "DOUBLE" if is_number else "VARCHAR" for number, is_number in enumerate(numeric)}
        # A typed reader takes a quoted number for one too.
        with exported([(table.data, [without_guard(dialect)])]) as [[path]]:
            by_duckdb = readers.duckdb_csv(path, dialect, len(columns), types)
            frame = pandas.read_csv(
                path, sep=dialect.delimiter, quotechar=dialect.quote, decimal=dialect.decimal,
                encoding="utf-8-sig", keep_default_na=False, na_values={number: [""] for number in numbers},
            )
        for number in numbers:
            expected = [None if cell is None or cell is MISSING else float(cell) for cell in columns[number]]
            name = f"{table.name}, {table.columns[number]}"
            self.assertTrue([row[number] for row in by_duckdb] == expected, name)
            read = [None if pandas.isna(value) else float(value) for value in frame.iloc[:, number]]
            self.assertTrue(read == expected, name)
        return len(numbers)


class Json(unittest.TestCase):
    def expected(self, table):
        return [{key: cell for key, cell in zip(table.columns, row) if cell is not MISSING} for row in table.rows]

    def test_every_value_comes_back(self):
        options = [{"format": "json"}, {"format": "json", "json": {"pretty": False}}, {"format": "jsonl"}]
        for table in [*tables.small_tables(), *tables.vega_tables()]:
            expected = self.expected(table)
            with exported([(table.data, options)]) as [[pretty, compact, lines]], self.subTest(table=table.name):
                self.assertTrue(tables.parse_json(pretty.read_bytes()) == expected)
                self.assertTrue(tables.parse_json(compact.read_bytes()) == expected)
                *texts, end = lines.read_bytes().decode().split("\n")
                self.assertEqual(end, "")
                self.assertTrue([tables.parse_json(text) for text in texts] == expected)

    def test_texts_come_back_by_pandas(self):
        form = {"orient": "records", "dtype": False, "convert_axes": False, "encoding": "utf-8"}
        options = [{"format": "json"}, {"format": "jsonl"}]
        given = [table for name, texts in (("nasty", NASTY), ("naughty", tables.naughty_strings())) for table in tables.grids(name, texts)]
        with exported([(table.data, options) for table in given]) as files:
            for table, (whole, lines) in zip(given, files):
                expected = [[float(cell) if isinstance(cell, Number) else cell for cell in row] for row in table.rows]
                for frame in (pandas.read_json(whole, **form), pandas.read_json(lines, lines=True, **form)):
                    self.assertTrue(list(frame.columns) == table.columns)
                    self.assertTrue(frame.values.tolist() == expected, table.name)


class Markdown(unittest.TestCase):
    allowed = {"html", "head", "body", "table", "thead", "tbody", "tr", "th", "td"}

    def test_cells_come_back_and_no_element_is_foreign(self):
        given = [*tables.small_tables(), *tables.grids("Markdown", markdown_texts()), *(table.head(300) for table in tables.vega_tables())]
        with exported([(table.data, [{"format": "markdown"}]) for table in given]) as files:
            for table, [path] in zip(given, files):
                text = path.read_bytes().decode()
                expected = [[carried(cell or "") for cell in row] for row in table.texts()]
                for name in readers.MARKDOWN_READERS:
                    with self.subTest(table=table.name, reader=name):
                        self.assertEqual(text.count("\n"), len(table.rows) + 2)
                        document, header, rows = readers.read_markdown(name, text)
                        self.assertEqual(header, [carried(label) for label in table.columns])
                        self.assertEqual(len(rows), len(expected))
                        for row, wanted in zip(rows, expected):
                            self.assertEqual(row, wanted)
                        self.assertEqual(readers.foreign(document, self.allowed), [])

    def test_tables_of_the_specification_come_back(self):
        """Each table that the specification's examples make, as its own cells, is the same table again."""
        pages = [page for name, _, page in tables.markdown_specifications() if name == "gfm_table"]
        found = [readers.read_html(page.encode()) for page in pages]
        found = [(header, rows) for _, header, rows in found if header]
        self.assertGreater(len(found), 5)
        given = [{"columns": [f"{number}:{label}" for number, label in enumerate(header)], "rows": rows} for header, rows in found]
        with exported([(json.dumps(table), [{"format": "markdown"}]) for table in given]) as files:
            for table, [path] in zip(given, files):
                for name in readers.MARKDOWN_READERS:
                    _, header, rows = readers.read_markdown(name, path.read_bytes().decode())
                    self.assertEqual((header, rows), (table["columns"], table["rows"]), name)


def carried(text):
    """The text without the control characters that Markdown cannot carry at its ends; the report counts them."""
    ends = re.compile(r"^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$")
    return ends.sub(lambda end: re.sub(r"[\x0b\x1c-\x1f\x85]", "\ufffd", end[0]), text)


class Html(unittest.TestCase):
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "div", "table", "thead", "tbody", "tr", "th", "td", "footer"}

    def test_cells_come_back_and_no_element_is_foreign(self):
        given = [*tables.small_tables(), *tables.grids("Markdown", markdown_texts()), *(table.head(300) for table in tables.vega_tables())]
        options = [{"format": "html"}, {"format": "html", "html": {"fragment": True}}]
        with exported([(table.data, options) for table in given]) as files:
            for table, path in ((table, path) for table, paths in zip(given, files) for path in paths):
                with self.subTest(table=table.name):
                    document, header, rows = readers.read_html(path.read_bytes())
                    self.assertEqual(header, table.columns)
                    self.assertTrue(rows == [[text or "" for text in row] for row in table.texts()])
                    self.assertEqual(readers.foreign(document, self.allowed), [])

    def test_texts_around_the_table_come_back(self):
        texts = [text for text in [*NASTY, *tables.naughty_strings()] if "{" not in text and len(text) < 10_000]
        options = [
            {"format": "html", "html": {"title": text}, "template": {"header_text": text, "footer_text": text}}
            for text in texts
        ]
        with exported([('[{"a": 1}]', options)]) as [paths]:
            for text, path in zip(texts, paths):
                document, _, _ = readers.read_html(path.read_bytes())
                for tag in ("title", "h1", "footer"):
                    self.assertEqual("".join(document.find(f".//{tag}").itertext()), text)


if __name__ == "__main__":
    unittest.main()
