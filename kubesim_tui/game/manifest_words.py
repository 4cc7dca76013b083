"""What is said of a manifest in our own words, in Chinese. What the API server says stays as Kubernetes says it.

The words come from several floors, in English; here each is known whole, or by its pattern.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

WHOLE: Mapping[str, str] = {
    "a second ':' on this line, or the line is indented deeper than its neighbours; quote a value with ': ' in it": (
        "这一行有第二个“:”，或者比相邻的行缩进更深；值里含有“: ”时要加引号"
    ),
    "this line does not line up with the keys above it: give the keys of one map the same indentation, "
    "and quote a value with a quote in its middle": (
        "这一行没有与上面的键对齐：同一个映射的键要用相同的缩进；值的中间有引号时，整个值要加引号"
    ),
    "a list item was expected here: start it with '- ' below the item above, or move the line out of the list": (
        "这里应是一个列表项：在上一项下面以“- ”开头，或者把这一行移出列表"
    ),
    "a key needs a ':' and a space after it on the same line": "键后面要在同一行写“:”和一个空格",
    "a list or map in brackets is not closed: look for a missing ',' or bracket": (
        "括号里的列表或映射没有结束：看看是不是少了“,”或括号"
    ),
    "a value was expected here; quote text that starts with one of [ ] { } , & * ! | > % @ `": (
        "这里应有一个值；以 [ ] { } , & * ! | > % @ ` 开头的文本要加引号"
    ),
    "a quote that was opened here is never closed": "从这里开始的引号没有结束",
    "a quote that was opened above is not closed before '---'": "上面的引号在“---”之前没有结束",
    "in double quotes '\\' starts an escape: write '\\\\', or use single quotes": (
        "双引号里的“\\”是转义的开头：写成“\\\\”，或改用单引号"
    ),
    "'- ' cannot start here: put the list on its own line below the key": (
        "“- ”不能从这里开始：列表要另起一行，写在键的下面"
    ),
    "a map cannot start here: put it on its own line": "映射不能从这里开始：要另起一行",
    "indentation is made of spaces: there is a tab here": "缩进只能用空格：这里有一个制表符",
    "the alias names an anchor (&name) that is nowhere above it": "别名引用的锚点（&name）在它上面并不存在",
    "only a comment may follow '---' on its line: put the rest on the next line": (
        "“---”这一行后面只能写注释：其余内容移到下一行"
    ),
    "there is a character here that no editor shows: delete it": "这里有一个编辑器不显示的字符：请删除",
    "'<<' takes a map, an alias of a map, or a list of these": "“<<”后面要写映射、映射的别名，或者它们的列表",
    "a map stands where a key belongs: '{{ … }}' is a template, not a manifest; fill it in first": (
        "该写键的地方写了映射：“{{ … }}”是模板，不是清单，请先填好"
    ),
    "a key must be text: quote it": "键必须是文本：请加引号",
    "this number has no place in JSON: write it in quotes": "JSON 里写不下这个数：请加引号",
    "the JSON ends too early: a brace or bracket is not closed": "JSON 提前结束：有括号没有关闭",
    "in JSON a key in double quotes belongs here; no ',' may stand before '}'": (
        "JSON 里这里应是双引号括起的键；“}”前面不能有“,”"
    ),
    "in JSON a ',' or '}' is expected here": "JSON 里这里应是“,”或“}”",
    "in JSON a ',' or ']' is expected here": "JSON 里这里应是“,”或“]”",
    "in JSON a value is expected here": "JSON 里这里应有一个值",
    "a plain value cannot start with this character: quote it": "不加引号的值不能以这个字符开头：请加引号",
    "this is a template ('{{ … }}'), not a manifest: fill it in first, for example with `helm template`": (
        "这是模板（“{{ … }}”），不是清单：请先填好，例如用 `helm template`"
    ),
    "an object with apiVersion, kind and metadata is expected here": "这里应是带有 apiVersion、kind 和 metadata 的对象",
    "apiVersion is missing": "缺少 apiVersion",
    "kind is missing": "缺少 kind",
    "there is nothing in its place": "没有替代它的版本",
}
"""English → Chinese."""

KINDS = {
    "a whole number": "整数",
    "true or false": "true 或 false",
    "text": "文本",
    "a number": "数字",
    "a list": "列表",
    "an object": "对象",
}
"""What a value is, or should be."""

PATTERNS: tuple[tuple[str, str], ...] = (
    (r'key "(?P<key>.*)" is there twice: the last one counts', "键“{key}”出现了两次：以后一个为准"),
    (r"(?P<at>\S+): (?P<wanted>.+) is expected here, not (?P<got>.+)", "{at}：这里应是{wanted}，而不是{got}"),
    (
        r"(?P<kind>\w+) is not served as (?P<old>\S+) since Kubernetes (?P<release>[\d.]+): (?P<use>.+)",
        "从 Kubernetes {release} 起不再提供 {old} 的 {kind}：{use}",
    ),
    (r"use apiVersion: (?P<new>\S+)", "请用 apiVersion: {new}"),
    (r"(?P<kind>\w+) is served as (?P<versions>.+)", "{kind} 的版本是 {versions}"),
)
"""Words with names in them."""


def in_language(message: str, language: str) -> str:
    """A message about a manifest in a language; what is not ours stays as it is."""
    if language != "zh":
        return message
    if message in WHOLE:
        return WHOLE[message]
    parts = message.split("; ")
    told = [_chinese(part) for part in parts]
    return "；".join(told) if told != parts else message


def _chinese(message: str) -> str:
    if message in WHOLE:
        return WHOLE[message]
    for pattern, chinese in PATTERNS:
        if found := re.fullmatch(pattern, message):
            names = {name: KINDS.get(text, _chinese(text)) for name, text in found.groupdict().items()}
            return chinese.format(**names)
    return message
