"""Take the pictures of the README: the demo clip's report, and a frame with everything drawn on it.

    python bench/report_pictures.py --out docs --more /tmp/looks

`--more` also takes the report as a phone, a dark desktop and a printer show it, to be looked at.
Needs the extra `dev` and a Chromium. The clip is rendered, so it shows nobody's plate.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import cv2
from playwright.sync_api import sync_playwright

import platestream

CLIP = Path(platestream.__file__).parent / "demo" / "street.mp4"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESKTOP = {"viewport": {"width": 1240, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SHOWN_FRAME = 60


def take(report: Path, out: Path, more: Path | None) -> None:
    """Every picture of a report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shots = [(out / "report.jpg", DESKTOP)]
        if more:
            dark = {**DESKTOP, "color_scheme": "dark"}
            shots += [(more / "phone.jpg", PHONE), (more / "dark.jpg", dark)]
        for path, window in shots:
            page = browser.new_context(**window).new_page()
            page.goto(report.as_uri())
            page.screenshot(path=path, quality=85)
        if more:
            page.emulate_media(media="print")
            page.pdf(path=more / "print.pdf", prefer_css_page_size=True)
            page.screenshot(path=more / "print.jpg", quality=85, full_page=True)
        browser.close()


def draw(video: Path, out: Path) -> None:
    """One frame of the annotated clip."""
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == SHOWN_FRAME:
                bgr = frame.to_ndarray(format="bgr24")
                cv2.imwrite(str(out / "demo.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 88])
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--more", type=Path)
    asked = parser.parse_args()
    for folder in filter(None, (asked.out, asked.more)):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = ["platestream", "run", str(CLIP), "--out", folder, "--annotate"]
        program = f"import sys; sys.argv = {run}; from platestream.cli.main import main; main()"
        subprocess.run([sys.executable, "-c", program], check=True)
        take(Path(folder, "report.html"), asked.out, asked.more)
        draw(Path(folder, "annotated", "street.mp4"), asked.out)


if __name__ == "__main__":
    main()
