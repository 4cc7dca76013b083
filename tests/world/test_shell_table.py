"""The shell, by a table: a script, what it writes, how it ends."""

from __future__ import annotations

import pytest

from tests.world.builders import Box, text

TABLE = [
    # words and quoting
    ("echo hello world", "hello world\n", 0),
    ("echo 'a  b'  \"c  d\" e\\ f", "a  b c  d e f\n", 0),
    ("echo -n a; echo b", "ab\n", 0),
    (r"echo -e 'a\tb\nc'", "a\tb\nc\n", 0),
    ("x='a  b'; echo $x; echo \"$x\"", "a b\na  b\n", 0),
    ("x=; echo [$x] [\"$x\"] ''", "[] [] \n", 0),
    ("set -- 'a b' c; for i in \"$@\"; do echo $i; done", "a b\nc\n", 0),
    ("set -- 'a b' c; for i in $*; do echo $i; done; echo $#", "a\nb\nc\n2\n", 0),
    ("echo \"it's $((1+1)) o'clock\"", "it's 2 o'clock\n", 0),
    ("echo 'unfinished", "sh: syntax error: unterminated quoted string\n", 2),
    ("echo a#b # a comment", "a#b\n", 0),
    ("echo one \\\n two", "one two\n", 0),
    ("echo $'tab\\there'", "tab\there\n", 0),
    # parameters
    ("echo ${x:-default} ${x-unset}", "default unset\n", 0),
    ("x=; echo ${x:-empty} [${x-set}]", "empty []\n", 0),
    ("echo ${x:=kept}; echo $x", "kept\nkept\n", 0),
    ("x=1; echo ${x:+there} ${y:+there}", "there\n", 0),
    ("echo ${DB_URL:?is not set}; echo never", "sh: DB_URL: is not set\n", 2),
    ("x=a/b/c.tar.gz; echo ${x##*/} ${x#*/} ${x%.*} ${x%%.*}", "c.tar.gz b/c.tar.gz a/b/c.tar a/b/c\n", 0),
    ("x=hello; echo ${#x}", "5\n", 0),
    ("x=hello; echo ${x/l/L} ${x//l/L} ${x:1:3}", "heLlo heLLo ell\n", 0),
    ("for i in ${LIST:-a b c}; do echo $i; done", "a\nb\nc\n", 0),
    ("false; echo $?; true; echo $?", "1\n0\n", 0),
    ("set -u; echo $nope", "sh: nope: parameter not set\n", 2),
    ("HOSTNAME=x; echo $HOSTNAME; echo $0", "x\nsh\n", 0),
    # substitution and arithmetic
    ("echo $(echo a; echo b)", "a b\n", 0),
    ('echo "$(echo a; echo b)"', "a\nb\n", 0),
    ("echo `echo back \\`echo quoted\\``", "back quoted\n", 0),
    ("x=$(exit 3); echo $?", "3\n", 0),
    ("echo $((2 + 3 * 4)) $(( (2+3)*4 )) $((7/2)) $((-7/2)) $((-7%3)) $((2**10))", "14 20 3 -3 -1 1024\n", 0),
    ("i=5; i=$((i+1)); echo $i $((i++)) $i $((++i))", "6 6 7 8\n", 0),
    ("echo $((1 < 2)) $((1 && 0)) $((5 > 3 ? 10 : 20)) $((0x1f)) $((010))", "1 0 10 31 8\n", 0),
    ("echo $((1/0))", "sh: divide by zero\n", 2),
    # lists and conditions
    ("true && echo yes || echo no", "yes\n", 0),
    ("false && echo yes || echo no", "no\n", 0),
    ("! true; echo $?", "1\n", 0),
    ("if [ 1 -lt 2 ]; then echo less; else echo more; fi", "less\n", 0),
    ("if false; then echo a; elif true; then echo b; fi", "b\n", 0),
    ('[ -z "$x" ] && [ -n a ] && [ a = a ] && [ a != b ] && echo ok', "ok\n", 0),
    ("[ a = b -o 1 -eq 1 ] && echo or; [ ! a = b ] && echo not", "or\nnot\n", 0),
    ("[ 1 -eq x ]; echo $?", "sh: x: bad number\n2\n", 0),
    (
        "test -f /etc/hostname && echo file; test -d /tmp && echo dir; test -e /nope || echo none",
        "file\ndir\nnone\n",
        0,
    ),
    ("[[ web-12 =~ -([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}", "12\n", 0),
    ("[[ -f /nope && x$(echo ran >&2) = x ]]; echo $?; [[ a = a || x$(echo ran >&2) = x ]]; echo $?", "1\n0\n", 0),
    ("echo hi > /tmp/f; echo $(</tmp/f)", "hi\n", 0),
    ("[[ hello == h*o && -d /tmp ]] && echo fits", "fits\n", 0),
    ("case web-1 in db*) echo db;; web-?|api) echo web;; *) echo other;; esac", "web\n", 0),
    ("case x in a) echo a;; esac; echo $?", "0\n", 0),
    # loops
    ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n", 0),
    ("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n", 0),
    ("i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i", "2\n", 0),
    ("for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done", "1\n3\n", 0),
    ("for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done", "a1\nb1\n", 0),
    ("while true; do while true; do break 2; done; done; echo out", "out\n", 0),
    ("for ((i=0; i<3; i++)); do echo $i; done", "0\n1\n2\n", 0),
    ("seq 1 3 | while read n; do echo n$n; done", "n1\nn2\nn3\n", 0),
    # functions
    ('f() { echo "$1-$2"; return 4; }; f a b; echo $?', "a-b\n4\n", 0),
    ("f() { for i in 1 2 3; do return $i; done; }; f; echo $?; for j in x; do echo $j; done", "1\nx\n", 0),
    ("f() { f; }; f", "sh: Maximum function recursion depth reached\n", 2),
    # redirections and pipes
    ("echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f", "a\nb\n", 0),
    ("cat > /tmp/f <<EOF\nx=$((1+1))\nEOF\ncat /tmp/f", "x=2\n", 0),
    ("cat <<'EOF'\n$x `no`\nEOF", "$x `no`\n", 0),
    ("cat <<-EOF\n\tindented\n\tEOF", "indented\n", 0),
    ("echo out >&²", "sh: ²: Bad file descriptor\n", 1),
    ("echo out; echo err >&2; echo both 2>&1", "out\nerr\nboth\n", 0),
    ("ls /nope 2>/dev/null || echo failed", "failed\n", 0),
    ("{ echo a; echo b; } > /tmp/f; wc -l < /tmp/f", "2\n", 0),
    ("echo hello | tr a-z A-Z | rev", "OLLEH\n", 0),
    ("yes | head -n 2", "y\ny\n", 0),
    ("echo x > /nope/f; echo $?", "sh: can't create /nope/f: nonexistent directory\n1\n", 0),
    ("cat < /nope; echo $?", "sh: can't open /nope: no such file\n1\n", 0),
    ("echo a | (read x; echo got $x)", "got a\n", 0),
    ("echo to-the-log > /proc/1/fd/1", "to-the-log\n", 0),
    ("while read a b; do echo $b $a; done <<EOF\n1 2 3\n4 5\nEOF", "2 3 1\n5 4\n", 0),
    # the ends of things
    ("exit 42", "", 42),
    ("(exit 3); echo $?", "3\n", 0),
    ("nope; echo $?", "sh: nope: not found\n127\n", 0),
    ("foo", "sh: foo: not found\n", 127),
    ("set -e; false; echo never", "", 1),
    ("set -e; false || true; if false; then :; fi; echo here", "here\n", 0),
    ("set -e; x=$(false); echo never", "", 1),
    ("set -x; echo a b", "+ echo a b\na b\n", 0),
    ("if true; then echo", 'sh: syntax error: unexpected end of file (expecting "fi")\n', 2),
    ("done", 'sh: syntax error: unexpected "done"\n', 2),
    ("trap 'echo bye' EXIT; echo hi; exit 5", "hi\nbye\n", 5),
    # jobs
    ("sleep 1 & wait; echo done", "done\n", 0),
    ("(exit 7) & wait $!; echo $?", "7\n", 0),
    ("sleep 100 & kill $!; wait $!; echo $?", "143\n", 0),
    ("timeout 1 sleep 10; echo $?", "143\n", 0),
    # bash
    ("items=(foo bar baz); echo ${items[1]} ${#items[@]} ${items[@]}", "bar 3 foo bar baz\n", 0),
    ("I=2; items=(a b c); echo ${items[$I]}", "c\n", 0),
    ("eval 'x=5; echo $x'", "5\n", 0),
    ("echo 'y=7' > /tmp/env; . /tmp/env; echo $y", "7\n", 0),
    ("export A=1; sh -c 'echo $A $B'; B=2 sh -c 'echo $B'", "1\n2\n", 0),
    ("cd /tmp; pwd; cd -; pwd", "/tmp\n/\n", 0),
    ("echo /etc/host*", "/etc/hostname\n", 0),
    ("echo *nothing*", "*nothing*\n", 0),
    ("IFS=,; x=a,b,,c; for i in $x; do echo [$i]; done", "[a]\n[b]\n[]\n[c]\n", 0),
    ("printf '%s=%03d\\n' a 7 b 42", "a=007\nb=042\n", 0),
    ("printf '%-5s|%5s|%x\\n' ab cd 255", "ab   |   cd|ff\n", 0),
    ("x=1; f() { local x=2 y=3; echo $x$y; }; f; echo $x$y", "23\n1\n", 0),
    ('while true; do x="$x$x........."; done', "sh: out of memory\n", 2),
    ("exec echo replaced; echo never", "replaced\n", 0),
    ("env -i A=1 env", "A=1\n", 0),
]


@pytest.mark.parametrize("script,expected,code", TABLE, ids=[row[0][:40] for row in TABLE])
def test_a_script_writes_this_and_ends_so(script: str, expected: str, code: int) -> None:
    assert (expected, code) == Box().sh(script)


TOOLS = [
    ("echo b a c | tr ' ' '\\n' | sort | head -1", "a\n"),
    ("printf 'a\\na\\nb\\n' | uniq -c", "      2 a\n      1 b\n"),
    ("printf '1\\n10\\n9\\n' | sort -rn | tr '\\n' ' '", "10 9 1 \n"),
    ("echo a:b:c | cut -d: -f1,3", "a:c\n"),
    ("echo 'x=1' | sed 's/x/y/; s/1/2/'", "y=2\n"),
    ("printf 'a\\nb\\nc\\n' | sed -n '2p'", "b\n"),
    ("printf 'a\\nb\\nc\\n' | sed '/b/d'", "a\nc\n"),
    ("echo foo/bar | sed 's|/|-|g' | sed -E 's/(o+)/<\\1>/'", "f<oo>-bar\n"),
    ("printf 'one\\ntwo\\n' | grep -n two", "2:two\n"),
    ("printf 'one\\ntwo\\n' | grep -vc one", "1\n"),
    ("echo abc | grep -q b && echo found", "found\n"),
    ("printf 'a b c\\nd e f\\n' | awk '{print $2}'", "b\ne\n"),
    ("echo a,b | awk -F, '{print $2 \"-\" $1}'", "b-a\n"),
    ("echo -n hello | base64", "aGVsbG8=\n"),
    ("echo aGVsbG8= | base64 -d", "hello\n"),
    ("echo a b c | wc -w", "3\n"),
    ("seq 2 2 6 | tail -n 2", "4\n6\n"),
    ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n"),
    ("mkdir -p /tmp/a/b; touch /tmp/a/x; ls /tmp/a; rmdir /tmp/a/b; ls /tmp/a", "b\nx\nx\n"),
    ("echo hi > /tmp/a; cp /tmp/a /tmp/b; mv /tmp/b /tmp/c; cat /tmp/c; ls /tmp", "hi\na\nc\n"),
    ("mkdir /tmp/d; touch /tmp/d/f; rm /tmp/d; rm -r /tmp/d; ls /tmp", "rm: can't remove '/tmp/d': is a directory\n"),
    ("cat /tmp/nope", "cat: can't open '/tmp/nope': No such file or directory\n"),
    ("find /tmp -name '*.x'; touch /tmp/a.x; find /tmp -name '*.x'", "/tmp/a.x\n"),
    ("echo a b | xargs -n 1 echo item", "item a\nitem b\n"),
    ("hostname; hostname -i", "web-1\n10.244.0.7\n"),
    ("id; whoami", "uid=0(root) gid=0(root) groups=0(root)\nroot\n"),
    ("date +%Y-%m-%dT%H", "2026-01-01T09\n"),
    ("expr 3 + 4; expr abc : 'a\\(.*\\)'", "7\nbc\n"),
    ("echo abc | md5sum | cut -c1-8", "0bee89b0\n"),
    ("echo a | tee /tmp/f; cat /tmp/f", "a\na\n"),
    ("rm -f /nope; echo $?", "0\n"),
    ("rev <<< abc", "cba\n"),
    ("sleep x; echo $?", "sleep: invalid number 'x'\n1\n"),
    ("dd if=/dev/zero of=/tmp/x bs=1M count=3 2>/dev/null; stat -c %s /tmp/x; rm /tmp/x", "3145728\n"),
    ("mkdir /tmp/d; cp -r /tmp /tmp/d", "cp: /tmp: cannot copy a directory into itself\n"),
    ("which nope; which cat", "/usr/bin/cat\n"),
]


@pytest.mark.parametrize("script,expected", TOOLS, ids=[row[0][:40] for row in TOOLS])
def test_a_tool_writes_this(script: str, expected: str) -> None:
    assert expected == Box().sh(script)[0]


TRACE = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n'


@pytest.mark.parametrize(
    "image,shell,expected", [("nginx", "sh", "-e a\nb\n"), ("nginx", "bash", "a\nb\n"), ("busybox", "sh", "a\nb\n")]
)
def test_echo_of_dash_reads_escapes_and_knows_no_e(image: str, shell: str, expected: str) -> None:
    assert text(Box().run(image, shell, "-c", r"echo -e 'a\nb'", ticks=1)) == expected


PYTHON = [
    ("print('hello', 1 + 2)", "hello 3\n", 0),
    (
        "import os, sys\nif int(os.environ.get('I', '2')) % 2 == 0:\n  print('even')\n  sys.exit(1)\nprint('odd')",
        "even\n",
        1,
    ),
    ("import time\nfor i in range(3):\n  print(f'step {i}')\n  time.sleep(1)", "step 0\nstep 1\nstep 2\n", 0),
    ("i = 0\nwhile True:\n  i += 1\n  if i == 2:\n    continue\n  if i > 3:\n    break\n  print(i)", "1\n3\n", 0),
    (
        "raise ValueError('bad')",
        'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nValueError: bad\n',
        1,
    ),
    (
        "print(x)",
        TRACE + "NameError: name 'x' is not defined\n",
        1,
    ),
    ("print('a,b'.split(',')[1].upper())", "B\n", 0),
]


@pytest.mark.parametrize("script,expected,code", PYTHON, ids=[row[0][:30] for row in PYTHON])
def test_a_small_python_script_runs(script: str, expected: str, code: int) -> None:
    container = Box().run("python:3.12", "python3", "-c", script)
    assert (expected, code) == (text(container), container.exit_code)


def test_a_larger_python_script_is_an_application_of_its_own() -> None:
    script = "from flask import Flask\napp = Flask(__name__)\napp.run(port=5000)"
    container = Box().run("python:3.12", "python", "-c", script, expected_ports=(5000,))
    assert container.ports == (5000,)
