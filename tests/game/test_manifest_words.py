"""What the editor says in its own words, in Chinese; Kubernetes' words stay."""

import pytest

from kubesim_tui.api.yamlgo import hints
from kubesim_tui.game.manifest_words import WHOLE, in_language

SAID = [
    ('key "a" is there twice: the last one counts', "键“a”出现了两次：以后一个为准"),
    ("data.b: text is expected here, not a number", "data.b：这里应是文本，而不是数字"),
    ("apiVersion is missing; Deployment is served as apps/v1", "缺少 apiVersion；Deployment 的版本是 apps/v1"),
    (
        "Deployment is not served as extensions/v1beta1 since Kubernetes 1.16: use apiVersion: apps/v1",
        "从 Kubernetes 1.16 起不再提供 extensions/v1beta1 的 Deployment：请用 apiVersion: apps/v1",
    ),
    ('no matches for kind "Mop" in version "v1"', 'no matches for kind "Mop" in version "v1"'),
    ('spec.x: Invalid value: "a; b": must be so', 'spec.x: Invalid value: "a; b": must be so'),
]


@pytest.mark.parametrize("english, chinese", SAID)
def test_our_own_words_are_told_in_chinese_and_kubernetes_words_stay(english, chinese):
    assert (in_language(english, "zh"), in_language(english, "en")) == (chinese, english)


def test_every_advice_about_yaml_is_known_in_chinese():
    advice = {text for _, text in hints._ADVICE} | {hints._TAB, hints._TOKEN, hints._TEMPLATE}
    assert advice - set(WHOLE) == set()
