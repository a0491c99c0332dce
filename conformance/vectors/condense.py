#!/usr/bin/env python3
"""Turns recordings in the original format into the files of this folder.

    condense.py FOLDER NAME...

For each NAME, FOLDER/NAME.json becomes NAME.json.gz beside this script. The same input gives the same bytes. What
is left out, and why, README.md says.
"""
import gzip
import json
import pathlib
import sys

TRANSCRIPT = ("format", "name", "description", "parties", "steps")
PARTY = ("account", "instance_tag", "policy", "max_message_size", "dsa", "fingerprint")
HEARD = ("n", "actor", "op", "signatures", "emitted")
CONTEXT = ("their_instance", "msgstate", "authstate", "version", "ssid", "bold_half", "peer_fp", "trust")


def keep(names, record):
    return {name: record[name] for name in names if name in record}


def condense(vector):
    """A corpus stays as it is; a transcript loses what no rule of the replay looks at."""
    if "steps" not in vector:
        return vector
    is_cross = vector["format"] == "otr-cross-transcript/1"
    vector = keep(TRANSCRIPT, vector)
    if is_cross:  # the other program is only listened to
        vector["steps"] = [step if step["actor"] == "alice" else keep(HEARD, step) for step in vector["steps"]]
    vector["parties"] = {label: keep(PARTY, party) for label, party in vector["parties"].items()}
    for step in vector["steps"]:
        step.pop("verified", None)
        if "state" in step:
            step["state"] = [keep(CONTEXT, context) for context in step["state"]]
        for emitted in step.get("emitted", ()):
            emitted.get("decoded", {}).pop("raw", None)
    return vector


def main(folder, names):
    here = pathlib.Path(__file__).parent
    for name in names:
        vector = json.loads((pathlib.Path(folder) / f"{name}.json").read_text(encoding="utf-8"))
        if "cells" in vector:  # of the state matrix, the states that are the same in both versions
            vector["note"] = "One party with all options of OPPORTUNISTIC; in version 3, two slots."
            is_same = lambda cell: cell["version"] == 2 or cell["msgstate"] == "PLAINTEXT"
            vector["cells"] = [cell for cell in vector["cells"] if is_same(cell)]
        text = json.dumps(condense(vector), ensure_ascii=False, separators=(",", ":")) + "\n"
        # No time and no file name inside: the same input gives the same bytes.
        (here / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
