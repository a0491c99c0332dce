#!/usr/bin/env python3
"""A bot over TCP that answers whoever speaks OTR: `bot.py HOST PORT [OTR]`, OTR being the program `otr`.

Every text is a line on the wire, as in chat.rs: `chat listen 127.0.0.1:7000` is somebody to talk to.
"""
import json, socket, subprocess, sys, threading

host, port, otr = [*sys.argv[1:], "otr"][:3]
peer = socket.create_connection((host, int(port)))
pipe = subprocess.Popen([otr, "pipe", "--require-encryption"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
lock = threading.Lock()


def tell(**command):
    with lock:
        pipe.stdin.write(json.dumps(command).encode() + b"\n")
        pipe.stdin.flush()


def listen():
    """Hands on what arrives, as long as the peer is there; then lets `otr` end."""
    lines = peer.makefile("rb")
    while (line := lines.readline(1 << 20)).endswith(b"\n"):
        tell(cmd="receive", text=line[:-1].decode(errors="replace"))
    pipe.stdin.close()


threading.Thread(target=listen, daemon=True).start()
tell(cmd="start")
for line in pipe.stdout:
    event = json.loads(line)
    match event["event"]:
        case "wire":
            peer.sendall(event["text"].encode() + b"\n")
        case "message" if event["protected"] and "text" in event:
            tell(cmd="send", text=f"You said: {event['text']}")
        case "secured":
            print("talks to", event["fingerprint"], event["trust"], flush=True)
        case "problem" | "error":
            print(event, file=sys.stderr)
