#!/usr/bin/env python3
"""Lets bot.py talk to the chat of chat.rs: `bot_check.py CHAT OTR`, the paths of the two programs."""

import subprocess
import sys
from pathlib import Path

chat, otr = sys.argv[1:]
user = subprocess.Popen([chat, "listen", "127.0.0.1:0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def shown(beginning):
    """The rest of the first line that begins like this."""
    for line in user.stdout:
        if line.startswith(beginning):
            return line.removeprefix(beginning).strip()
    sys.exit(f"the chat never showed {beginning!r}")


host, port = shown("* listening on ").split(":")
here = Path(__file__).resolve().parent
bot = subprocess.Popen([sys.executable, here / "bot.py", host, port, otr], stdout=subprocess.PIPE, text=True)
ours = shown("* our fingerprint: ").replace(" ", "").lower()
shown("* encrypted, with ")
assert bot.stdout.readline() == f"talks to {ours} new\n"
for text in ["Is anybody there?", "ä “quotation” and a \\"]:
    print(text, file=user.stdin, flush=True)
    answer = shown("> ")
    assert answer == f"You said: {text}", answer
user.stdin.close()
assert (user.wait(timeout=60), bot.wait(timeout=60)) == (0, 0)
print("the bot answers")
