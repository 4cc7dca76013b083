"""What the report of a game day says in its own words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "head": (
        "FAULT,TARGET,SERVED,LONGEST OUTAGE,BURN,RESULT,CAUSE,OBJECT",
        "故障,目标,成功率,最长中断,预算消耗,结果,原因,对象",
    ),
    "survived": ("survived", "经受住"),
    "fell": ("FELL", "未过关"),
    "nothing": ("nothing to strike", "没有可作用的对象"),
    "silent": (
        "{door} is not tried: it does not serve even while nothing is broken.",
        "{door} 不参加演练：没有任何故障时它也不能正常服务。",
    ),
    "opened": (
        "(a door made by the game day: no Ingress, LoadBalancer or NodePort leads in)",
        "（演练临时打开的入口：清单里没有 Ingress、LoadBalancer 或 NodePort）",
    ),
    "unwell": ("{name} is not well even while nothing is broken:", "没有任何故障时 {name} 就不正常："),
    "guessed": (
        "images that the simulator does not know, taken for a small web server that needs nobody: {images}",
        "模拟器不认识的镜像，当作不依赖任何服务的小型 Web 服务器：{images}",
    ),
    "loads": ("load generators (nothing is judged by them): {names}", "压测程序（不作为判定依据）：{names}"),
    "load": (
        "{trial}: of {sent} requests of load generator {name} {failed} failed",
        "{trial}：压测程序 {name} 的 {sent} 个请求中有 {failed} 个失败",
    ),
    "sum": ("survived {survived} of {all}, at {slo}", "{all} 项中经受住 {survived} 项，目标 {slo}"),
    "single": ("only one copy: {names}", "只有一个副本：{names}"),
}


def word(key: str, language: str, /, **values: object) -> str:
    """One of them."""
    english, chinese = WORDS[key]
    text = chinese if language == "zh" else english
    return text.format(**values) if values else text
