"""A book from a text: what is read, and where what cannot be read stands."""

import csv
import io
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
from adlrisk.page.book.reading.cell_numbers import read_number
from adlrisk.page.book.reading.csv_text import detect_separator
from adlrisk.page.book.reading.parsed import FIELDS, MAX_ROWS, BookTextError, ParsedBook
from adlrisk.page.book.reading.read import read_book_text
from adlrisk.page.book.reading.text import find_place, read_text

HEADER = "id,side,size,entry_price,margin"
ALICE = {"id": "alice", "side": "long", "size": 10.0, "entry_price": 100.0, "margin": 50.0}
BOB = {"id": "bob", "side": "short", "size": 1.5, "entry_price": 2000.0, "leverage": 20.0}


def read(content: str | bytes) -> ParsedBook:
    """The book in a file."""
    return read_book_text(read_text(content.encode() if isinstance(content, str) else content))


def refuse(content: str | bytes) -> BookTextError:
    """The error of a file that is no book."""
    with pytest.raises(BookTextError) as caught:
        read(content)
    return caught.value


def attempt(content: str | bytes) -> Any:
    """The positions of a book, or what is wrong with it."""
    try:
        return read(content).positions
    except BookTextError as error:
        return error.detail


def test_the_columns_are_the_fields_of_the_api() -> None:
    """A CSV has the same names as rows and columns of the API's requests."""
    assert FIELDS == BookPosition.__struct_fields__ == BookColumns.__struct_fields__


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_separators_line_ends_and_byte_order_marks_make_no_difference(
    separator: str, line_end: str, mark: bytes
) -> None:
    """Comma, semicolon and tab, Unix, Windows and old Mac line ends, with or without a BOM: the same book."""
    lines = ["id,side,size,entry_price,margin,leverage", "alice,long,10,100,50,", "bob,short,1.5,2e3,,20"]
    book = read(mark + line_end.join(lines).replace(",", separator).encode())
    assert book.positions == [ALICE, BOB]
    assert book.lines == [2, 3]


def test_the_separator_is_told_by_the_names_of_the_columns_alone() -> None:
    """Semicolons and tabs in later cells, or in a quoted name, do not count."""
    assert read(f"{HEADER}\na;b;c;d;e;f;g,long,10,100,50").positions == [{**ALICE, "id": "a;b;c;d;e;f;g"}]
    assert detect_separator('"a;b;c;d",side') == ","


@pytest.mark.parametrize(
    ("cell", "id_"),
    [
        ('"a,b"', "a,b"),
        ('"a ""b"""', 'a "b"'),
        ('"a\nb"', "a\nb"),
        ("  spaced  ", "spaced"),
        ("é☃", "é☃"),
        ("007", "007"),
    ],
)
def test_cells_may_be_quoted(cell: str, id_: str) -> None:
    """Quoted separators, quotation marks and line ends are part of a cell; an id stays text."""
    assert read(f"{HEADER}\n{cell},long,10,100,50\n").positions == [{**ALICE, "id": id_}]


def test_names_of_columns_may_have_capitals_spaces_and_quotes() -> None:
    """The names are those of the API in any spelling of capitals, in any order."""
    assert read('Margin, "ID",  Side,ENTRY_PRICE,size\n50,alice,long,100,10').positions == [ALICE]


def test_blank_lines_and_lines_of_empty_cells_are_no_positions() -> None:
    """What a spreadsheet leaves behind is skipped, and lines are counted as an editor counts them."""
    book = read(f"\n\n{HEADER}\n\nalice,long,10,100,50\n,,,,\n   \nbob,long,1,2,3\n\n")
    assert [position["id"] for position in book.positions] == ["alice", "bob"]
    assert book.lines == [5, 8]


def test_a_position_over_several_lines_is_at_the_first_of_them() -> None:
    """A quoted line end does not put off the count."""
    assert read(f'{HEADER}\n"a\nb\r\nc",long,1,2,3\nd,long,1,2,3').lines == [2, 5]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text(
                    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
                ).filter(lambda text: text == text.strip() and text != ""),
                "side": st.sampled_from(["long", "short"]),
                "size": st.floats(min_value=1e-12, max_value=1e15),
                "entry_price": st.floats(min_value=1e-12, max_value=1e15),
            },
            optional={"equity": st.floats(min_value=-1e15, max_value=1e15).filter(lambda x: abs(x) > 1e-90)},
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_the_csv_module_writes_is_read_back(positions: list[dict[str, Any]], separator: str) -> None:
    """Any ids and numbers come back exactly as they were written."""
    text = io.StringIO()
    names = ["id", "side", "size", "entry_price", "equity"]
    writer = csv.DictWriter(text, names, delimiter=separator, quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(positions)
    assert read(text.getvalue()).positions == positions


@given(st.one_of(st.text(), st.binary()), st.sampled_from(["", HEADER + "\n", "[", '{"columns":']))
def test_whatever_the_text_is_a_book_or_an_error_comes_out(content: str | bytes, before: str) -> None:
    """No text makes anything else."""
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    assert attempt(before.encode() + raw)


@pytest.mark.parametrize(
    ("text", "line", "column", "detail"),
    [
        ("", None, None, "empty"),
        (" \n\t\n", None, None, "empty"),
        ("\n,\n", None, None, "no names of columns"),
        (HEADER, 1, None, "no position"),
        (f"{HEADER}\n,,,,", 1, None, "no position"),
        ("alice,long,10,100,50", 1, None, "must name the columns"),
        ("id,side,size,entry_price,foo", 1, 5, "unknown column 'foo'"),
        ("id,side,size,entry_price,leverge", 1, 5, "leverage is probably meant"),
        ("\n\nid,side,sise", 3, 3, "size is probably meant"),
        ("id,side,size,size,entry_price", 1, 4, "column 3 as well"),
        ("id,side,Size,SIZE,entry_price", 1, 4, "column 3 as well"),
        ("id,side,size,entry_price,", 1, 5, "without a name"),
        ("id,side,entry_price\na,long,1", 1, None, "no column size"),
        (f"{HEADER}\na,long,1,2,3\nb,long,1", 3, 4, "3 cells, but the first line names 5"),
        (f"{HEADER}\na,long,1,2,3,4", 2, 6, "'4' is too much"),
        (f"{HEADER}\na,long,1,800.5,2,3", 2, 6, "6 cells"),
        (f'{HEADER}\na,long,"1"5,2,3', 2, 3, "after a closing quotation mark"),
        (f'{HEADER}\nb,long,1,2,3\n"a" ,long,1,2,3', 3, 1, "after a closing quotation mark"),
        (f'{HEADER}\na,long,1,"2\nb,long,1,2,3\n', 2, 4, "never closed"),
        (f'{HEADER}\n"a\nb",long,1,"2\n', 3, 4, "never closed"),
        (f'{HEADER}\n"{"x" * 140_000}",long,1,2,3', 2, None, "too long"),
        (f"{HEADER}\na,lo\0ng,1,2,3", 2, 5, "U+0000"),
        (f"{HEADER}\r\na,long,1,2,\x1b", 2, 12, "U+001B"),
        (b"id,side\na,\xff", 2, 3, "0xff is not UTF-8"),
        (b"id,side\n\xc3\xa9,\xed\xa0\x80", 2, 3, "0xed is not UTF-8"),  # a half surrogate
        ("id,side".encode("utf-16"), 1, None, "UTF-16"),
        ("[", 1, 2, "ends in the middle"),
        ('[{"id": "a"},\n\n', 1, 14, "ends in the middle"),
        ('[{"id": "a",}]', 1, 13, "trailing comma"),
        ('[\n{"id": "a"\n"side": 1}]', 3, 1, "expected ',' or '}'"),
        ('[{"id": "é", "size": NaN}]', 1, 22, "invalid character"),
        ('[{"size":\n-Infinity}]', 2, 2, "invalid character"),
        ('[\n{"id": "1e999", "size": 1e400}]', 2, 25, "at most 1000000000000000 in magnitude"),
        (f'[{{"id": "a"}},\n{{"size": {"9" * 5000}}}]', 2, 10, "at most 1000000000000000 in magnitude"),
        ('[{"id":"\\ud83d\\ude00"},\n{"id":"\\ud83d"}]', 2, 8, "half of an emoji"),
        ('[{"id":"a\nb"}]', 1, 10, "invalid character"),
        ('[{"id":"a"}] x', 1, 14, "trailing characters"),
        ("[" * 100_000, None, None, "nested too deeply"),
        ("[]", None, None, "no position"),
        ("{}", None, None, "exactly one of positions and columns"),
        ('{"positions": [], "columns": {}}', None, None, "exactly one of positions and columns"),
        ('{"positions": {}}', None, None, "must be an array"),
        ('{"columns": []}', None, None, "must be an object"),
        ('{"venue": "okx", "positions": []}', None, None, "unknown field 'venue'"),
        ('[{"id": "a", "sise": 1}]', None, None, "unknown field 'sise'; size is probably meant"),
        ('{"id": ["a"], "sise": [1]}', None, None, "unknown column 'sise'"),
        ('{"id": ["a"], "size": 1}', None, None, "must be an array"),
        ('{"columns": {"id": ["a", "b"], "size": [1]}}', None, None, "has 1 values, but id has 2"),
    ],
)
def test_what_is_no_book_is_named_by_line_and_column(
    text: str | bytes, line: int | None, column: int | None, detail: str
) -> None:
    """Line and column are those of the cell in a CSV, of the character in JSON and in what is no text."""
    error = refuse(text)
    assert (error.line, error.column) == (line, column), error
    assert detail in error.detail


@pytest.mark.parametrize("text", ["id,side,size,entry_price,foo", '[{"foo": 1}]', '{"id": [], "foo": []}'])
def test_an_unknown_name_is_answered_with_those_that_there_are(text: str) -> None:
    """All names that a column or field may have are told."""
    detail = refuse(text).detail
    assert [name for name in BookPosition.__struct_fields__ if name not in detail] == []


@pytest.mark.parametrize(
    "text", ["1,800", "abc", "1 800", "0x10", "1_000", "+5", ".5", "5.", "NaN", "inf", "٣", "1e", "-"]
)
def test_what_is_no_number_of_json_stays_text(text: str) -> None:
    """Nothing is guessed of a number in another spelling: the API refuses it."""
    assert read_number(text) == text
    book = read(f'{HEADER}\na,long,"{text}",2,3')
    assert book.positions[0]["size"] == text
    place = book.locate(0, "size")
    assert (place.words, place.shown) == ("line 2, column 3 (size)", text)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number == 0 or abs(number) > 1e-90))
def test_a_number_is_read_as_python_reads_it(number: float) -> None:
    """The double that was written, to the last bit."""
    assert read_number(repr(number)) == number


def test_numbers_beyond_all_bounds_stay_numbers() -> None:
    """What no double holds is the largest there is, of its sign, so that the API says that it is too large."""
    assert read_number("1e400") == -read_number("-1e400") > 1e308  # type: ignore[operator]
    assert read_number("1e-400") == 0.0


def test_positions_columns_and_lists_in_json_are_the_same_book() -> None:
    """All forms in which the API's requests have a book, and null as what is missing in a column."""
    rows = [ALICE, BOB]
    columns = {name: [row.get(name) for row in rows] for name in (*ALICE, "leverage")}
    texts = (rows, {"positions": rows}, columns, {"columns": {**columns, "equity": None}})
    assert [read(json.dumps(text)).positions for text in texts] == [rows] * 4


@pytest.mark.parametrize("position", [5, None, "a", [1], {"id": {"a": 1}}, {"size": [1]}, {"id": True}])
def test_positions_in_json_are_checked_by_the_api(position: Any) -> None:
    """Types and bounds are the API's affair; the place of a position that is none can be told."""
    book = read(json.dumps([ALICE, position]))
    assert book.positions == [ALICE, position]
    assert book.locate(1, "size").words == "position 2, size"
    assert book.locate(0, "size").words == "position 1 (id 'alice'), size"
    assert book.locate(0, None).words == "position 1 (id 'alice')"


def test_a_place_is_told_even_where_the_column_is_missing() -> None:
    """A field that the CSV has no column for is named with the line."""
    book = read("id,side,size,entry_price\na,long,1,2")
    assert book.locate(0, "margin").words == "line 2, margin"
    assert book.locate(0, None).words == "line 2"


def test_a_position_is_found_by_its_id() -> None:
    """By the id as a whole; the first of several."""
    book = read(f"{HEADER}\na,long,1,2,3\nb,long,1,2,3\nb,long,4,5,6")
    assert [book.find(id_) for id_ in ("b", "a", "c", "")] == [1, 0, None, None]


@pytest.mark.parametrize("form", ["csv", "rows", "columns"])
def test_a_book_of_too_many_positions_is_refused(form: str) -> None:
    """5,000 positions are read, 5,001 are refused, in each form."""

    def write(count: int) -> str:
        if form == "csv":
            return f"{HEADER}\n" + "a,long,1,2,3\n" * count
        if form == "rows":
            return msgspec.json.encode([{"id": "a"}] * count).decode()
        return msgspec.json.encode({"id": ["a"] * count}).decode()

    assert len(read(write(MAX_ROWS)).positions) == MAX_ROWS == 5000
    error = refuse(write(MAX_ROWS + 1))
    assert "at most 5,000 positions" in error.detail
    assert error.line == (5002 if form == "csv" else None)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 1_900_000,
        HEADER + "\n" + "\n" * 1_900_000,
        HEADER + "," * 1_900_000,
        HEADER + "\n" + 'a,"' * 600_000,
        HEADER + "\n" + "a,long,1e-320,2,3\n" * 4999,
        "[" + ",".join(["1e-320"] * 200_000) + "]",
        "[" + ",".join(["1e400"] * 200_000) + "]",
        "[" + "9" * 1_900_000 + "]",
        '["' + "\\ud83d\\ude00" * 150_000 + '\\ud83d"]',
    ],
    ids=["blank", "blank-below", "columns", "quotes", "tiny", "tiny-json", "huge-json", "digits", "emoji"],
)
def test_hostile_texts_are_read_in_no_time(text: str) -> None:
    """Two megabytes of anything take well below what they take here where something is quadratic: minutes."""
    started = time.process_time()
    attempt(text)
    assert time.process_time() - started < 5.0


def test_places_count_characters_and_every_kind_of_line_end() -> None:
    """A Windows line end is one line end."""
    assert find_place("") == (1, 1)
    assert find_place("é☃") == (1, 3)
    assert find_place("a\r\nb\rc\nd") == (4, 2)
