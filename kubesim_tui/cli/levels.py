"""`kubesim levels`."""

from __future__ import annotations

from argparse import Namespace

from kubesim_tui.cli import WON, output
from kubesim_tui.game import folders
from kubesim_tui.game.campaign import Campaign

TROUBLES = ()


def main(args: Namespace) -> int:
    """The list."""
    campaign = Campaign(folders.catalogue(), language=args.lang)
    if campaign.notice:
        output.complain(campaign.notice)
    cards = [(chapter, card) for chapter in campaign.chapters() for card in chapter.levels]
    if args.json:
        found = [
            {"id": c.id, "chapter": chapter.title, "title": c.title, "minutes": c.minutes, "mode": c.mode}
            | {"open": c.open, "stars": c.stars, "medals": list(c.medals)}
            for chapter, c in cards
        ]
        output.print_json({"levels": found})
        return WON
    rows = [(c.id, chapter.title, c.title, f"{c.minutes} min", "★" * c.stars or "-") for chapter, c in cards]
    for line in output.table(("LEVEL", "CHAPTER", "TITLE", "TIME", "STARS"), rows):
        print(line)
    return WON
