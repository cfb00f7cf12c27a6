from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assemblee.tabular.delimited import DELIMITERS
from tests.sweeps import swept
from tests.votes import make
from votes.ballot_tables import MOST_PROBLEMS
from votes.errors import BadDocument, ReservedGrade, UnreadableBallots, VotesError
from votes.files import UnreadableFile, read, read_ballots, read_counts
from votes.majority import judge
from votes.poll import Poll
from votes.scales import READY_MADE, SEVEN

THREE = ("non", "bof", "oui")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ballots.csv"


def problems(path: Path, grades: tuple[str, ...] | None = THREE) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(UnreadableBallots) as refused:
        read_ballots(path, grades)
    assert all(one.file == path.name for one in refused.value.problems)
    return [(one.line, one.column, one.code) for one in refused.value.problems]


def test_cells_are_names_indices_absent_or_without_opinion(path: Path) -> None:
    path.write_text("Parc,Halle\nnon,2\n OUI ,\n\n0,Sans opinion\nbof,no opinion\n", encoding="utf-8")
    found = read_ballots(path, THREE)
    assert found.counts == {"Parc": [2, 1, 1], "Halle": [0, 0, 1]}
    assert found.no_opinion == {"Parc": 0, "Halle": 2}
    assert found.ballots == 4
    assert (found.judges, found.default) == (None, None)


def test_the_ready_made_words_of_both_languages_need_no_scale(path: Path) -> None:
    path.write_text("Parc\nTrès bien\nvery good\nReject\nÀ rejeter\nPassable\n", encoding="utf-8")
    assert read_ballots(path).counts == {"Parc": [2, 0, 1, 0, 0, 2, 0]}
    path.write_text("Parc\nTrès bien\n3\n", encoding="utf-8")
    assert problems(path, None) == [(3, "Parc", "unknown-grade")]
    assert read_ballots(path, READY_MADE[6].french).counts == {"Parc": [0, 0, 0, 1, 0, 1]}


def test_an_index_may_have_decimals_that_are_none(path: Path) -> None:
    path.write_text("Parc;Halle\n2.0;0,0\n1.0;2.00\n", encoding="utf-8")
    assert read_ballots(path, THREE).counts == {"Parc": [0, 1, 1], "Halle": [1, 0, 1]}


def test_decomposed_accents_are_the_same_word(path: Path) -> None:
    path.write_text("E\u0301cole\nA\u0300 rejeter\n", encoding="utf-8")
    assert read_ballots(path).counts == {"École": [1, 0, 0, 0, 0, 0, 0]}


def test_real_ballots_give_the_published_counts() -> None:
    vector = next(one for one in make.vectors("real_elections") if "Orsay" in one["name"])
    found = read_ballots(make.VECTORS / "ballots" / "orsay2007_bureau_01.csv", ("s.o.", *SEVEN.french[:6]))
    # Code 0 is no opinion there, and counts as À rejeter.
    counts = {name: [row[0] + row[1], *row[2:]] for name, row in found.counts.items()}
    assert counts == vector["proposals"]
    assert (
        dict(zip(counts, judge(Poll.of(SEVEN.french[:6], counts)).ranks, strict=True))
        == vector["expected_ranking"]
    )


@swept(
    ("content", "expected"),
    [
        (b"", [(1, None, "no-proposal")]),
        (b"\n", [(1, None, "no-proposal")]),
        (b"\xef\xbb\xbf", [(1, None, "no-proposal")]),
        (b"A;B\n0,1\n", [(1, "A", "no-grade")]),
        (b"A;B\n0;;1\n", [(2, None, "ragged-row")]),
        (b"A;B\n0;1\n0,1\n", [(3, "A", "unknown-grade")]),
        (b"A\tB\n0\t1\n7\t1\n", [(3, "A", "unknown-grade")]),
        (b"A;B\n\n\xe9;1\n", [(1, "A", "no-grade")]),
        (b"A" * 200_000 + b"\n0\n", [(1, "A", "cell-too-long")]),
        (b"A,A\n0,1\n", [(1, "A", "duplicate-name")]),
        (b"A,\n0,1\n", [(2, None, "ragged-row")]),
        (b"A,\x1b\n0,1\n", [(1, None, "bad-name")]),
        (b"A,B\n0,1\n0\n0,1,2\n0,1\n", [(4, None, "ragged-row")]),
        (b"A,B\n\n7,1\n1,1\n", [(3, "A", "unknown-grade")]),
        (b"A,B\n0,1\n3,nul\n", [(3, "A", "unknown-grade"), (3, "B", "unknown-grade")]),
        (b"A\n-1\n1.5\n01\n+1\n", [(line, "A", "unknown-grade") for line in (2, 3, 4, 5)]),
        (b'A\n"0\n', [(2, None, "bad-quoting")]),
        (b'A\n"0"0\n', [(2, None, "bad-quoting")]),
        (b'A,B\n"0\n",1\n7,1\n', [(4, "A", "unknown-grade")]),
        ("A\n0\né\n".encode() + b"\xff\n", [(4, None, "mixed-encodings")]),
        (b"\xff\xfeA\x00\n", [(1, None, "bad-encoding")]),
        (b"A\n0\x00\n", [(2, None, "not-text")]),
    ],
)
def test_what_is_wrong_is_found_in_its_place(
    path: Path, content: bytes, expected: list[tuple[int | None, str | None, str]]
) -> None:
    path.write_bytes(content)
    assert problems(path) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfParc;Halle\r\nnon;oui\r\n;OUI\r\n",
        b"\xef\xbb\xbfParc\tHalle\r\nnon\t2\r\n\toui\r\n",
        b"Parc,Halle\n0,2\n,2\n",
        b'"Parc";"Halle"\n\n"0";"2"\n;2\n',
    ],
)
def test_files_are_read_as_spreadsheets_write_them(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    found = read_ballots(path, THREE)
    assert found.counts == {"Parc": [1, 0, 0], "Halle": [0, 0, 2]}
    assert found.ballots == 2


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("Parc, allées, bancs;Halle\n0;1\n", ["Parc, allées, bancs", "Halle"]),
        ('"Parc; allées";"Halle"\n0;1\n', ["Parc; allées", "Halle"]),
        ('"Parc; allées"\n0\n', ["Parc; allées"]),
        ("Parc, allées\n", ["Parc", "allées"]),
        ("Parc;Halle,Pont\n", ["Parc", "Halle,Pont"]),
    ],
)
def test_names_may_hold_what_parts_others(path: Path, content: str, names: list[str]) -> None:
    path.write_text(content, encoding="utf-8")
    assert list(read_ballots(path, THREE).counts) == names


@pytest.mark.parametrize("mark", DELIMITERS)
def test_a_header_of_a_million_columns_is_refused_at_once(path: Path, mark: str) -> None:
    path.write_text(mark * 10**6 + "\n" + mark * 10**6 + "\n", encoding="utf-8")
    assert problems(path) == [(1, None, "too-many-columns")]
    path.write_text(mark.join(map(str, range(10**5))) + "\n", encoding="utf-8")
    assert problems(path) == [(1, None, "too-many-proposals")]


def test_a_value_that_is_too_long_to_be_read_is_refused(path: Path) -> None:
    path.write_text("A" * 10**6 + ",B\n", encoding="utf-8")
    assert problems(path) == [(1, "A", "cell-too-long")]


def test_only_the_first_problems_are_listed(path: Path) -> None:
    path.write_text("A\n" + "nul\n" * (MOST_PROBLEMS + 1), encoding="utf-8")
    assert len(problems(path)) == MOST_PROBLEMS


def test_a_file_without_ballots_is_a_vote_in_which_nobody_took_part(path: Path) -> None:
    path.write_text("A,B\r\n", encoding="utf-8")
    found = read_ballots(path, THREE)
    assert found.counts == {"A": [0, 0, 0], "B": [0, 0, 0]}


cells = st.sampled_from([*THREE, "0", "1", "2", "", "Oui", "sans opinion"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(cells, cells), max_size=40),
    st.sampled_from(["\n", "\r\n"]),
    st.tuples(st.sampled_from(["utf-8", "utf-8-sig"]), st.sampled_from(DELIMITERS), st.booleans()),
)
def test_cells_are_counted_one_by_one(
    path: Path,
    rows: list[tuple[str, str]],
    end: str,
    form: tuple[str, str, bool],
) -> None:
    encoding, mark, is_quoted = form
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(
            file,
            delimiter=mark,
            lineterminator=end,
            quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL,
        ).writerows([("A", "B"), *rows])
    found = read_ballots(path, THREE)
    judging = [row for row in rows if set(row) - {"", "sans opinion"}]
    for place, name in enumerate("AB"):
        given = [row[place].lower() for row in rows]
        expected = [given.count(word) + given.count(str(grade)) for grade, word in enumerate(THREE)]
        assert found.counts[name] == expected
        assert found.no_opinion[name] == sum(row[place] == "sans opinion" for row in judging)
    assert (found.ballots, found.blank) == (len(rows), len(rows) - len(judging))


def counts(**members: object) -> bytes:
    return json.dumps({"grades": ["non", "oui"], "proposals": {"A": [1, 2]}} | members).encode()


@pytest.mark.parametrize("blank", [";;;", "sans opinion;;No Opinion;", " ; ;sans\u00a0opinion;\t"])
def test_a_ballot_without_a_grade_is_blank_however_it_is_left_empty(path: Path, blank: str) -> None:
    path.write_text(f"A;B;C;D\nnon;;;\n{blank}\n;;;sans opinion\n", encoding="utf-8")
    found = read_ballots(path, THREE)
    assert (found.ballots, found.blank) == (3, 2)
    assert found.counts["A"] == [1, 0, 0]
    assert set(found.no_opinion.values()) == {0}


@pytest.mark.parametrize(
    "rows",
    [
        ["Tres bien;A rejeter", "Bien;a Rejeter"],
        ["Très\u00a0bien;À\u202frejeter", "Bien;À  rejeter"],
        ["TRE\u0300S BIEN;Reject", "good;A\u0300 rejeter"],
    ],
)
@pytest.mark.parametrize(
    "grades", [None, READY_MADE[7].french, ["A rejeter", "Passable", "Bien", "Tres bien"]]
)
def test_grades_are_known_without_accents_and_with_any_white_space(
    path: Path, rows: list[str], grades: list[str] | None
) -> None:
    path.write_text("\n".join(["Parc;École", *rows]) + "\n", encoding="utf-8")
    found = read_ballots(path, grades)
    assert found.counts["École"][0] == 2
    best = len(found.grades) - 1 if grades and len(grades) < len(SEVEN.french) else 5
    assert found.counts["Parc"][best] == 1


def test_grades_that_only_an_accent_tells_apart_are_told_apart_by_it(path: Path) -> None:
    grades = ["péché", "pêche", "autre chose"]
    path.write_text("A\npêche\nAUTRE\u00a0chose\n", encoding="utf-8")
    assert read_ballots(path, grades).counts == {"A": [0, 1, 1]}
    path.write_text("A\npeche\n", encoding="utf-8")
    with pytest.raises(UnreadableBallots):
        read_ballots(path, grades)


@pytest.mark.parametrize("name", ["sans  opinion", "Sans ópinion"])
def test_no_grade_is_named_almost_as_no_opinion_is(path: Path, name: str) -> None:
    path.write_text("A\nnon\n", encoding="utf-8")
    with pytest.raises(ReservedGrade):
        read_ballots(path, ["non", name])


def test_unknown_members_are_passed_over() -> None:
    found = read_counts(counts(percent=True, note=1.5, expected_ranking={"A": 1}))
    assert (found.grades, dict(found.counts), found.judges) == (("non", "oui"), {"A": [1, 2]}, None)


@swept(
    "data",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf" * 2 + counts(),
        b"[" * 100_000,
        b'{"grades": ["non", "oui"], "proposals": {"A": [1, 2], "A": [2, 1]}}',
        b'{"grades": ["non", "oui"], "proposals": {"A": [1, NaN]}}',
        b'{"grades": ["non", "oui"], "proposals": {"A": [1, -Infinity]}}',
        b'{"grades": ["non", "oui"], "proposals": {"A": [1, ' + b"9" * 5000 + b"]}}",
        b'{"grades": ["non", "oui"]}',
        b'{"proposals": {"A": [1, 2]}}',
        counts(grades="no"),
        counts(grades=["non", 1]),
        counts(grades={"non": 0}),
        counts(proposals=[[1, 2]]),
        counts(proposals={"A": {"non": 1, "oui": 2}}),
        counts(proposals={"A": 3}),
        counts(default="median"),
        counts(default=["median"]),
        counts(default={}),
        counts(default={"mode": 1}),
        counts(default={"mode": "static", "grade": "non"}),
        counts(default={"mode": "static", "grade": True}),
        counts(default={"mode": "median", "why": 1}),
        counts(no_opinion=3),
    ],
)
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(BadDocument):
        read_counts(data)


@swept(
    "data",
    [
        counts(proposals={}),
        counts(proposals={"A": [1]}),
        counts(proposals={"A": [1, 2.0]}),
        counts(proposals={"A": [1, True]}),
        counts(proposals={"A": [1, -2]}),
        counts(proposals={"A": [1, "2"]}),
        counts(proposals={"A": [1, None]}),
        counts(proposals={"A": [1, [2]]}),
        counts(proposals={"": [1, 2]}),
        counts(proposals={"\ud800": [1, 2]}),
        counts(grades=["non", "NON"]),
        counts(grades=["non"]),
        counts(judges=2),
        counts(judges=4),
        counts(judges=3.0),
        counts(judges="3"),
        counts(judges=True),
        counts(default={"mode": "static"}),
        counts(default={"mode": "static", "grade": 2}),
        counts(default={"mode": "mean"}),
        counts(no_opinion={"A": -1}),
        counts(no_opinion={"A": 1}),
    ],
)
def test_other_polls_are_refused(data: bytes) -> None:
    found = read_counts(data)
    with pytest.raises(VotesError):
        Poll.of(found.grades, found.counts, found.judges, found.default, found.no_opinion)


def test_a_file_is_told_by_its_name_or_its_first_character(tmp_path: Path) -> None:
    for name in ("counts.json", "COUNTS.JSON", "counts"):
        (tmp_path / name).write_bytes(counts())
        assert read(tmp_path / name).grades == ("non", "oui")
    (tmp_path / "ballots.txt").write_text("A\nnon\n", encoding="utf-8")
    assert read(tmp_path / "ballots.txt", ("non", "oui")).counts == {"A": [1, 0]}
    (tmp_path / "counts").write_bytes(b"\xef\xbb\xbf" + counts())
    assert read(tmp_path / "counts").grades == ("non", "oui")
    for missing in (tmp_path / "none.csv", tmp_path / "none.json", tmp_path / "none", tmp_path):
        with pytest.raises(UnreadableFile):
            read(missing)
