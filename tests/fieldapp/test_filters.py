"""How long texts become titles."""

import pytest

from fieldapp.view.filters import shortened


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路口警示灯一盏不亮", "路口警示灯一盏不亮"),
        (
            "中段路肩堆土约三十米，占了人行道，没有围挡和警示灯（K2+350至K2+380右侧）",
            "中段路肩堆土约三十米，占了人行道，没有围挡和警示灯（K2+350至K2+380右…",
        ),
        ("Earth heaped on the shoulder for about thirty metres", "Earth heaped on the shoulder for about…"),
        ("x" * 60, "x" * 39 + "…"),
    ],
)
def test_a_title_ends_with_a_whole_word_and_says_that_it_goes_on(text: str, title: str) -> None:
    assert shortened(text) == title
