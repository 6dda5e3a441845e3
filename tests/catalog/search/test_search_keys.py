"""Normalising, readings and keys: how a name may be typed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.keys import CUT, covered, initials, keys_of, spelled, t9
from catalog.search.normalising import MAX_NAME, fold, squeeze, units_of
from catalog.search.pinyin import with_readings
from catalog.search.synonyms import groups, other_forms

#: Characters with one reading and with several, of all widths, runs, and what is left out.
ALPHABET = "农业银行重庆长江解家村单曾绿女會議ＣＴＶctv0123 ·—《》（）é㎡あ𠮷的和了"


def keys(name: str, alphabet: str) -> set[str]:
    return {key for of, key in keys_of(with_readings(units_of(name))) if of == alphabet}


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＣＣＴＶ－１３", "cctv-13"),
        ("農業銀行", "农业银行"),
        ("乾燥與後來", "干燥与后来"),
        ("㎡", "m2"),
        ("ABC", "abc"),
    ],
)
def test_one_form_of_widths_cases_and_characters(raw: str, folded: str) -> None:
    assert fold(raw) == folded


@given(st.text(max_size=MAX_NAME + 20))
def test_units_stand_where_they_say(name: str) -> None:
    units = units_of(name)
    for unit in units:
        assert fold(name[unit.start : unit.start + unit.length]) != ""
        assert 0 <= unit.start < unit.start + unit.length <= len(name)
    assert [unit.start for unit in units] == sorted(unit.start for unit in units)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("中国农业银行", "zgnyyh"),
        ("中国农业银行", "nyyh"),
        ("中国农业银行", "yinhang"),
        ("重庆小面", "cqxm"),
        ("重庆小面", "zqxm"),  # who reads 重 as zhòng
        ("成长的烦恼", "czdfn"),
        ("成长的烦恼", "ccdfn"),
        ("长江禁渔", "cjjy"),
        ("解家村养猪", "xjc"),  # a surname
        ("解放村养猪", "jfc"),
        ("单家庄", "shanjiazhuang"),
        ("仇家湾", "qjw"),
        ("曾家沟", "zjg"),
        ("绿色食品", "lvse"),
        ("绿色食品", "luse"),
        ("妇女节", "nvjie"),
        ("CCTV-1 综合", "cctv1zh"),
        ("CCTV-1 综合", "zonghe"),
        ("第3课", "d3k"),
        ("農業頻道", "nypd"),
    ],
)
def test_what_finds_a_name(name: str, typed: str) -> None:
    assert any(key.startswith(typed) for key in keys(name, "letters"))
    assert any(key.startswith(t9(typed)) for key in keys(name, "digits"))


def test_a_surname_is_read_as_one_only_in_a_villages_name() -> None:
    of_village = with_readings(units_of("解家村"))[0].readings
    of_word = with_readings(units_of("解放村"))[0].readings
    assert of_village[0] == "xie"
    assert of_word[0] == "jie"


def test_every_start_of_a_word_gives_a_key_and_nothing_else_does() -> None:
    assert keys("新闻cctv13", "han") == {"新闻cctv13", "闻cctv13", "cctv13", "13"}


@given(st.text(ALPHABET, min_size=1, max_size=40), st.data())
def test_every_way_of_typing_the_first_units_finds_them(name: str, data: st.DataObject) -> None:
    units = with_readings(units_of(name))
    if not units:
        return
    start = data.draw(st.integers(0, len(units) - 1))
    first = units[start : start + 3]
    for way in (initials, spelled):
        # Three units have at most two further readings at once in most names; those that have
        # more are typed with the likeliest in one place.
        for typing in itertools.product(*(way(unit) for unit in first)):
            changed = sum(t != way(u)[0] for t, u in zip(typing, first, strict=True))
            typed = "".join(typing)[: CUT["letters"]]
            if changed > 1 or not typed:
                continue
            assert any(key.startswith(typed) for key in keys(name, "letters")), typed


@given(st.text(ALPHABET, min_size=1, max_size=60), st.integers(1, 24))
def test_every_prefix_of_the_initials_is_the_beginning_of_a_key(name: str, length: int) -> None:
    units = with_readings(units_of(name))
    typed = "".join(initials(unit)[0] for unit in units)[:length]
    if typed:
        assert any(key.startswith(typed) for key in keys(name, "letters"))
        assert any(key.startswith(t9(typed)) for key in keys(name, "digits"))


@given(st.text(ALPHABET, min_size=1, max_size=60))
def test_keys_are_bounded_in_length_and_number(name: str) -> None:
    units = with_readings(units_of(name))
    found = keys_of(units)
    assert all(0 < len(key) <= CUT[alphabet] for alphabet, key in found)
    assert len(found) <= len(units) * 45


@pytest.mark.parametrize(
    ("name", "start", "typed", "alphabet", "units"),
    [
        ("中国农业银行", 2, "ny", "letters", 2),
        ("中国农业银行", 2, "nongy", "letters", 2),
        ("中国农业银行", 0, "zhongg", "letters", 2),
        ("中国农业银行", 0, "94664", "digits", 1),
        ("CCTV-1 综合", 0, "cct", "letters", 1),
        ("CCTV-1 综合", 0, "cctv1z", "letters", 3),
        ("重庆小面", 0, "zq", "letters", 2),
        ("中国农业银行", 0, "xx", "letters", 0),
        ("中国农业银行", 2, "农业银行啊", "han", 0),
        ("中国农业银行", 2, "农业", "han", 2),
    ],
)
def test_how_far_a_typing_reaches(
    name: str, start: int, typed: str, alphabet: str, units: int
) -> None:
    reached = covered(with_readings(units_of(name)), start, typed, alphabet)  # type: ignore[arg-type]
    assert max(reached, 0) == units


def test_words_of_the_same_meaning_stand_for_each_other() -> None:
    assert "低保怎么申请" in other_forms("最低生活保障怎么申请")
    assert "最低生活保障怎么申请" in other_forms("低保怎么申请")
    # The word that holds another is the one that is replaced.
    assert other_forms("养老保险缴费") == ["养老金缴费"]
    assert other_forms("水稻育秧") == []


def test_the_table_of_synonyms_is_written_as_names_are_compared() -> None:
    for words in groups():
        assert len(words) == len(set(words)) > 1
        assert all(squeeze(units_of(word)) == word for word in words)
