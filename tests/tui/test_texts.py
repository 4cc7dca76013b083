"""Both languages are complete, and no English leaks into Chinese screens."""

import re
import string

import pytest

from kubesim_tui.tui import schema
from kubesim_tui.tui.i18n import load, locale_file, read_po
from kubesim_tui.tui.widgets import figures, objectives
from tests.tui import builders, fakes
from tests.tui.scenes import playing, screen_text
from tools import texts

WANTED = texts.all_texts()
HAVE = read_po(locale_file("zh").read_text(encoding="utf-8"))

# What stays English: Kubernetes' own words, keys, names of the game, units.
OWN = """kubesim kubectl Kubernetes YAML SLO Esc Tab Enter Space Pod Pods Deployment StatefulSet Service Services
ConfigMap Secret StatefulSets configmap exec Mi Gi Job Ingress Node ReplicaSet PersistentVolumeClaim Event GET
POST apply English EndpointSlice kubelet proxy controller mgr ctl nginx rev DNS CPU API env volume
kube system deploy sts svc rs pod node Shift cp ms MemoryPressure bytes Terminating Running CrashLoopBackOff"""


def test_every_text_is_translated():
    assert sorted(set(WANTED) - set(HAVE)) == []


def test_no_translation_is_left_over():
    assert sorted(set(HAVE) - set(WANTED)) == []


def test_translations_have_the_same_names_to_fill_in():
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {text: fields(HAVE[text]) for text in WANTED} == {text: fields(text) for text in WANTED}


def test_terms_follow_the_list_of_concepts():
    t = load("zh")
    assert (t("Palette"), t("OOM"), t("cordoned")) == ("命令面板", "内存不足", "不可调度")


SCREENS = [
    ("title", ()),
    ("levels", ()),
    ("start", ()),
    ("outage", ()),
    ("outage", ("enter",)),
    ("won", ()),
    ("lost", ()),
    ("shop", ("tab",)),
    ("shop", ("shift+tab",)),
    ("shop", ("question_mark",)),
    ("shop", ("ctrl+p",)),
    ("shop", ("w",)),
    ("shop", ("h",)),
    ("shop", ("f",)),
    ("shop", ("m",)),
    ("shop", ("F",)),
    ("shop", ("e",)),
    ("shop", ("colon",)),
    ("shop", ("R",)),
    ("shop", ("left_square_bracket",)),
]


@pytest.mark.parametrize("name, keys", SCREENS, ids=lambda v: v if isinstance(v, str) else "-".join(v) or "plain")
async def test_no_english_in_chinese_screens(name, keys):
    async with playing(name, (120, 40), keys, language="zh") as pilot:
        shown = set(re.findall(r"[A-Za-z]{2,}", screen_text(pilot.app)))
    data = repr((builders.shop("zh"), builders.outage("zh"), builders.won("zh"), builders.lost("zh"), fakes.MANIFEST))
    data += repr([builders.followed(sort) for sort in builders.SORTS]) + repr(builders.machine_room())
    data += repr([builders.course(write) for write in builders.WRITES])
    data += repr(fakes.ERRORS) + repr(pilot.app.session.actions(builders.WEB_POD))
    if keys == ("e",):  # Kubernetes' words for a field stay English
        data += repr(schema.fields(("apps/v1", "Deployment"), ()))
    known = set(re.findall(r"[A-Za-z]+", data))
    leaked = {w for w in shown - known - set(OWN.split()) if not any(k.startswith(w) or k.endswith(w) for k in known)}
    assert leaked == set()


def test_what_the_game_says_when_it_stops_by_itself_is_known_here():
    said = re.findall(r'pause_because = "([^"]+)"', (texts.ROOT / "kubesim_tui/game/game.py").read_text("utf-8"))
    assert said
    assert set(said) <= set(objectives.PAUSES)


def test_the_words_of_the_picture_are_known_here():
    source = (texts.ROOT / "kubesim_tui/cluster/picture/services.py").read_text("utf-8")
    said = set(re.findall(r'"((?:no|service) [a-z ]+)"', source))
    assert {"no controller", "no endpoints"} <= said
    assert said <= set(figures.WORDS)
