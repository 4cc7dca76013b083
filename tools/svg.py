"""A screen as SVG, cell-exact: every glyph has its own x (Chinese too), blocks and braille are drawn as shapes.

Rich's own export squeezes wide characters (rich#2742), and fonts leave seams between block elements. All shapes of one
colour are one path, and equal grounds beside one another one rectangle, so that a screen takes some fifty kilobytes.
"""

from html import escape

from rich.cells import cell_len

CELL, ROW, FONT, BASE, PAD, BAR = 12.0, 24.0, 19.9, 18.2, 14, 40
EIGHTHS = {sign: n + 1 for n, sign in enumerate("▁▂▃▄▅▆▇█")}
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
LINES = {
    "─": ("lr", 0), "│": ("ud", 0), "├": ("udr", 0), "┤": ("udl", 0), "╰": ("ur", 0), "╯": ("ul", 0), "╭": ("dr", 0),
    "╮": ("dl", 0), "┬": ("lrd", 0), "┴": ("lru", 0), "┼": ("lrud", 0), "━": ("lr", 1), "┃": ("ud", 1), "╸": ("l", 1),
}  # fmt: skip
FONTS = "'DejaVu Sans Mono','Noto Sans Mono CJK SC','Noto Sans CJK SC',monospace"


def colour(of, default):
    if of is None or of.is_default:
        return default
    found = of.get_truecolor()
    return f"#{found.red:02x}{found.green:02x}{found.blue:02x}"


class Drawing:
    """Collects shapes and texts of one screen."""

    def __init__(self, ground, text):
        self.ground, self.ink = ground, text
        self.grounds, self.shapes, self.dots, self.texts = {}, {}, {}, []

    def rect(self, x, y, w, h, fill):
        self.shapes.setdefault(fill, []).append(f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z")

    def paint(self, x, y, width, fill):
        """The ground of some cells; joined to what ends there in the same colour."""
        rows = self.grounds.setdefault(fill, {}).setdefault(y, [])
        if rows and rows[-1][1] == x:
            rows[-1][1] = x + width
        else:
            rows.append([x, x + width])

    def paths(self):
        """Grounds, then shapes, a path a colour."""
        for fill, rows in self.grounds.items():
            parts = (f"M{a:g} {y:g}h{b - a:g}v{ROW + 0.4:g}h{a - b:g}z" for y, spans in rows.items() for a, b in spans)
            yield f'<path fill="{fill}" d="{"".join(parts)}"/>'
        for fill, parts in self.shapes.items():
            yield f'<path fill="{fill}" d="{"".join(parts)}"/>'

    def circles(self):
        """All dots of one colour as a line of round ends."""
        for fill, places in self.dots.items():
            d = "".join(f"M{x:g} {y:g}h0" for x, y in places)
            yield f'<path stroke="{fill}" stroke-width="3.8" stroke-linecap="round" d="{d}"/>'

    def segment(self, x, y, text, style):
        fg = colour(style.color if style else None, self.ink)
        bg = colour(style.bgcolor if style else None, self.ground)
        if style and style.reverse:
            fg, bg = bg, fg
        width = cell_len(text) * CELL
        if bg != self.ground:
            self.paint(x, y, width, bg)
        run, places, at = [], [], x
        for sign in text:
            if not self.shape(at, y, sign, fg) and not sign.isspace():
                run.append(sign)
                places.append(f"{at:g}")
            at += cell_len(sign) * CELL
        if run:
            self.text(run, places, y, fg, style)
        if style and style.underline:
            self.rect(x, y + ROW - 2.5, width, 1.4, fg)

    def text(self, run, places, y, fg, style):
        extra = ' font-weight="700"' if style and style.bold else ""
        extra += ' font-style="italic"' if style and style.italic else ""
        signs = escape("".join(run))
        self.texts.append(f'<text y="{y + BASE:g}" x="{" ".join(places)}" fill="{fg}"{extra}>{signs}</text>')

    def line(self, x, y, sign, fg):
        """Box drawing: arms from the middle of the cell to its edges, so that neighbours join."""
        arms, heavy = LINES[sign]
        thick = 3.4 if heavy else 1.6
        cx, cy = x + CELL / 2, y + ROW / 2
        for arm in arms:
            if arm in "lr":
                self.rect(x if arm == "l" else cx - thick / 2, cy - thick / 2, CELL / 2 + thick / 2, thick, fg)
            else:
                self.rect(cx - thick / 2, y if arm == "u" else cy - thick / 2, thick, ROW / 2 + thick / 2, fg)

    def shape(self, x, y, sign, fg):
        """Blocks and braille as shapes; False for anything else."""
        if sign in EIGHTHS:
            high = ROW * EIGHTHS[sign] / 8
            self.rect(x, y + ROW - high, CELL + 0.3, high + (0.3 if EIGHTHS[sign] == 8 else 0), fg)
        elif sign in "▎▌":
            self.rect(x, y, CELL / (4 if sign == "▎" else 2), ROW + 0.3, fg)
        elif sign == "▀":
            self.rect(x, y, CELL + 0.3, ROW / 2, fg)
        elif sign in LINES:
            self.line(x, y, sign, fg)
        elif sign == "▒":
            for n in range(12):
                self.rect(x + (n % 2) * 6 + (n // 2 % 2) * 3, y + n // 2 * 4, 2, 2, fg)
        elif "\u2801" <= sign <= "\u28ff":
            for bit, (dx, dy) in enumerate(DOTS):
                if (ord(sign) - 0x2800) >> bit & 1:
                    place = x + CELL * (0.25 + 0.5 * dx), y + ROW * (0.125 + 0.25 * dy)
                    self.dots.setdefault(fg, []).append(place)
        else:
            return False
        return True


def export(app, title="kubesim"):
    """The app's present screen as SVG text."""
    palette = app.look.palette
    drawing = Drawing(palette.bg, palette.text)
    filters = [f for f in app.get_line_filters() if type(f).__name__ == "AsciiFilter"]
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0.0
        for text, style, control in strip:
            if control or not text:
                continue
            for f in filters:
                text = f.apply([type(next(iter(strip)))(text)], None)[0].text
            drawing.segment(x, y * ROW, text, style)
            x += cell_len(text) * CELL
    return frame(drawing, palette, title, app.size.width * CELL + 2 * PAD, app.size.height * ROW + BAR + PAD)


def frame(drawing, palette, title, width, height):
    """A window around the drawing."""
    lights = "".join(
        f'<circle cx="{22 + i * 22}" cy="20" r="6.5" fill="{fill}"/>'
        for i, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    middle = f'x="{width / 2:g}" y="26" text-anchor="middle" font-size="16"'
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f'<rect width="{width:g}" height="{height:g}" rx="12" fill="{palette.bg}" stroke="{palette.line}"/>',
            f'<g font-family="{FONTS}" font-size="{FONT}" xml:space="preserve">{lights}',
            f'<text {middle} fill="{palette.mute}">{escape(title)}</text><g transform="translate({PAD},{BAR})">',
            f'<g shape-rendering="crispEdges">{"".join(drawing.paths())}</g>',
            *drawing.circles(),
            *drawing.texts,
            "</g></g></svg>\n",
        ]
    )
