from __future__ import annotations

import io

import pytest

from assemblee.tabular import layouts
from assemblee.tabular.layouts import Hidden, Layout, Scan, TooLarge, TooMuchText


def scan(data: bytes, **most: int) -> None:
    Scan().read(io.BytesIO(data), **most)


def test_a_sheet_reaches_to_its_last_value() -> None:
    layout = Layout()
    layout.reach(3, 2)
    layout.reach(1, 7)
    assert (layout.rows, layout.columns) == (3, 7)


@pytest.mark.parametrize("place", [(1, 1_001), (3_001, 1_000), (3_000_001, 1)])
def test_a_sheet_that_reaches_too_far_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(TooLarge):
        Layout().reach(*place)
    Layout().reach(3_000, 1_000)


def test_two_cells_far_from_each_other_reach_too_far_together() -> None:
    layout = Layout()
    layout.reach(1_000_000, 1)
    with pytest.raises(TooLarge):
        layout.reach(1, 4)


def test_hidden_rows_count_once_a_value_stands_in_or_below_them() -> None:
    layout = Layout()
    layout.below.add(2, 2)
    assert layout.hidden_rows == Hidden()
    layout.reach(3, 1)
    layout.below.add(8, 4_000_000_000)
    assert layout.hidden_rows == Hidden(2, [2, 3])
    layout.reach(20, 1)
    assert layout.hidden_rows == Hidden(4_000_000_002, [2, 3, 8, 9, 10])


def test_merged_cells_count_where_a_part_of_them_holds_values() -> None:
    layout = Layout(spans=[(0, 4, 0), (3, 9, 0), (1, 2, 5)])
    layout.reach(3, 2)
    assert layout.spanned() == [(0, 4, 0)]


def test_a_part_is_read_to_its_end() -> None:
    scan(b"<a><b>text</b></a>")
    with pytest.raises(layouts.expat.ExpatError):
        scan(b"<a><b>text</b>")


def test_definitions_of_a_document_are_refused() -> None:
    entities = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(ValueError, match="document type"):
        scan(entities)


def test_elements_without_end_inside_of_each_other_are_refused() -> None:
    scan(b"<a>" * 200 + b"</a>" * 200)
    with pytest.raises(ValueError, match="inside of elements"):
        scan(b"<a>" * 201)


def test_a_part_is_refused_by_what_is_read_of_it() -> None:
    scan(b"<a>   </a>", most=10)
    with pytest.raises(TooMuchText):
        scan(b"<a>    </a>", most=10)


def test_marks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "MOST_MARKS", 100)
    scan(b"<a>" + b"<b/>" * 98 + b"</a>")
    with pytest.raises(TooMuchText):
        scan(b"<a>" + b"<b/>" * 99 + b"</a>")


@pytest.mark.parametrize(
    "token",
    [b'<a b="%s"/>', b"<a>%s</a>", b"<a><!-- %s --></a>", b"<a><?b %s?></a>", b"<a><![CDATA[%s]]></a>"],
)
def test_a_token_as_long_as_the_memory_is_refused(token: bytes) -> None:
    scan(token % (b"x" * 900_000))
    with pytest.raises(TooMuchText):
        scan(token % (b"x" * 1_200_000))


def test_what_is_kept_in_mind_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "MOST_NOTED", 2)
    noting, layout = Scan(), Layout()
    noting.lack(layout, 3, 1, "#N/A")
    noting.lack(layout, 3, 2, "")
    assert layout.unkept == {3: {1: "#N/A", 2: "a formula"}}
    with pytest.raises(TooLarge):
        noting.note()


def test_the_text_of_a_sheet_has_a_bound() -> None:
    counting = Scan()
    counting.count(layouts.MOST_CHARACTERS)
    with pytest.raises(TooMuchText):
        counting.count(1)
