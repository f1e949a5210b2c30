"""Make `requirements.lock` of a report by pip: every package of the service, with its hash.

    pip install --dry-run --ignore-installed --report report.json '.[serve,postgres,parquet]'
    python .ci/lock.py report.json > requirements.lock

The hashes are those of the wheels for the machine it runs on: make it on the one that CI and the
container use. `pip install --require-hashes -r requirements.lock` refuses all else.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    installs = json.loads(Path(sys.argv[1]).read_text("utf-8"))["install"]
    lines = []
    for each in installs:
        hashes = each["download_info"].get("archive_info", {}).get("hashes", {})
        if "sha256" in hashes:  # ourselves have none
            name, version = each["metadata"]["name"].lower(), each["metadata"]["version"]
            lines.append(f"{name}=={version} --hash=sha256:{hashes['sha256']}")
    sys.stdout.write("\n".join(sorted(lines)) + "\n")


if __name__ == "__main__":
    main()
