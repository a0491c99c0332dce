"""Two libotr peers talk to each other: `python3 selftest.py PATH-OF-THE-PEER`."""
import base64, os, subprocess, sys, tempfile


def encode(data):
    return base64.b64encode(data).decode() or "-"


class Peer:
    def __init__(self, name, directory, policy=6, size=0):
        self.process = subprocess.Popen(
            [os.path.abspath(sys.argv[1]), "--key", f"{directory}/{name}", "--account", name, "--protocol", "test",
             "--policy", f"{policy:x}", "--max-size", str(size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready, self.wire, self.size = self.process.stdout.readline().split(), [], size

    def do(self, command, *args):
        """Returns the events, each a list of words; keeps what is to be sent in self.wire."""
        words = [encode(a) if isinstance(a, bytes) else str(a) for a in args]
        print(command, *words, file=self.process.stdin, flush=True)
        lines = list(iter(lambda: self.process.stdout.readline().rstrip("\n"), "done"))
        self.wire += [base64.b64decode(line.split()[1], validate=True) for line in lines if line.startswith("wire ")]
        return [line.split() for line in lines if not line.startswith("wire ")]


def deliver(a, b):
    """Carries texts to and fro until both fall silent; returns the events of a and of b."""
    events = ([], [])
    while a.wire or b.wire:
        for sender, receiver, seen in ((a, b, events[1]), (b, a, events[0])):
            texts, sender.wire = sender.wire, []
            for text in texts:
                seen += receiver.do("receive", text)
    return events


def converse(directory, version, size, starter):
    a, b = (Peer(name, directory, 2 if version == 2 else 6, size) for name in ("alice", "bob"))
    assert a.do("smp_abort")[0][0] == "error" and a.do("state") == [["state", "PLAINTEXT", "NONE", "0"]]
    a.do("send", b"hello")
    assert deliver(a, b)[1] == [["message", "plain", encode(b"hello")]]
    (a, b)[starter].do("start")
    events = deliver(a, b)
    for seen, other, peer in zip(events, (b, a), (a, b)):
        (secured,) = [event for event in seen if event[0] == "secured"]
        assert secured[1:3] == [str(version), other.ready[1]]
        assert secured[5:] == ["new", other.ready[2] if version == 3 else "00000000"]
        assert peer.do("state")[-1] == ["state", "ENCRYPTED", "NONE", str(version)]
    (_, _, _, ssid, half, *_), (_, _, _, other_ssid, other_half, *_) = events[0][-1], events[1][-1]
    assert ssid == other_ssid and len(ssid) == 16 and {half, other_half} == {"first", "second"}
    for x, y, text in ((a, b, "ä" * 300), (b, a, "b"), (a, b, "c"), (b, a, "d" * 5000)):
        x.do("send", text.encode())
        assert not size or len(x.wire) > 1 and max(map(len, x.wire)) <= size
        assert deliver(x, y)[1] == [["message", "encrypted", encode(text.encode())]]
    for answer, question, outcome in ((b"s\0", [], "SUCCESS"), (b"s\0", [b"who?"], "SUCCESS"), (b"t", [], "FAILURE")):
        a.do("smp_start", b"s\0", *question)
        asked = ["ASK_FOR_ANSWER", "25", encode(b"who?")] if question else ["ASK_FOR_SECRET", "25"]
        assert ["smp", *asked] in deliver(a, b)[1]
        b.do("smp_answer", answer)
        assert all(["smp", outcome, "100"] in seen for seen in deliver(a, b))
    (sent,) = b.do("extra_key", 4294967295, b"\0\xff")
    assert ["extra_key", "received", *sent[2:]] in deliver(a, b)[0] and sent[1:4] == ["sent", "4294967295", "AP8="]
    a.do("time", 61), b.do("send", b"late")  # libotr answers with a heartbeat after a silence of 60 seconds
    assert ["event", "LOG_HEARTBEAT_SENT"] in deliver(a, b)[0]
    assert a.do("receive", b"in clear") == [["event", "RCVDMSG_UNENCRYPTED", encode(b"in clear")]]
    a.do("start"), a.do("poll")
    kinds = [event[5] for seen in deliver(a, b) for event in seen if event[0] == "secured"]
    # A commit that answers a v3 query without tags leaves from the master context, which is in plaintext.
    assert kinds == ["refreshed", "new" if version == 3 and not size else "refreshed"]
    a.do("end")
    assert ["ended"] in deliver(a, b)[1]
    assert b.do("state")[-1][1] == "FINISHED" and a.do("state")[-1][1] == "PLAINTEXT"
    assert b.do("send", b"too late") == [["event", "CONNECTION_ENDED"]] and not b.wire
    for peer in (a, b):
        for bad in ("", "nonsense", "send", "send !", "send AA==", "send YQ", "time x", "state 1", "extra_key 1 -"):
            assert peer.do(bad)[0][0] == "error", bad
        assert peer.process.communicate()[0] == "" and peer.process.returncode == 0


with tempfile.TemporaryDirectory() as directory:
    for arguments in [(v, s, w) for v in (2, 3) for s in (0, 140) for w in (0, 1)]:
        converse(directory, *arguments)
print("ok")
