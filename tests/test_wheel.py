"""The wheel holds everything: installed into an empty environment it plays a level without a screen."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin_folder(wheel, tmp_path_factory):
    """An environment with nothing but the wheel and what it asks for."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=True)
    found = home / ("Scripts" if os.name == "nt" else "bin")
    install = [str(found / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode and "No matching distribution" in done.stderr + done.stdout:
        pytest.skip("no registry can be reached")
    assert done.returncode == 0, done.stderr
    return found


def inside(bin_folder, tmp_path, *words):
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env["XDG_DATA_HOME"] = str(tmp_path)
    return subprocess.run([str(bin_folder / "kubesim"), *words], capture_output=True, text=True, env=env, cwd=tmp_path)


def test_levels_assets_and_licence_are_inside(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "kubesim_tui/_data/levels/00-ice-breaker/01-kill-a-pod/level.yaml",
        "kubesim_tui/_data/assets/images/nginx.yaml",
        "kubesim_tui/_data/assets/schema/level.schema.json",
        "kubesim_tui/_data/assets/locale/zh/LC_MESSAGES/kubesim.po",
        "kubesim_tui/api/data/schema.json",
    }
    assert wanted - names == set()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_an_installed_level_is_played_without_a_screen(bin_folder, tmp_path):
    script = ROOT / "levels/00-ice-breaker/01-kill-a-pod/solutions/scale.txt"
    done = inside(bin_folder, tmp_path, "run", "0-1", "--script", str(script), "--json")
    assert (done.returncode, done.stderr, json.loads(done.stdout)["result"]) == (0, "", "won")


def test_the_installed_levels_are_the_same_levels(bin_folder, tmp_path):
    done = inside(bin_folder, tmp_path, "levels", "--json")
    ids = [level["id"] for level in json.loads(done.stdout)["levels"]]
    assert ids[:6] == ["0-1", "0-2", "0-3", "3-1", "4-1", "7-1"]


def test_the_title_can_be_loaded(bin_folder, tmp_path):
    """What the screens need is installed too, their Chinese among it."""
    code = "from kubesim_tui.tui import i18n; from kubesim_tui.tui.screens import play; print(i18n.load('zh')('Help'))"
    done = subprocess.run([str(bin_folder / "python"), "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "帮助\n"), done.stderr
