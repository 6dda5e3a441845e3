"""What must not be made public is found in a text, however written; the rest is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.notices.model import check_publishable
from catalog.notices.privacy import find_private, kind_of
from core.errors import InvalidInputError


def with_check(body: str) -> str:
    """Return an ID number's first 17 digits with the check character of GB 11643."""
    weights = [2 ** (17 - at) % 11 for at in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def luhn(body: str) -> str:
    """Return digits with the check digit of ISO/IEC 7812 behind them."""
    for last in "0123456789":
        odd, even = (body + last)[-1::-2], (body + last)[-2::-2]
        total = sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)
        if total % 10 == 0:
            return body + last
    raise AssertionError


def kinds(text: str) -> list[str]:
    return [found.kind for found in find_private(text)]


@pytest.mark.parametrize(
    "text",
    [
        "电话13800138000。",
        "电话：138 0013 8000",
        "电话 138-0013-8000 找老李",
        "＋８６１３８００１３８０００",
        "138\u200b0013\u200b8000",
        "手机+86 13800138000",
        "2026年11月20日 13800138000",
        "2026-11-20 138 0013 8000",
    ],
)
def test_a_mobile_number_is_found(text: str) -> None:
    assert kinds(text) == ["mobile"]


@pytest.mark.parametrize("shape", ["{}", "身份证{}李四", "{} ", "号码:{}"])
def test_an_id_number_is_found(shape: str) -> None:
    for body in ("99000019500307123", "99000020010230001"):
        assert kinds(shape.format(with_check(body))) == ["id_number"]


def test_an_id_number_that_ends_in_x_is_found_in_groups_and_in_small_letters() -> None:
    number = next(n for n in map(with_check, _bodies()) if n.endswith("X"))
    assert kinds(f"{number[:6]} {number[6:14]} {number[14:]}") == ["id_number"]
    assert kinds(number.lower() + "，王") == ["id_number"]


def _bodies() -> list[str]:
    return [f"9900001950030712{digit}" for digit in range(10)]


def test_bank_cards_of_16_to_19_digits_are_found() -> None:
    for length in range(16, 20):
        card = luhn("6222021234567890123"[: length - 1])
        assert len(card) == length
        assert kinds(f"卡号 {card}") == ["bank_card"]
    spaced = luhn("622202123456789")
    assert kinds(" ".join(spaced[at : at + 4] for at in range(0, 16, 4))) == ["bank_card"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今年收入 1380.00 元，支出 13800 元",
        "2026年11月20日 8:00 到 18:00",
        "凭证号 20261120001，合计 12345678901 元",
        "座机 0931-8123456",
        "138****8000",
        "12800138000",
        "1380013800",
        "9" * 40,
        "0000000000000000",
        "99000019501307123X",
        "二〇二六年十一月",
        "合同 HT13800138000",
    ],
)
def test_what_a_notice_needs_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_one_wrong_digit_is_no_id_number() -> None:
    number = with_check("99000019500307123")
    assert kind_of(number) == "id_number"
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert kind_of(wrong) != "id_number"


def test_every_find_is_told_with_its_place_and_not_in_full() -> None:
    text = "第一段没有什么。\n\n联系李会计 13800138000 领取\n再问 13900139000"
    found = find_private(text)
    assert [one.paragraph for one in found] == [2, 3]
    assert [text[one.start : one.stop] for one in found] == ["13800138000", "13900139000"]
    assert found[0].words == "联系李会计 138****000 领取"


def test_publishing_names_the_text_and_the_paragraph() -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_publishable("通知", "一\n请打13800138000", 0)
    assert caught.value.field == "body"
    assert "正文第 2 段" in caught.value.message
    assert "手机号码" in caught.value.message
    assert "13800138000" not in caught.value.message
    with pytest.raises(InvalidInputError) as caught:
        check_publishable("找13800138000", "好", 0)
    assert caught.value.field == "title"


def test_a_notice_says_something_in_words_or_pages() -> None:
    with pytest.raises(InvalidInputError):
        check_publishable("通知", "", 0)
    check_publishable("通知", "", 1)
    check_publishable("通知", "明天停水。", 0)


@given(st.text(alphabet="0123456789 Xx-１.\n号", max_size=300))
def test_any_text_is_read_to_its_end_and_finds_lie_in_it_apart(text: str) -> None:
    end = 0
    for found in find_private(text):
        assert end <= found.start < found.stop <= len(text)
        end = found.stop


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_mobile_number_gets_through(number: str) -> None:
    assert "mobile" in kinds(f"电话{number}，谢谢")
