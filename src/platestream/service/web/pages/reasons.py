"""Why a plate is what it is, in sentences made of the event's own figures."""

from platestream.store.records import StoredEvent


def winner(stored: StoredEvent) -> int | None:
    """Position in the strip of the frame whose crop stands for the event; None if not in it."""
    for position, frame in enumerate(stored.strip):
        if frame.frame_index == stored.event.best_frame:
            return position
    return None


def reasons(stored: StoredEvent) -> list[str]:
    """How it was decided, step by step."""
    event, plate = stored.event, stored.read_plate
    told = [
        f"The plate was in view for {_frames(event.num_frames)}; {event.num_scored} were judged "
        f"for legibility, and the reader was asked {_times(event.num_read)}."
    ]
    if event.num_stacked:
        told.append(
            f"It also read the average of {event.num_stacked} of the frames, laid on top of each "
            "other: what poor frames show together."
        )
    read = [frame for frame in stored.strip if frame.text is not None]
    same = [frame for frame in read if plate and frame.text == plate]
    if read and plate:
        how_many = f"{len(same)} of {_readings(len(read))} below" if same else "No reading below"
        told.append(
            f"{how_many} {'say' if len(same) > 1 else 'says'} exactly {plate}; it is what all of "
            "them combined say, the legible and sure ones weighing most."
        )
    best = winner(stored)
    if same and best is not None and stored.strip[best] is max(same, key=lambda f: f.quality):
        told.append(
            f"The picture above won because no other crop that reads {plate} is as legible "
            f"({event.quality:.2f} of 1)."
        )
    elif plate:
        told.append(f"The picture above has a legibility of {event.quality:.2f} of 1.")
    if len(event.candidates) > 1 and plate:
        (_, first), (second, share) = event.candidates[:2]
        shares = f"{share * 100:.1f} % against {first * 100:.1f} %"
        told.append(f"The next best text is {second}, with a share of {shares}.")
    return told


def _frames(num: int) -> str:
    return "one frame" if num == 1 else f"{num} frames"


def _times(num: int) -> str:
    return "once" if num == 1 else f"{num} times"


def _readings(num: int) -> str:
    return "one reading" if num == 1 else f"{num} readings"
