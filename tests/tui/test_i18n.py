"""The reader of .po files."""

import pytest

from kubesim_tui.cluster.picture.followed import fact
from kubesim_tui.tui import components
from kubesim_tui.tui.i18n import Texts, load, locale_file, preferred, read_po

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

# a comment
#: kubesim_tui/tui/app.py
msgid "Nodes"
msgstr "节点"

msgid ""
"a long "
"one\\n"
msgstr "长\\n"

#, fuzzy
msgid "guess"
msgstr "猜"

msgid "{n} hint"
msgid_plural "{n} hints"
msgstr[0] "{n} 条提示"

msgid "empty"
msgstr ""
"""


def test_translations_are_read_and_doubtful_ones_are_not():
    assert read_po(PO) == {"Nodes": "节点", "a long one\n": "长\n", "{n} hint": "{n} 条提示"}


def test_a_text_without_translation_stays_english():
    assert Texts("zh", read_po(PO))("Services") == "Services"


def test_names_in_a_text_are_filled_in():
    assert Texts()("{n} left", n=3) == "3 left"


def test_numbers_choose_their_form():
    zh = Texts("zh", read_po(PO))
    assert [Texts().number("{n} hint", "{n} hints", n) for n in (1, 2)] == ["1 hint", "2 hints"]
    assert zh.number("{n} hint", "{n} hints", 2) == "2 条提示"


def test_the_chinese_texts_are_found_in_a_checkout():
    assert locale_file("zh").name == "kubesim.po"
    assert load("zh").language == "zh"


def test_the_language_follows_the_locale():
    assert [preferred({"LANG": v}) for v in ("zh_CN.UTF-8", "de_DE.UTF-8", "")] == ["zh", "en", "en"]
    assert preferred({"KUBESIM_LANG": "en", "LANG": "zh_CN"}) == "en"


@pytest.mark.parametrize(
    ("language", "n", "told"), [("en", 1, "1 Pod"), ("en", 2, "2 Pods"), ("zh", 1, "1 Pod"), ("zh", 2, "2 Pod")]
)
def test_a_figure_of_one_is_told_of_one(language, n, told):
    assert components.short(load(language), (fact("pods", n=n),)) == [told]


def test_what_is_told_of_one_is_told_of_many_too():
    assert set(components.ONE) <= {*components.SHORT.values(), *components.LONG.values()}
