"""The shell in breadth, by what bash and awk of a real machine write for the same script (taken from one)."""

from __future__ import annotations

import pytest

from kubesim_tui.world.answer import serve
from kubesim_tui.world.net import REFUSED, Fetched
from tests.world.builders import Box, FakeNet, text

TABLE = [
    ("seq -s, 1 5", "1,2,3,4,5\n", 0),
    ("seq -w 8 10", "08\n09\n10\n", 0),
    ("printf '%q\\n' 'a b'", "a\\ b\n", 0),
    ("printf 'b 2\\na 10\\nc 1\\n' | sort -k2n", "c 1\nb 2\na 10\n", 0),
    ("printf 'v1.10\\nv1.9\\n' | sort -V", "v1.9\nv1.10\n", 0),
    ("printf 'b\\na\\n' > s1; sort s1 -o s1; cat s1", "a\nb\n", 0),
    ("expr substr hello 2 3", "ell\n", 0),
    ("expr index hello l", "3\n", 0),
    ("case a in [[:alpha:]]) echo alpha;; esac", "alpha\n", 0),
    ("case ] in []]) echo bracket;; esac", "bracket\n", 0),
    (
        'while IFS=: read -r u p rest; do echo "$u|$p|$rest"; done <<EOF\nroot:x:0:0\nbin:y:1:1\nEOF',
        "root|x|0:0\nbin|y|1:1\n",
        0,
    ),
    ("IFS=, read -r -a arr <<< 'a,b,c'; echo ${arr[1]}", "b\n", 0),
    ("mapfile -t L <<< $'a\\nb'; echo ${#L[@]}", "2\n", 0),
    (
        "set -- -a 1 -b x; while getopts 'a:b' o; do echo \"$o ${OPTARG:-}\"; done; shift $((OPTIND-1)); echo $1",
        "a 1\nb \nx\n",
        0,
    ),
    ("while getopts ':x' o -x -y; do echo $o; done", "x\n?\n", 0),
    ("x=abc; echo ${x^^} ${x^}; X=ABC; echo ${X,,}", "ABC Abc\nabc\n", 0),
    ("n=FOO; FOO=9; echo ${!n}", "9\n", 0),
    ('a=(x y z); for i in "${!a[@]}"; do echo $i:${a[$i]}; done', "0:x\n1:y\n2:z\n", 0),
    ("s='a,b,c'; echo ${s/#a/z} ${s/%c/z}", "z,b,c a,b,z\n", 0),
    ("echo $((10#08)) $((16#ff))", "8 255\n", 0),
    ("set -o pipefail; false | true; echo $?", "1\n", 0),
    ("set -euo pipefail; echo ok; false | true; echo never", "ok\n", 1),
    ("set -o pipefail; sleep 1 | true; echo $?", "0\n", 0),
    ("printf 'V=7\\n' > env.sh; set -a; . ./env.sh; set +a; sh -c 'echo $V'", "7\n", 0),
    ("echo {a,b}{1,2} {1..4} {c..a} '{x,y}' {solo} x{,s}", "a1 a2 b1 b2 1 2 3 4 c b a {x,y} {solo} x xs\n", 0),
    ("x=1; echo {$x,b} {01..03}", "1 b 01 02 03\n", 0),
    ("while read l; do echo \"<$l>\"; done < <(printf 'a\\nb\\n')", "<a>\n<b>\n", 0),
    ("diff <(echo a) <(echo b) || echo differ", "1c1\n< a\n---\n> b\ndiffer\n", 0),
    ("cat <(echo one) <(echo two)", "one\ntwo\n", 0),
    ("printf '1\\n2\\n3\\n4\\n' | paste -sd+ -", "1+2+3+4\n", 0),
    ("printf '1\\n2\\n3\\n4\\n' | paste -d, - -", "1,2\n3,4\n", 0),
    ("echo abcde | fold -w2", "ab\ncd\ne\n", 0),
    (
        "printf 'a\\nb\\n' > l; printf 'b\\nc\\n' > r; comm l r; comm -12 l r; cmp -s l r || echo differs; diff l r",
        "a\n\t\tb\n\tc\nb\ndiffers\n1d0\n< a\n2a2\n> c\n",
        1,
    ),
    ("printf 'abc\\n' | sed 'y/abc/xyz/'", "xyz\n", 0),
    ("printf 'aaa\\n' | sed 's/a/b/2'; printf 'aaaa\\n' | sed 's/a/b/2g'", "aba\nabbb\n", 0),
    ("printf 'a\\nb\\nc\\nd\\n' | grep -A1 b", "b\nc\n", 0),
    ("printf 'a\\nb\\nc\\n' | grep -n -B1 b", "1-a\n2:b\n", 0),
    ("printf 'a\\nx\\nx\\nx\\nb\\n' | grep -C1 '[ab]'", "a\nx\n--\nx\nb\n", 0),
    (
        "[ -x /bin/sh ] && [ -f /bin/sh ] && command -v sh >/dev/null && echo there; [ -x /bin/nope ] || echo none",
        "there\nnone\n",
        0,
    ),
    ("printf 'a\\nb\\n' | cat -n", "     1\ta\n     2\tb\n", 0),
    ("cat /dev/null; echo $?", "0\n", 0),
    (
        "date -u -d @86400 +%F; date -u -d '2024-02-28 12:00:00' +%s; date -u -d yesterday >/dev/null && echo before",
        "1970-01-02\n1709121600\nbefore\n",
        0,
    ),
    (
        "mkdir -p d/e; touch d/e/f d/g; find d -name '[fg]' -exec echo is {} \\; | sort; find d -maxdepth 1 -type d",
        "is d/e/f\nis d/g\nd\nd/e\n",
        0,
    ),
    ("mkdir d; touch d/f d/g; find d -type f ! -name g -delete; find d | sort", "d\nd/g\n", 0),
    ("printf -v pv '%03d' 7; echo $pv", "007\n", 0),
    ("echo abc | tr -c 'a\\n' x", "axx\n", 0),
    ("echo '1 2 3' | awk '{print $1+$3, $1-$3, $2*$3, $3/$2, $3%$2, 2^10}'", "4 -2 6 1.5 1 1024\n", 0),
    ("printf 'a 1\\nb 2\\n' | awk '{s+=$2} END {print s, s/NR}'", "3 1.5\n", 0),
    ("printf 'a 1\\nb 2\\n' | awk '$2>1 {print $1}'", "b\n", 0),
    ("printf 'a 1\\nb 2\\n' | awk '{printf \"%s-%02d %5.1f|\\n\",$1,$2,$2/3}'", "a-01   0.3|\nb-02   0.7|\n", 0),
    ("echo 'k=v' | awk -F= '$1==\"k\"{print $2}'", "v\n", 0),
    ('echo \'a b\' | awk \'{print toupper($1) length($2) substr("hello",2,3) index("hello","l")}\'', "A1ell3\n", 0),
    ('awk \'BEGIN{for(i=1;i<=3;i++) print i*i; while(i-->2) printf "%d ", i; print ""}\'', "1\n4\n9\n3 2 \n", 0),
    ("awk -v n=5 -v m='a b' 'BEGIN{print n*2, m}'", "10 a b\n", 0),
    (
        'printf \'x y x\\n\' | awk \'{n=gsub(/x/,"<&>"); print n, $0; sub("y","z",$2); print}\'',
        "2 <x> y <x>\n<x> z <x>\n",
        0,
    ),
    ("printf 'a 1\\na 2\\nb 5\\n' | awk '{c[$1]+=$2} END {for(k in c) print k, c[k]}' | sort", "a 3\nb 5\n", 0),
    ("printf 'a\\nb\\na\\n' | awk '!seen[$0]++'", "a\nb\n", 0),
    ("printf 'a\\nb\\nc\\n' | awk '/b/{f=1} f'", "b\nc\n", 0),
    ("printf 'a\\nb\\nc\\nd\\n' | awk '/b/,/c/'", "b\nc\n", 0),
    ('awk \'BEGIN { if (1 < 2 && !(2 in a)) print "yes"; else print "no" }\'', "yes\n", 0),
    ("printf 'a b c\\n' | awk '{$2=\"X\"; print; print NF, $NF, $(NF-1); NF=2; print}'", "a X c\n3 c X\na X\n", 0),
    ("printf 'a:b\\n' | awk 'BEGIN{FS=\":\"; OFS=\"-\"} {print $1,$2; $1=$1; print}'", "a-b\na-b\n", 0),
    ("echo 'foo bar' | awk '{ n=split($0, p, \" \"); print n, p[2] p[1] }'", "2 barfoo\n", 0),
    ("printf 'a\\nb\\n' | awk 'NR>1{print prev} {prev=$0}'", "a\n", 0),
    ("echo 'a1' | awk '$1 ~ /^a[0-9]$/ && NF==1 {print \"m\"} $1 !~ /b/ {print \"n\"}'", "m\nn\n", 0),
    ("printf '1\\n2\\n3\\n' | awk '$1==2{next} {print} $1==3{exit 4}'; echo $?", "1\n3\n4\n", 0),
    ('echo x | awk \'{print ($1=="x") ? "is" : "not", 1 " " 2, "10"<"9", 10<9}\'', "is 1 2 1 0\n", 0),
    ("printf '10\\n9\\n' | awk '$1>9'", "10\n", 0),
    (
        'awk \'BEGIN{print match("foobar", /o+/), RSTART, RLENGTH; print sprintf("%c%c", 65, "b"), int(3.9), .1+.2}\'',
        "2 2 2\nAb 3 0.3\n",
        0,
    ),
    ("printf 'a\\nb\\n\\nc\\n' | awk 'BEGIN{RS=\"\"}{print NR\":\"$1}'", "1:a\n2:c\n", 0),
    ("echo 'a(b' | awk -F'(' '{print $2}'; echo 'a||b' | awk -F'[|]+' '{print $2}'", "b\nb\n", 0),
    ("awk 'BEGIN{do { i++; if (i==2) continue; if (i>3) break; print i } while (1)}'", "1\n3\n", 0),
    (
        "awk 'BEGIN{a[1,2]=3; for (k in a) { split(k, q, SUBSEP); print q[2] }; delete a; print length(a)}'",
        "2\n0\n",
        0,
    ),
]


@pytest.mark.parametrize("script,expected,code", TABLE, ids=[row[0][:50] for row in TABLE])
def test_bash_says_the_same(script: str, expected: str, code: int) -> None:
    container = Box().run("debian", "bash", "-c", "cd /tmp\n" + script, ticks=5)
    assert (expected, code) == (text(container), container.exit_code)


def test_only_bash_expands_braces() -> None:
    assert Box().sh("echo {a,b} {1..3}", "debian")[0] == "{a,b} {1..3}\n"


def test_an_assignment_before_read_holds_for_it_alone() -> None:
    assert Box().sh("echo a:b > f; IFS=: read x y < f; set -- $(echo c:d); echo $x $y $#")[0] == "a b 1\n"


def test_bash_tries_a_port_by_a_redirection() -> None:
    net = FakeNet().serve("db").serve("old", Fetched(error=REFUSED))
    script = "for h in db old; do (echo > /dev/tcp/$h/5432) 2>/dev/null && echo $h is up || echo $h is down; done"
    container = Box(net).run("debian", "bash", "-c", script)
    assert text(container) == "db is up\nold is down\n"


def test_the_environment_says_where_home_is() -> None:
    assert Box().sh("echo $HOME")[0] == "/root\n"
    assert Box().sh("echo $HOME", user=1000)[0] == "/\n"


def test_envsubst_puts_the_environment_into_a_text() -> None:
    script = "echo 'listen ${PORT} $NAME $OTHER;' | envsubst; echo '$PORT $NAME' | envsubst '$PORT'"
    container = Box().run("nginx", "sh", "-c", script, env={"PORT": "8080", "NAME": "web"})
    assert text(container) == "listen 8080 web ;\n8080 $NAME\n"


@pytest.mark.parametrize("program", ["{ getline }", "function f() { }", "BEGIN", "{ print $1 | }", "{ (1 }"])
def test_awk_says_what_it_does_not_understand(program: str) -> None:
    said, code = Box().sh(f"echo a | awk '{program}'")
    assert (said.startswith("awk: cmd. line:1: "), code) == (True, 2)


@pytest.mark.parametrize(
    "program", ["BEGIN { while (1) i++ }", 'BEGIN { s = "ab"; while (1) s = s s }', "BEGIN { print 1/0 }"]
)
def test_awk_ends_in_time(program: str) -> None:
    said, code = Box().sh(f"awk '{program}'")
    assert (said.startswith("awk: cmd. line:1: "), code) == (True, 2)


@pytest.mark.parametrize(
    "image,install",
    [
        ("alpine", "apk add --no-cache curl"),
        ("node:22-alpine", "apk add curl"),
        ("ubuntu", "apt-get update -qq && apt-get install -y curl"),
        ("fedora", "dnf install -y curl"),
    ],
)
def test_a_package_manager_brings_a_tool(image: str, install: str) -> None:
    container = Box(FakeNet().serve("web", Fetched(200, "hello\n"))).run(
        image, "sh", "-c", f"{install} > /dev/null && curl -s http://web", ticks=20
    )
    assert (text(container), container.exit_code) == ("hello\n", 0)


def test_only_root_installs_and_busybox_has_no_packages() -> None:
    refused = "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n"
    assert Box().sh("apt-get update", "debian", user=1000) == (refused, 100)
    assert Box().sh("apk add curl", "busybox") == ("sh: apk: not found\n", 127)


def test_busybox_is_all_of_its_tools_and_serves_files() -> None:
    script = "mkdir /www; echo hi > /www/index.html; busybox httpd -p 8080 -h /www; echo started; sleep 100"
    container = Box().run("busybox", "sh", "-c", script)
    assert (text(container), serve(container, 8080, "GET", "/", "", 0).body) == ("started\n", "hi\n")


def test_nc_listens() -> None:
    assert Box().run("busybox", "sh", "-c", "while true; do echo hi | nc -l -p 8080; done").ports == (8080,)
    assert Box().run("busybox", "nc", "-lk", "-p", "9000").ports == (9000,)


def test_curl_takes_options_that_change_nothing() -> None:
    net = FakeNet().serve("web", Fetched(200, "hello\n"))
    container = Box(net).run("curlimages/curl", args=("-s", "--retry", "3", "--retry-delay", "1", "http://web"))
    assert text(container) == "hello\n"
