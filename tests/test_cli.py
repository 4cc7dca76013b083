"""The command line from outside: output, JSON, exit codes, messages, Ctrl-C, pipes, and how soon it answers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kubesim_tui.cli import main
from kubesim_tui.cli.output import table

LEVELS = Path(__file__).resolve().parents[1] / "levels"
KILL = LEVELS / "00-ice-breaker" / "01-kill-a-pod"
WIN, LOSE = str(KILL / "solutions" / "scale.txt"), str(KILL / "traps" / "restart.txt")
SHELL = [sys.executable, "-m", "kubesim_tui"]

PLAIN = "kubectl scale deployment web --replicas=3\nwait 20\ngo\n" + "wait 90\n" * 6
"""A failed request pauses: so one waits again."""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29"}]}
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Progress goes nowhere else."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def kubesim(capsys, *words):
    """(exit code, standard output, standard error)."""
    try:
        code = main(words)
    except SystemExit as left:
        code = left.code
    said = capsys.readouterr()
    return code, said.out, said.err


# -- how soon ------------------------------------------------------------------------------------------------------


def test_help_loads_no_library():
    slow = "{'attr', 'attrs', 'yaml', 'textual', 'rich', 'platformdirs', 'json'}"
    code = "import sys; from kubesim_tui.cli.parser import _parser; _parser().format_help(); "
    code += f"print(sorted({{m.split('.')[0] for m in sys.modules}} & {slow}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_help_documents_the_exit_codes(capsys):
    code, out, _ = kubesim(capsys, "--help")
    assert (code, [line.split()[0] for line in out.split("exit codes:\n")[1].splitlines()]) == (
        0,
        ["0", "1", "2", "70", "130", "141"],
    )


# -- why-here ------------------------------------------------------------------------------------------------------


@pytest.fixture
def manifest(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(DEPLOYMENT)
    return str(file)


def test_why_here_tells_of_every_pod_of_a_workload(capsys, manifest):
    code, out, _ = kubesim(capsys, "why-here", "web", "-f", manifest, "--ticks", "5", "--json")
    found = json.loads(out)["placements"]
    assert (code, len(found), {p["remembered"] for p in found}) == (0, 2, {True})
    best = found[0]["nodes"][0]
    assert best["node"] == found[0]["node"]
    assert best["total"] == sum(s["weight"] * s["normalized"] for s in best["scores"])


def test_why_here_in_words_and_in_chinese(capsys, manifest):
    code, out, _ = kubesim(capsys, "why-here", "-f", manifest, "--ticks", "5", "--lang", "zh")
    assert (code, out.count("个节点中有 3 个合适"), "NodeResourcesFit" in out) == (0, 2, True)


def test_why_here_of_nobody(capsys, manifest):
    code, _, err = kubesim(capsys, "why-here", "api", "-f", manifest, "--ticks", "0")
    assert (code, err.startswith("kubesim: there is no Pod 'api', and nothing of that name has Pods")) == (2, True)


CONFIGURATION = """\
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - plugins:
      score:
        disabled: [{name: "*"}]
        enabled: [{name: ImageLocality, weight: 7}]
"""


def test_a_scheduler_is_configured_by_a_file(capsys, manifest, tmp_path):
    file = tmp_path / "scheduler.yaml"
    file.write_text(CONFIGURATION)
    words = ("why-here", "-f", manifest, "--ticks", "5", "--scheduler-config", str(file), "--json")
    found = json.loads(kubesim(capsys, *words)[1])["placements"][0]["nodes"][0]["scores"]
    assert [(s["plugin"], s["weight"]) for s in found] == [("ImageLocality", 7)]


def test_a_wrong_configuration_of_the_scheduler_is_told_at_its_line(capsys, manifest, tmp_path):
    file = tmp_path / "scheduler.yaml"
    file.write_text(CONFIGURATION.replace("7", "'7'"))
    code, _, err = kubesim(capsys, "sim", "-f", manifest, "--scheduler-config", str(file))
    place = "profiles[0].plugins.score.enabled[0].weight"
    assert (code, err) == (2, f'kubesim: {file}:7: {place}: Invalid value: "7": must be an integer\n')


# -- run -----------------------------------------------------------------------------------------------------------


def test_a_won_game_as_json(capsys):
    code, out, err = kubesim(capsys, "run", "0-1", "--script", WIN, "--seed", "1", "--json")
    found = json.loads(out)
    assert (code, err, list(found)) == (0, "", ["result", "tick", "stars", "score", "digest", "why"])
    assert (found["result"], list(found["score"]), found["why"]) == (
        "won",
        ["served", "cost", "changes", "costPerMillion"],
        [],
    )


def test_a_lost_game_says_why(capsys):
    code, out, _ = kubesim(capsys, "run", "0-1", "--script", LOSE, "--json")
    found = json.loads(out)
    (why,) = found["why"]
    assert (code, found["result"], found["stars"]) == (1, "lost", 0)
    assert (why["objective"], why["cause"], why["object"]) == ("web", "single-replica", "deployment/web")
    assert why["prevented"] == "More than one replica: while one is replaced the others answer."
    assert [list(link) for link in why["chain"]] == [["text", "component", "tick", "object", "event"]] * len(
        why["chain"]
    )


def test_the_same_run_prints_the_same_bytes(capsys):
    runs = {kubesim(capsys, "run", "0-1", "--script", WIN, "--json") for _ in range(2)}
    assert len(runs) == 1


def test_a_script_may_come_from_standard_input(capsys, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(Path(WIN).read_text()))
    assert kubesim(capsys, "run", "0-1", "--script", "-")[0] == 0


def test_a_wait_that_runs_out_is_told_with_its_line(capsys, tmp_path):
    (tmp_path / "s.txt").write_text("# mine\nuntil deploy/web status.readyReplicas >= 9 within 2s\n")
    code, _, err = kubesim(capsys, "run", "0-1", "--script", str(tmp_path / "s.txt"))
    assert (code, err) == (1, f"kubesim: {tmp_path}/s.txt:2: what it waits for did not happen in time\n")


# -- recordings ----------------------------------------------------------------------------------------------------


def test_a_recording_is_proven_by_replay(capsys, tmp_path):
    kubesim(capsys, "run", "0-1", "--script", WIN, "--record", str(tmp_path / "r.json"))
    code, out, _ = kubesim(capsys, "replay", str(tmp_path / "r.json"), "--json")
    found = json.loads(out)
    assert (code, found["proven"], found["differs"], found["result"]) == (0, True, "", "won")


def test_a_forged_recording_is_not(capsys, tmp_path):
    file = tmp_path / "r.json"
    kubesim(capsys, "run", "0-1", "--script", WIN, "--record", str(file))
    file.write_text(file.read_text().replace("--replicas=3", "--replicas=4"))
    code, out, _ = kubesim(capsys, "replay", str(file))
    assert (code, "not proven: digest: the runs part between tick" in out) == (1, True)


def test_a_replay_can_stop_at_a_tick(capsys, tmp_path):
    file = str(tmp_path / "r.json")
    kubesim(capsys, "run", "0-1", "--script", WIN, "--record", file)
    code, out, _ = kubesim(capsys, "replay", file, "--to", "70", "--json")
    found = json.loads(out)
    assert (code, found["tick"], found["result"], found["proven"]) == (0, 70, "left", True)


def test_a_recording_that_cannot_be_written_is_told(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = kubesim(capsys, "run", "0-1", "--script", WIN, "--record", str(tmp_path / "file" / "r.json"))
    assert (code, "could not be written" in err) == (2, True)


# -- why, levels ---------------------------------------------------------------------------------------------------


def test_why_prints_the_chain_from_the_symptom_to_what_would_have_prevented_it(capsys):
    code, out, _ = kubesim(capsys, "why", "0-1", "--script", LOSE)
    first, *_, cause, remedy = out.splitlines()
    assert (code, first, cause.partition(":")[0]) == (1, "web:", "  = single-replica deployment/web")
    assert remedy == "  → More than one replica: while one is replaced the others answer."


def test_why_of_one_objective_as_json(capsys):
    _, out, _ = kubesim(capsys, "why", "0-1", "web", "--script", LOSE, "--json")
    assert [why["objective"] for why in json.loads(out)["why"]] == ["web"]


def test_why_in_chinese(capsys):
    assert "副本" in kubesim(capsys, "why", "0-1", "--script", LOSE, "--lang", "zh")[1]


def test_the_levels_are_listed(capsys):
    code, out, _ = kubesim(capsys, "levels", "--json")
    assert (code, [level["id"] for level in json.loads(out)["levels"]][:3]) == (0, ["0-1", "0-2", "0-3"])


def test_columns_are_aligned_though_chinese_is_wide():
    assert table(("A", "B"), [("破冰", "x"), ("abc", "y")]) == ["A     B", "破冰  x", "abc   y"]


# -- sim -----------------------------------------------------------------------------------------------------------


def test_sim_builds_a_kustomization_and_applies_what_it_makes(capsys, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\nnamePrefix: dev-\n")
    (tmp_path / "web.yaml").write_text(DEPLOYMENT)
    code, out, _ = kubesim(capsys, "sim", "-k", str(tmp_path), "--ticks", "0", "--json")
    (document,) = json.loads(out)["documents"]
    assert (code, document["name"], document["accepted"]) == (0, "dev-web", True)


def test_sim_says_what_is_wrong_with_a_kustomization(capsys, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resourcez: []\n")
    code, _, err = kubesim(capsys, "sim", "-k", str(tmp_path))
    assert (code, 'json: unknown field "resourcez"' in err) == (2, True)


def test_sim_says_which_file_of_a_kustomization_is_no_text(capsys, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("configMapGenerator: [{name: a, files: [logo]}]\n")
    (tmp_path / "logo").write_bytes(b"\xff\xfe")
    code, _, err = kubesim(capsys, "sim", "-k", str(tmp_path))
    assert (code, "logo: not utf-8 text (invalid start byte at byte 0)" in err) == (2, True)


def test_why_here_says_that_there_is_no_pod_to_tell_of(capsys, tmp_path):
    (tmp_path / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    code, out, err = kubesim(capsys, "why-here", "-f", str(tmp_path))
    assert (code, out, "there is no Pod that a scheduler has a say in" in err) == (2, "", True)


def test_manifests_are_applied_and_the_objects_printed(capsys, tmp_path):
    (tmp_path / "web.yaml").write_text(DEPLOYMENT)
    code, out, _ = kubesim(capsys, "sim", "-f", str(tmp_path), "--ticks", "60", "--json")
    found = json.loads(out)
    pods = [o for o in found["objects"] if o["kind"] == "Pod" and o["metadata"]["namespace"] == "default"]
    ready = [c["status"] for pod in pods for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    assert (code, list(found), ready) == (0, ["documents", "objects", "digest"], ["True", "True"])
    (document,) = found["documents"]
    assert document == {
        "file": str(tmp_path / "web.yaml"), "document": 0, "line": 1, "apiVersion": "apps/v1", "kind": "Deployment",
        "name": "web", "accepted": True,
    }  # fmt: skip


def test_refused_documents_are_told_with_field_and_line_and_the_others_applied(capsys, tmp_path):
    (tmp_path / "a.yaml").write_text(DEPLOYMENT.replace("replicas: 2", "replicas: -2") + "---\n" + DEPLOYMENT)
    code, out, _ = kubesim(capsys, "sim", "-f", str(tmp_path / "a.yaml"), "--ticks", "5", "--json")
    first, second = json.loads(out)["documents"]
    assert (code, first["accepted"], second["accepted"]) == (1, False, True)
    assert (first["error"]["reason"], first["error"]["fields"], first["line"]) == ("Invalid", ["spec.replicas"], 5)


def test_a_fault_strikes_when_it_is_asked_for(capsys, tmp_path):
    (tmp_path / "a.yaml").write_text(DEPLOYMENT)
    _, out, _ = kubesim(capsys, "sim", "-f", str(tmp_path), "--ticks", "70", "--fault", "node-crash:node-a@10")
    assert "10s node-crash node-a\n" in out


# -- mistakes ------------------------------------------------------------------------------------------------------

MISTAKES = [
    (["fly"], "invalid choice: 'fly'"),
    (["run", "0-1"], "the following arguments are required: --script"),
    (["run", "9-9", "--script", WIN], "there is no level '9-9'; there are 0-1"),
    (["run", "0-1", "--script", "/nowhere"], "/nowhere: the script cannot be read: No such file or directory"),
    (["run", "0-1", "--script", str(LEVELS)], "the script cannot be read: Is a directory"),
    (["replay", "/nowhere"], "/nowhere: the recording cannot be read: No such file or directory"),
    (["replay", WIN], "scale.txt:1: not a recording: "),
    (["why", "0-1", "nope", "--script", WIN], "0-1 has no objective 'nope'; there are web"),
    (["sim"], "one of the arguments -f/--filename -k/--kustomize is required"),
    (["sim", "-f", "/nowhere"], "/nowhere: no such file or folder"),
    (["sim", "-f", WIN, "--fault", "boom@3"], "there is no fault 'boom'"),
    (["sim", "-f", WIN, "--fault", "node-crash"], "write NAME@TICK"),
    (["sim", "-f", WIN, "--ticks", "-1"], "is not a whole number from 0"),
    (["sim", "-f", WIN, "--nodes", "0"], "is not a whole number from 1"),
    (["sim", "-f", WIN, "--control-planes", "2"], "invalid choice: 2 (choose from 1, 3, 5)"),
    (["check", "9-9"], "there is no level '9-9'"),
    (["bench", "warp"], "there is no figure 'warp'"),
    (["play", "9-9"], "there is no level '9-9'"),
]


@pytest.mark.parametrize("words, said", MISTAKES, ids=[" ".join(m[0])[:40] for m in MISTAKES])
def test_a_mistake_is_one_line_on_standard_error_and_exit_code_2(capsys, words, said):
    code, out, err = kubesim(capsys, *words)
    assert (code, out, err.startswith("kubesim: "), err.count("\n")) == (2, "", True, 1)
    assert said in err


def test_a_broken_level_is_told_with_file_and_line(capsys, tmp_path):
    from tests.game.builders import LEVEL, folder

    made = folder(tmp_path, level=LEVEL.replace("minutes: 1", "minutes: soon"))
    code, _, err = kubesim(capsys, "run", str(made), "--script", WIN)
    assert (code, err) == (2, f"kubesim: {made}/level.yaml:10: spec.minutes: 'soon' is not of type 'integer'\n")


def test_a_start_that_the_cluster_refuses_is_told_with_file_and_line(capsys, tmp_path):
    from tests.game.builders import folder

    made = folder(tmp_path)
    (made / "start" / "web.yaml").write_text("---\n" + DEPLOYMENT.replace("replicas: 2", "replicsa: 2"))
    code, _, err = kubesim(capsys, "run", str(made), "--script", WIN)
    assert (code, err.startswith(f"kubesim: {made}/start/web.yaml:"), 'unknown field "spec.replicsa"' in err) == (
        2,
        True,
        True,
    )


def test_without_a_terminal_play_says_what_to_do(capsys):
    code, _, err = kubesim(capsys, "play")
    assert (code, "kubesim play --plain" in err) == (2, True)


# -- play --plain --------------------------------------------------------------------------------------------------


def test_plain_lines_win_a_level_and_keep_progress_and_recording(home):
    said = PLAIN + "quit\n"
    done = subprocess.run([*SHELL, "play", "0-1", "--plain"], input=said, capture_output=True, text=True)
    progress = json.loads((home / "kubesim" / "progress.json").read_text())
    recordings = list((home / "kubesim" / "recordings").iterdir())
    assert (done.returncode, done.stderr, "You have won." in done.stdout) == (0, "", True)
    assert (progress["levels"]["kill-a-pod"]["stars"] > 0, len(recordings)) == (True, 1)


def test_a_full_disk_is_told_and_the_game_goes_on(home):
    home.mkdir()
    (home / "kubesim").write_text("in the way")
    said = PLAIN + "board\nquit\n"
    done = subprocess.run([*SHELL, "play", "0-1", "--plain"], input=said, capture_output=True, text=True)
    assert (done.returncode, "You have won." in done.stdout, "could not be written" in done.stderr) == (0, True, True)


# -- signals and pipes ---------------------------------------------------------------------------------------------


def test_ctrl_c_ends_with_130_and_without_a_traceback(tmp_path):
    (tmp_path / "a.yaml").write_text(DEPLOYMENT)
    running = subprocess.Popen(
        [*SHELL, "sim", "-f", str(tmp_path), "--ticks", "100000000"], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=10)
    assert (running.returncode, err) == (130, b"")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
def test_ctrl_c_ends_all_processes_of_a_check_at_once():
    running = subprocess.Popen(
        [*SHELL, "check"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(2)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=10)
    assert (running.returncode, out, err) == (130, b"", b"")


def test_a_reader_that_goes_away_is_no_mistake(tmp_path):
    (tmp_path / "a.yaml").write_text(DEPLOYMENT)
    running = subprocess.Popen(
        [*SHELL, "sim", "-f", str(tmp_path), "--json"], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    running.stdout.close()
    assert (running.wait(60), running.stderr.read()) == (141, b"")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system closes terminals in another way")
@pytest.mark.usefixtures("home")
def test_a_game_that_make_has_begun_ends_with_its_terminal_though_nobody_tells_it():
    ours, theirs = os.openpty()
    running = subprocess.Popen(
        [*SHELL, "play", "0-1"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    painted = b""
    while b"Kill a Pod" not in painted:
        painted += os.read(ours, 65_536)
    os.close(ours)
    try:
        assert running.wait(20) == -signal.SIGHUP
    finally:
        running.kill()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system closes terminals in another way")
def test_a_terminal_that_is_closed_keeps_the_game(home):
    running = subprocess.Popen(
        [*SHELL, "play", "0-1", "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("go\nwait 3\nkubectl fly\n")
    running.stdin.flush()
    assert any('unknown command "fly"' in line for line in running.stdout)  # so far it has come
    running.send_signal(signal.SIGHUP)
    running.wait(20)
    (file,) = (home / "kubesim" / "recordings").iterdir()
    assert (running.returncode, json.loads(file.read_text())["result"]) == (-signal.SIGHUP, "left")
