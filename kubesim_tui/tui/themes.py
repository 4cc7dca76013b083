"""Colours: four palettes, each made by hand, and the Textual theme that each becomes.

A palette names what a colour is *for*. Text colours keep a contrast of at least 4.5:1 on every ground that text
stands on, glyphs 3:1 (a test computes both from the painted screens); colour is never the only sign. Where the
terminal has 256 colours the palette is chosen from its cube: automatic down-sampling of the true-colour one is ugly.
"""

from __future__ import annotations

from attrs import asdict, field, frozen
from textual.theme import Theme

from kubesim_tui.tui.kit.styles import mix


@frozen
class Palette:
    """One palette, every colour as ``#rrggbb``."""

    name: str
    dark: bool
    bg: str  # behind everything
    panel: str  # ground of panels
    raised: str  # bars, drawer, prompt
    select: str  # ground of the line under the cursor
    alarm: str  # ground of a line that reports a failure
    line: str  # rules and frames at rest
    key: str  # ground of the keys in the footer
    edge: str  # connectors of the tree, frames of overlays
    text: str
    soft: str
    mute: str
    faint: str  # decoration only, never text
    kube: str  # ground of the logo
    logo: str  # ground of the name beside it
    white: str  # text on `kube` and `logo`
    blue: str
    green: str
    yellow: str
    orange: str
    red: str
    violet: str
    cyan: str
    pink: str
    body_green: str  # the dimmed body under the crest of a chart
    body_yellow: str
    body_red: str
    veil: str  # what lies over the board while something is asked
    fades: tuple[str, ...] = field(default=())  # steps of the played part of the timeline

    def colour(self, name: str) -> str:
        """The colour of a name; ``#rrggbb`` stands for itself."""
        return name if name.startswith("#") else getattr(self, name)


def _bodies(panel: str, green: str, yellow: str, red: str) -> dict[str, str]:
    """Bodies of charts, mixed from their crests."""
    return {f"body_{n}": mix(c, panel, 76) for n, c in (("green", green), ("yellow", yellow), ("red", red))}


DARK = Palette(
    name="dark", dark=True,
    bg="#0b1020", panel="#10172b", raised="#141d36", select="#1c2a50", alarm="#361f38", line="#26335a",
    key="#26335a", edge="#4c63a8", text="#dbe4ff", soft="#a9b6dd", mute="#7c8ab8", faint="#3a4770",
    kube="#326ce5", logo="#25468c", white="#ffffff",
    blue="#6ea8fe", green="#4ade80", yellow="#facc15", orange="#fb923c", red="#fb5c74", violet="#b794f6",
    cyan="#38d6e8", pink="#f472b6", veil="#0b1020 55%",
    fades=("#326ce5", "#337de5", "#348fe6", "#35a1e6", "#36b3e7", "#37c4e7", "#38d6e8"),
    **_bodies("#10172b", "#4ade80", "#facc15", "#fb5c74"),
)  # fmt: skip

LIGHT = Palette(
    name="light", dark=False,
    bg="#e9edf7", panel="#f8faff", raised="#e3e9f7", select="#d0ddfb", alarm="#fbdfe4", line="#c2cce6",
    key="#c2cce6", edge="#6c80b8", text="#17203f", soft="#37446f", mute="#4f5b85", faint="#a5b0d0",
    kube="#326ce5", logo="#1f4fb8", white="#ffffff",
    blue="#1a4fd0", green="#0a6b31", yellow="#755300", orange="#984008", red="#b81a3c", violet="#6233b8",
    cyan="#06606f", pink="#a61d66", veil="#c8d0e4 55%", fades=("#326ce5", "#1a4fd0"),
    body_green="#cfe8d8", body_yellow="#efe3bd", body_red="#f6ced6",
)  # fmt: skip

HIGH_CONTRAST = Palette(
    name="high-contrast", dark=True,
    bg="#000000", panel="#000000", raised="#121212", select="#00005f", alarm="#5f0000", line="#8a8a8a",
    key="#3a3a3a", edge="#d0d0d0", text="#ffffff", soft="#eeeeee", mute="#d0d0d0", faint="#8a8a8a",
    kube="#005fff", logo="#0000af", white="#ffffff",
    blue="#87d7ff", green="#5fff87", yellow="#ffff5f", orange="#ffaf5f", red="#ff8787", violet="#d7afff",
    cyan="#5fffff", pink="#ff87d7", veil="#000000 70%", fades=("#87d7ff",),
    body_green="#005f00", body_yellow="#5f5f00", body_red="#5f0000",
)  # fmt: skip

DARK_256 = Palette(
    name="dark-256", dark=True,
    bg="#121212", panel="#1c1c1c", raised="#262626", select="#303030", alarm="#5f0000", line="#444444",
    key="#444444", edge="#5f5faf", text="#d7d7ff", soft="#afafd7", mute="#9e9e9e", faint="#585858",
    kube="#5f5fd7", logo="#5f5faf", white="#ffffff",
    blue="#5fafff", green="#5fd787", yellow="#ffd700", orange="#ff875f", red="#ff87af", violet="#af87ff",
    cyan="#5fd7d7", pink="#ff87d7", veil="#121212 60%", fades=("#5f5fd7", "#5f87d7", "#5fafd7", "#5fd7d7"),
    body_green="#005f00", body_yellow="#5f5f00", body_red="#5f0000",
)  # fmt: skip

LIGHT_256 = Palette(
    name="light-256", dark=False,
    bg="#e4e4e4", panel="#ffffff", raised="#eeeeee", select="#d7d7ff", alarm="#ffd7d7", line="#bcbcbc",
    key="#d0d0d0", edge="#5f87af", text="#1c1c1c", soft="#303030", mute="#4e4e4e", faint="#9e9e9e",
    kube="#005fd7", logo="#005faf", white="#ffffff",
    blue="#005faf", green="#005f00", yellow="#5f5f00", orange="#870000", red="#af0000", violet="#5f00af",
    cyan="#005f5f", pink="#87005f", veil="#e4e4e4 60%", fades=("#005fd7",),
    body_green="#afd7af", body_yellow="#d7d7af", body_red="#ffd7d7",
)  # fmt: skip

PALETTES = (DARK, LIGHT, HIGH_CONTRAST, DARK_256, LIGHT_256)
CHOICES = ("dark", "light", "high-contrast")  # what a player chooses between


def choose(name: str, colours: str | None) -> Palette:
    """The palette of that name for a terminal with `colours` (rich's color_system: truecolor, 256, standard …)."""
    if colours in ("standard", "windows"):
        return HIGH_CONTRAST  # sixteen colours: only the pure ones come out as meant
    wanted = f"{name}-256" if colours == "256" else name
    by_name = {palette.name: palette for palette in PALETTES}
    return by_name.get(wanted) or by_name.get(name) or DARK


def textual_theme(palette: Palette) -> Theme:
    """The palette as a Textual theme; its own names are ``$ks-…`` in the style sheets."""
    variables = {
        f"ks-{k.replace('_', '-')}": v for k, v in asdict(palette).items() if isinstance(v, str) and k != "name"
    }
    return Theme(
        name=f"kubesim-{palette.name}",
        dark=palette.dark,
        primary=palette.kube,
        secondary=palette.violet,
        accent=palette.cyan,
        foreground=palette.text,
        background=palette.bg,
        surface=palette.panel,
        panel=palette.raised,
        success=palette.green,
        warning=palette.yellow,
        error=palette.red,
        variables={
            **variables,
            "input-selection-background": palette.select,
            "input-cursor-background": palette.cyan,
            "input-cursor-foreground": palette.bg,
            "scrollbar": palette.line,
            "scrollbar-background": palette.panel,
            "scrollbar-hover": palette.edge,
            "scrollbar-active": palette.cyan,
            "scrollbar-background-hover": palette.panel,
            "scrollbar-background-active": palette.panel,
            "scrollbar-corner-color": palette.panel,
        },
    )
