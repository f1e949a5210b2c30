"""Print the bill of materials, CycloneDX 1.5 as JSON: packages of the lock, and our weights.

    python .ci/bom.py > bom.json

Each weight file is hashed anew and held against its card; one that differs ends it.
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def packages() -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    lines = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines()
    for line in lines:
        pinned, *digests = line.split(" --hash=sha256:")
        name, _, version = pinned.partition(";")[0].strip().partition("==")
        if not (version and digests):
            sys.exit(f"requirements.lock: {line[:80]!r} has no version or no hash")
        # One for each file of this version: of each platform, and of the sources.
        hashes = [{"alg": "SHA-256", "content": digest.strip()} for digest in digests]
        purl = f"pkg:pypi/{name}@{version}"
        found.append(
            {"type": "library", "name": name, "version": version, "purl": purl, "hashes": hashes}
        )
    return found


def weights() -> list[dict[str, object]]:
    found = []
    for path in sorted((ROOT / "src/platestream/models/weights").glob("*.onnx")):
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != card["sha256"]:
            sys.exit(f"{path}: its checksum is not the card's")
        hashes = [{"alg": "SHA-256", "content": digest}]
        licences = [{"license": {"id": card["licence"]}}]
        found.append(
            {
                "type": "machine-learning-model",
                "name": path.stem,
                "version": card["date"],
                "hashes": hashes,
                "licenses": licences,
            }
        )
    return found


def main() -> None:
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": packages() + weights(),
    }
    sys.stdout.write(json.dumps(bom, indent=2) + "\n")


if __name__ == "__main__":
    main()
