"""Files made by the npm package in Node, and readers that we did not write, calibrated so that none of their own quirks counts."""

import contextlib
import csv
import dataclasses
import io
import json
import pathlib
import subprocess
import tempfile

import cmarkgfm
import duckdb
import html5lib
import markdown_it
import pandas

HERE = pathlib.Path(__file__).parent


@contextlib.contextmanager
def exported(requests):
    """The paths of the files of each (data, [options, ...]), as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        stdin = json.dumps([{"data": data, "options": options} for data, options in requests])
        run = subprocess.run(
            ["node", HERE / "export.mjs", folder], input=stdin.encode(), stderr=subprocess.PIPE, check=False
        )
        if run.returncode:
            raise RuntimeError(run.stderr.decode())
        numbers = iter(range(sum(len(options) for _, options in requests)))
        yield [[pathlib.Path(folder, str(next(numbers))) for _ in options] for _, options in requests]


@dataclasses.dataclass(frozen=True)
class Dialect:
    """A form of CSV: what our writer is told, and what readers need to know."""

    options: dict
    preset: str | None = None
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    terminator: str = "\r\n"

    def request(self, **more):
        """The options of an export in this form."""
        named = {} if self.preset is None else {"preset": self.preset}
        return {"format": "csv", **named, "csv": {**self.options, **more}}


DIALECTS = {
    "default": Dialect({}),
    "line feeds": Dialect({"terminator": "\n"}, terminator="\n"),
    "always quoted": Dialect({"quoteStyle": "always"}),
    "European": Dialect({"delimiter": ";", "decimal": ",", "bom": True}, delimiter=";", decimal=","),
    "tabs": Dialect({"delimiter": "\t", "quoteStyle": "always", "terminator": "\n"}, delimiter="\t", terminator="\n"),
    "preset excel": Dialect({}, preset="excel"),
    "preset excel-de": Dialect({"trueText": "true", "falseText": "false"}, preset="excel-de", delimiter=";", decimal=","),
    "bars and apostrophes": Dialect({"delimiter": "|", "quote": "'", "quoteStyle": "non_numeric"}, delimiter="|", quote="'"),
}


def python_csv(path, dialect, _width):
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=dialect.delimiter, quotechar=dialect.quote))


def pandas_csv(path, dialect, _width):
    frame = pandas.read_csv(
        path,
        header=None,
        dtype=str,
        na_filter=False,
        skip_blank_lines=False,
        encoding="utf-8-sig",
        sep=dialect.delimiter,
        quotechar=dialect.quote,
    )
    return frame.values.tolist()


def duckdb_csv(path, dialect, width, types=None):
    """DuckDB tells null from empty text; with `types`, one for each column, it also reads those behind a header."""
    columns = {f"c{number}": "VARCHAR" for number in range(width)} if types is None else types
    form = {
        "auto_detect": False,
        "header": types is not None,
        "columns": columns,
        "delim": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.quote,
        "decimal_separator": dialect.decimal,
        "nullstr": "",
        "allow_quoted_nulls": False,
        # Line ends are not guessed, which a quoted one could mislead. In its strict mode DuckDB 2.0.0 then finds no rows.
        "new_line": dialect.terminator.replace("\r", "\\r").replace("\n", "\\n"),
        "parallel": False,
        "strict_mode": False,
        "max_line_size": 16 * 1024 * 1024,
    }
    arguments = ", ".join(f"{name} = {sql(value)}" for name, value in form.items())
    return [list(row) for row in duckdb.sql(f"FROM read_csv({sql(str(path))}, {arguments})").fetchall()]


def sql(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{sql(name)}: {sql(item)}" for name, item in value.items()) + "}"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


CSV_READERS = {"csv": python_csv, "pandas": pandas_csv, "DuckDB": duckdb_csv}

MARKDOWN_READERS = {
    "cmark-gfm": cmarkgfm.github_flavored_markdown_to_html,
    "markdown-it": markdown_it.MarkdownIt("gfm-like", {"html": True}).render,
}


def read_html(file):
    """The document, its header and its rows."""
    document = html5lib.parse(file, transport_encoding="utf-8", namespaceHTMLElements=False)
    header = ["".join(cell.itertext()) for cell in document.iterfind(".//thead/tr/th")]
    rows = [["".join(cell.itertext()) for cell in row.iterfind("td")] for row in document.iterfind(".//tbody/tr")]
    return document, header, rows


def read_markdown(name, text):
    """The same of a page that a reader of Markdown makes."""
    # The renderers write a carriage return as it is, which a reader of HTML would take for a line feed.
    return read_html(MARKDOWN_READERS[name](text).replace("\r", "&#13;").encode())


def foreign(document, allowed):
    """The elements that our writer did not mean. GitHub's reader links e-mail addresses, whatever is escaped in them."""
    found = [element for element in document.iter() if isinstance(element.tag, str) and element.tag not in allowed]
    return [element.tag for element in found if not (element.tag == "a" and element.get("href") in (f"mailto:{element.text}", element.text))]
