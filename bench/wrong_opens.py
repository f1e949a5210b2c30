"""How often a gate opens to a stranger: the table of `platestream.service.wrong_opens`.

    python bench/wrong_opens.py LABELS.csv ... --split dev

LABELS.csv holds labelled plate streams, such as ``platestream data render --what semi-real`` makes.
Each stream is a stranger's passage, seen by the default rule. Somebody known has a plate that
differs from it by one character, any other character at any place: all of them are tried. For
each confidence that a receiver may ask for, the first reading that is so sure is what opens the
gate; above 0.95 the rule reads on until then, as it does in the service.
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from platestream.core.alphabet import CHARACTERS
from platestream.core.matching import distance
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.replay import RecordedTrack, StackReader, record_samples, replay_track
from platestream.live.known_plates import SURE_DISTANCE
from platestream.models.bundle import Networks, load_networks
from platestream.stream.policy import SURE
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import make_rule

CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999)
ASCII = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def neighbours(text: str) -> Iterator[str]:
    """All plates that differ from one in a single character of its kind of writing."""
    for place, own in enumerate(text):
        letters = ASCII if own in ASCII else [c for c in CHARACTERS if c not in ASCII]
        yield from (text[:place] + c + text[place + 1 :] for c in letters if c != own)


def carried(
    tracks: Sequence[RecordedTrack], networks: Networks, read_stack: StackReader, until: float
) -> list[list[tuple[float, str]]]:
    """Confidence and text after each frame of each track, where the rule reads on until so sure."""
    rule = make_rule(DEFAULT_POLICY).reading_until(until)
    replayed = (replay_track(track, rule, networks.confidence, read_stack)[0] for track in tracks)
    return [[(d.confidence, d.reading.text) for d in decisions] for decisions in replayed]


def wrong_opens(
    tracks: Sequence[RecordedTrack], texts: Sequence[str | None], farthest: float
) -> tuple[int, int]:
    """How often a stranger opens, and of how many known plates that differ from theirs by one.

    Args:
        tracks: The strangers.
        texts: What was read of each.
        farthest: How far what was read may be from a known plate; 0 for exact ones.
    """
    num_opened = num_tried = 0
    for track, text in zip(tracks, texts, strict=True):
        near = list(neighbours(track.text))
        num_tried += len(near)
        if text is None:
            continue
        fits = (known == text or (farthest and distance(text, known) <= farthest) for known in near)
        num_opened += sum(map(bool, fits))
    return num_opened, num_tried


def at_most(num: int) -> float:
    """Upper end of the one-sided 95 % interval of a Poisson count."""
    low, high = float(num), num + 10 + 5 * math.sqrt(num)
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(num + 1)
        )
        low, high = (mean, high) if below > 0.05 else (low, mean)
    return high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--split", default="dev")
    args = parser.parse_args()
    networks = load_networks()
    tracks: list[RecordedTrack] = []
    for path in args.labels:
        samples = read_labels(path, args.split)
        tracks += record_samples(samples, networks.score, networks.read, lambda: None, lazily=True)
    print_table(tracks, networks)


def print_table(tracks: Sequence[RecordedTrack], networks: Networks) -> None:
    print(f"{len(tracks)} passages")
    read_stack, known = StackReader(networks.read), dict[float, list[list[tuple[float, str]]]]()
    print("| confidence | told | wrong of those | exact | at most | forgiving |")
    print("|---|---|---|---|---|---|")
    for least in CONFIDENCES:
        until = max(SURE, least)
        if until not in known:
            known[until] = carried(tracks, networks, read_stack, until)
        texts = [
            next((text for confidence, text in track if confidence >= least), None)
            for track in known[until]
        ]
        told = [(t, track.text) for t, track in zip(texts, tracks, strict=True) if t is not None]
        wrong = sum(text != label for text, label in told)
        exact, num_tried = wrong_opens(tracks, texts, 0)
        loose, _ = wrong_opens(tracks, texts, SURE_DISTANCE)
        share = wrong / len(told) if told else 0.0
        print(
            f"| {least:g} | {len(told) / len(tracks):.1%} | {share:.2%} ({wrong})"
            f" | {exact / num_tried:.1e} | {at_most(exact) / num_tried:.1e}"
            f" | {loose / num_tried:.1e} |"
        )


if __name__ == "__main__":
    main()
