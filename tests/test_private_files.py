"""What tells who was where, and when, is written by one function: for its owner alone."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "platestream"
FLOORS = ("store", "sinks", "service", "live", "video", "cluster", "lab", "cli")

TELLS_OF_NOBODY = {
    # By FFmpeg, which opens the file by its name: `open_private` makes it right before.
    "video/annotate.py: av.open(str(path), 'w', format='mp4')",
    # Of drawn cars.
    "lab/render/scene/film.py: av.open(str(path), 'w')",
    # Weights, cards and figures, for others to use.
    "cli/bench.py: (out / 'rules.json').write_text(table, encoding='utf-8')",
    "cli/bench.py: out.mkdir(parents=True, exist_ok=True)",
    "lab/figures.py: fig.savefig(path, dpi=110, metadata={'Software': None} if "
    "path.suffix == '.png' else None)",
    "lab/finetune.py: out.mkdir(parents=True, exist_ok=True)",
    "lab/finetune.py: shutil.copyfile(file, out / file.name)",
    "lab/kept.py: part.write_bytes(done.stdout)",
    "lab/quantize.py: plain.write_bytes(weights)",
    "lab/shipping.py: card.path.write_bytes(weights)",
    "lab/shipping.py: out_dir.mkdir(parents=True, exist_ok=True)",
    "lab/train/confidence.py: folder.mkdir(parents=True, exist_ok=True)",
    "lab/train/confidence.py: shutil.copy(WEIGHTS_DIR / f'{name}{suffix}', folder)",
    "lab/train/everything.py: into.mkdir(parents=True, exist_ok=True)",
    "lab/train/everything.py: shutil.copy(path, into)",
    "lab/train/run_folder.py: (run_dir / 'metrics.jsonl').open('a', encoding='utf-8')",
    "lab/train/run_folder.py: torch.save(dict(checkpoint), part)",
    "lab/train/regions.py: part.write_bytes(weights)",
}
SAVES = ("np.save", "np.savez", "np.savez_compressed", "torch.save", "fig.savefig")
"""Those of NumPy and torch make no file where they are given an open one."""


def writing(call: ast.Call) -> bool:
    """Whether a call makes a file or folder by other means than `core.private`."""
    whole = ast.unparse(call.func)
    name = whole.rpartition(".")[2]
    if name == "open":
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        texts = [each.value for each in given if isinstance(each, ast.Constant)]
        return any(isinstance(t, str) and len(t) < 4 and set(t) & set("wax+") for t in texts)
    if whole in SAVES:
        return ast.unparse(call.args[0]) != "file"
    return name in ("write_text", "write_bytes", "mkdir", "makedirs") or whole.startswith(
        ("shutil.copy", "shutil.move")
    )


def written_in(source: str) -> set[str]:
    calls = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call))
    return {ast.unparse(call) for call in calls if writing(call)}


@pytest.mark.parametrize("floor", FLOORS)
def test_nothing_is_written_for_others_to_read(floor: str) -> None:
    found = {
        f"{file.relative_to(SOURCE)}: {written}"
        for file in (SOURCE / floor).rglob("*.py")
        for written in written_in(file.read_text())
        if not written.startswith("shutil.copyfileobj(")
    }
    assert found - TELLS_OF_NOBODY == set()


@pytest.mark.parametrize(
    "source",
    [
        "path.open('w')",
        "open(p, mode='xb')",
        "p.write_text(t)",
        "shutil.copy(a, b)",
        "np.savez(folder / 'a.npz', b)",
        "fig.savefig(path)",
    ],
)
def test_the_look_sees_what_it_looks_for(source: str) -> None:
    assert written_in(source) == {source}
