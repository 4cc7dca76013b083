"""`kubesim replay FILE`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from kubesim_tui.cli import LOST, WON, Trouble, output
from kubesim_tui.game import headless
from kubesim_tui.game.proof import Proof, prove
from kubesim_tui.game.recording import RecordingError, parse
from kubesim_tui.game.start import StartError

TROUBLES = (*output.TROUBLES, RecordingError, StartError)


def main(args: Namespace) -> int:
    """Play it again; 0 if it is proven."""
    try:
        text = Path(args.file).read_text("utf-8")
    except OSError as error:
        raise Trouble(f"{args.file}: the recording cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Trouble(f"{args.file}: not a recording: not UTF-8 text (byte {error.start})") from error
    recording = parse(text, args.file)
    proof = prove(recording, output.level(recording.level), args.to, args.lang or "en")
    if args.json:
        output.print_json(headless.proof_json(proof))
    else:
        _tell(args.file, proof)
    return WON if proof.proven else LOST


def _tell(file: str, proof: Proof) -> None:
    found = headless.proof_json(proof)
    for entry in proof.recording.inputs:
        if proof.game is not None and entry.tick <= proof.game.tick:
            print(f"{entry.tick:>5}s  {entry.kind} {entry.line}".rstrip())
    if proof.game is not None:
        score = found["score"]
        print(f"{found['level']}, seed {found['seed']}: {found['result']} at {found['tick']}s, stars: {found['stars']}")
        print(f"served {score['served']}, cost {score['cost']:.3f}, changes {score['changes']}")
        for line in headless.lines_of(proof.verdict.whys if proof.verdict is not None else ()):
            print(line)
        print(f"digest {found['digest']}")
    print(f"{file}: proven" if proof.proven else f"{file}: not proven: {proof.differs}")
