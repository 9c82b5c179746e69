from __future__ import annotations

import pytest

from magazine.addresses import BadAddress, parse_address


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        pytest.param("  Reader@Example.COM ", "Reader@example.com", id="blanks and capitals"),
        pytest.param("reader@例子.中国", "reader@xn--fsqu00a.xn--fiqs8s", id="a domain in Chinese"),
        pytest.param("ｒｅａｄｅｒ＠example.com", "reader@example.com", id="full-width letters"),
        pytest.param('"two words"@example.com', '"two words"@example.com', id="a quoted name"),
        pytest.param("o'neil+news@example.com", "o'neil+news@example.com", id="quote and plus"),
    ],
)
def test_an_address_is_told_as_a_server_wants_it(written: str, spec: str) -> None:
    assert parse_address(written).spec == spec


@pytest.mark.parametrize(
    ("written", "why"),
    [
        pytest.param("", "请填写邮箱地址，例如 name@example.com。", id="nothing"),
        pytest.param("reader", "请填写邮箱地址，例如 name@example.com。", id="no at sign"),
        pytest.param(
            "a@example.com\r\nBcc: b@example.com",
            "邮箱地址里有换行或控制字符，请重新填写一个地址。",
            id="a header smuggled in",
        ),
        pytest.param("a@example.com\n", "邮箱地址里有换行或控制字符，请重新填写一个地址。", id="a line end behind it"),
        pytest.param("a b@example.com", "@ 前面的写法不对，请检查有没有多余的符号或空格。", id="a blank inside"),
        pytest.param("a@b@example.com", "@ 前面的写法不对，请检查有没有多余的符号或空格。", id="two at signs"),
        pytest.param("a,b@example.com", "@ 前面的写法不对，请检查有没有多余的符号或空格。", id="two addresses"),
        pytest.param('"a@example.com', "@ 前面的写法不对，请检查有没有多余的符号或空格。", id="an open quote"),
        pytest.param("a@example", "@ 后面的域名不完整，例如应为 example.com。", id="half a domain"),
        pytest.param("a@exa mple.com", "@ 后面不是有效的域名，请检查。", id="a blank in the domain"),
        pytest.param(
            "读者@example.com",
            "@ 前面有英文字母、数字以外的文字，多数邮件服务器收不到。请换一个地址。",
            id="a Chinese name",
        ),
        pytest.param("a" * 65 + "@example.com", "@ 前面太长，最多 64 个字符。", id="a long name"),
        pytest.param("a@" + "b" * 260 + ".com", "邮箱地址太长，最多 254 个字符。", id="a long address"),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(written: str, why: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_address(written)
    assert str(refused.value) == why


def test_two_spellings_of_a_mailbox_are_one() -> None:
    assert parse_address("Reader@Example.com").key == parse_address("reader@EXAMPLE.com").key


def test_staff_see_no_more_than_the_first_letter() -> None:
    assert parse_address("reader@example.com").masked == "r***@example.com"
