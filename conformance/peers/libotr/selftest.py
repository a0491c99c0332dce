"""Two libotr peers talk to each other: `python3 selftest.py PATH-OF-THE-PEER`."""
import base64, itertools, os, subprocess, sys, tempfile


def encode(data):
    return base64.b64encode(data).decode() or "-"


class Peer:
    def __init__(self, name, directory, policy, size):
        command = [os.path.abspath(sys.argv[1]), "--key", f"{directory}/{name}", "--account", name, "--protocol", "p",
                   "--policy", policy, "--max-size", str(size)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.wire, (_, self.fingerprint, self.tag, _) = [], self.process.stdout.readline().split()

    def do(self, command, *args):
        """Returns the events, each a list of words; keeps what is to be sent in self.wire."""
        words = [encode(a) if isinstance(a, bytes) else str(a) for a in args]
        print(command, *words, file=self.process.stdin, flush=True)
        events, wire = [], []
        while (event := self.process.stdout.readline().split()) != ["done"]:
            (wire if event[0] == "wire" else events).append(event)  # an IndexError means that the peer is gone
        self.wire += [base64.b64decode(text, validate=True) for _, text in wire]
        return events


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
    a, b = (Peer(name, directory, "2" if version == 2 else "6", size) for name in ("alice", "bob"))
    assert a.do("smp_abort")[0][0] == "error" and a.do("state") == [["state", "PLAINTEXT", "NONE", "0"]]
    assert a.do("send", b"hi") == [] and deliver(a, b)[1] == [["message", "plain", encode(b"hi")]]
    (a, b)[starter].do("start")
    secured = [[event for event in seen if event[0] == "secured"] for seen in deliver(a, b)]
    for (event,), other, peer in zip(secured, (b, a), (a, b)):
        assert event[1:3] == [str(version), other.fingerprint]
        assert event[5:] == ["new", other.tag if version == 3 else "00000000"]
        assert peer.do("state")[-1] == ["state", "ENCRYPTED", "NONE", str(version)]
    ssids, halves = zip(*(event[3:5] for (event,) in secured))
    assert ssids[0] == ssids[1] and set(halves) == {"first", "second"}
    for x, y, text in ((a, b, "ä" * 300), (b, a, "b"), (a, b, "c"), (b, a, "d" * 5000)):
        x.do("send", text.encode())
        assert len(x.wire) == 1 if not size else len(x.wire) > 1 and max(map(len, x.wire)) <= size
        assert deliver(x, y)[1] == [["message", "encrypted", encode(text.encode())]]
    for answer, question, outcome in ((b"s\0", [], "SUCCESS"), (b"s\0", [b"who?"], "SUCCESS"), (b"t", [], "FAILURE")):
        a.do("smp_start", b"s\0", *question)
        asked = ["ASK_FOR_ANSWER", "25", encode(b"who?")] if question else ["ASK_FOR_SECRET", "25"]
        assert deliver(a, b)[1][0] == ["smp", *asked]
        b.do("smp_answer", answer)
        assert all(["smp", outcome, "100"] in seen for seen in deliver(a, b))
    (sent,) = b.do("extra_key", 4294967295, b"\0\xff")
    assert sent[1:4] == ["sent", "4294967295", "AP8="] and ["extra_key", "received", *sent[2:]] in deliver(a, b)[0]
    a.do("time", 61), b.do("send", b"late")  # libotr answers with a heartbeat after a silence of 60 seconds
    assert ["event", "LOG_HEARTBEAT_SENT"] in deliver(a, b)[0]
    assert a.do("receive", b"in clear") == [["event", "RCVDMSG_UNENCRYPTED", encode(b"in clear")]]
    a.do("start"), a.do("poll")
    kinds = [event[5] for seen in deliver(a, b) for event in seen if event[0] == "secured"]
    assert kinds == ["refreshed", "new" if version == 3 and not size else "refreshed"]  # README.md says why
    assert a.do("end") == [] and ["ended"] in deliver(a, b)[1]
    assert [peer.do("state")[-1][1] for peer in (a, b)] == ["PLAINTEXT", "FINISHED"]
    assert b.do("send", b"too late") == [["event", "CONNECTION_ENDED"]] and not b.wire
    for bad in ("", "nonsense", "send", "send !", "send AA==", "send YQ", "time x", "state 1", "extra_key 1 -"):
        assert [event[0] for event in a.do(bad)] == ["error"], bad
    assert all(peer.process.communicate()[0] == "" and peer.process.returncode == 0 for peer in (a, b))


with tempfile.TemporaryDirectory() as directory:
    for version, size, starter in itertools.product((2, 3), (0, 140), (0, 1)):
        converse(directory, version, size, starter)
print("ok")
