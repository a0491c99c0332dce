"""potr as a conversation partner on stdin and stdout; ../libotr/README.md describes the line protocol.

The program adds nothing to potr but what potr cannot get from today's cryptographic library: what potr
injects becomes a `wire` line, what it raises, returns or changes becomes an event line.
"""
import argparse
import base64
import logging
import os
import sys
import time

from Crypto.Cipher import AES
from Crypto.PublicKey import DSA
from potr import context, crypt, proto
from potr.compatcrypto import PK
from potr.compatcrypto.pycrypto import DSAKey, randrange

NO_TAG = "00000000"  # version 2 has no instance tags
POLICY = {"ALLOW_V2": 0x02, "REQUIRE_ENCRYPTION": 0x08, "SEND_TAG": 0x10}  # libotr's bits; potr knows no others
FRAGMENT_HEADER = 19  # bytes that potr leaves for the header of a fragment


class Refused(Exception):
    """Why a command could not be carried out."""


def emit(*words):
    print(*words)


def word(data):
    return base64.b64encode(data).decode() or "-"


# ---- What PyCrypto did for potr and PyCryptodome does otherwise: AES in counter mode, and DSA ----


def aes_ctr(key, counter=0):
    """AES in counter mode: a block counter of 16 bytes, of which the first 8 are the message's."""
    prefix = counter if isinstance(counter, int) else counter.prefix
    return AES.new(key, AES.MODE_CTR, nonce=prefix.to_bytes(8, "big"), initial_value=0)


def sign(self, data):
    p, q, g, x = (int(getattr(self.priv, name)) for name in "pqgx")
    r = s = 0
    while not r or not s:
        nonce = randrange(1, q)
        r = pow(g, nonce, p) % q
        s = pow(nonce, -1, q) * (int.from_bytes(data, "big") + x * r) % q
    return r.to_bytes(20, "big") + s.to_bytes(20, "big")


def verify(self, data, signature):
    p, q, g, y = (int(getattr(self.pub, name)) for name in "pqgy")
    r, s = (int.from_bytes(half, "big") for half in (signature[:20], signature[20:]))
    if len(signature) != 40 or not (0 < r < q and 0 < s < q):
        return False
    inverse = pow(s, -1, q)
    by_message, by_key = int.from_bytes(data, "big") * inverse % q, r * inverse % q
    return pow(g, by_message, p) * pow(y, by_key, p) % p % q == r


def generate():
    key = DSA.generate(1024)
    return DSAKey(tuple(int(getattr(key, name)) for name in "ygpqx"), private=True)


crypt.AESCTR, DSAKey.sign, DSAKey.verify, DSAKey.generate = aes_ctr, sign, verify, generate


# ---- One account that talks to one correspondent ----


class Account(context.Account):
    def __init__(self, options):
        super().__init__(options.account, options.protocol, options.max_size)
        self.file = options.key
        self.policy_bits = options.policy
        self.generated = not os.path.exists(self.file)

    def loadPrivkey(self):
        if self.generated:
            return None
        with open(self.file, "rb") as file:
            return PK.parsePrivateKey(file.read())[0]

    def savePrivkey(self):
        with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self.privkey.serializePrivateKey())

    def saveTrusts(self):
        """Trust lasts as long as the program."""


class Context(context.Context):
    def getPolicy(self, key):
        return bool(self.user.policy_bits & POLICY.get(key, 0))

    def inject(self, msg, appdata=None):
        emit("wire", word(msg))

    def _wentEncrypted(self):
        kind = "refreshed" if self.state == context.STATE_ENCRYPTED else "new"
        super()._wentEncrypted()
        half = "second" if self.crypto.sessionIdHalf else "first"
        fingerprint, session_id = self.crypto.theirPubkey.cfingerprint(), self.crypto.sessionId.hex()
        emit("secured", 2, fingerprint, session_id, half, kind, NO_TAG)

    def processTLVs(self, tlvs, appdata=None):
        for tlv in tlvs:
            super().processTLVs([tlv], appdata)
            if isinstance(tlv, proto.DisconnectTLV):
                emit("ended")
            elif isinstance(tlv, proto.SMPTLV):
                self.report_smp(tlv)
            elif isinstance(tlv, proto.ExtraKeyTLV):
                self.report_extra_key("received", tlv.appid, tlv.appdata, self.crypto.extraKey)

    def report_smp(self, tlv):
        ended = {crypt.SMPPROG_SUCCEEDED: "SUCCESS 100", crypt.SMPPROG_FAILED: "FAILURE 100",
                 crypt.SMPPROG_CHEATED: "CHEATED 0"}
        if isinstance(tlv, proto.SMPABORTTLV):
            emit("smp", "ABORT", 0)
        elif self.crypto.smp.prog in ended:
            emit("smp", ended[self.crypto.smp.prog])
        elif isinstance(tlv, proto.SMP1QTLV):
            emit("smp", "ASK_FOR_ANSWER", 25, word(tlv.msg))
        elif isinstance(tlv, proto.SMP1TLV):
            emit("smp", "ASK_FOR_SECRET", 25)
        else:
            emit("smp", "IN_PROGRESS", 60)

    def report_extra_key(self, way, use, data, key):
        emit("extra_key", way, int.from_bytes(use, "big"), word(data), key.hex())


# ---- The commands ----


class Commands:
    clock_offset = 0  # seconds

    def __init__(self, peer):
        self.peer = peer
        context.time = lambda: time.time() + self.clock_offset

    def start(self):
        self.send(b"?OTR?")  # potr replaces it by its query

    def send(self, text):
        try:
            in_clear = self.peer.sendMessage(context.FRAGMENT_SEND_ALL, text)
        except context.NotEncryptedError:
            return emit("event", "CONNECTION_ENDED")
        if in_clear is not None:
            self.peer.inject(in_clear)

    def receive(self, text):
        try:
            shown, _ = self.peer.receiveMessage(text)
        except context.NotOTRMessage as plain:
            unexpected = self.peer.state != context.STATE_PLAINTEXT
            emit(*["event", "RCVDMSG_UNENCRYPTED"] if unexpected else ["message", "plain"], word(plain.args[0]))
        except context.UnencryptedMessage as plain:
            emit("event", "RCVDMSG_UNENCRYPTED", word(plain.args[0]))
        except context.ErrorReceived as error:
            emit("event", "RCVDMSG_GENERAL_ERR", word(error.args[0].error))
        except context.NotEncryptedError:
            emit("event", "RCVDMSG_NOT_IN_PRIVATE")
        except crypt.InvalidParameterError:
            emit("event", "RCVDMSG_UNREADABLE")
        else:
            if shown:
                emit("message", "encrypted", word(shown))

    def end(self):
        self.peer.disconnect()

    def smp_start(self, secret, question=None):
        self.peer.smpInit(secret, question)

    def smp_answer(self, secret):
        if not self.peer.crypto.smp or self.peer.crypto.smp.state != 0:
            raise Refused("no SMP request to answer")
        self.peer.smpGotSecret(secret)

    def smp_abort(self):
        self.peer.smpAbort()

    def extra_key(self, use, data):
        if use < 0:
            raise Refused("the use is negative")
        use = use.to_bytes(4, "big")
        self.peer.report_extra_key("sent", use, data, self.peer.getExtraKey(use, data))

    def time(self, seconds):
        self.clock_offset = seconds

    def state(self):
        states = {crypt.STATE_AWAITING_DHKEY: "AWAITING_DHKEY", crypt.STATE_AWAITING_SIG: "AWAITING_SIG",
                  crypt.STATE_AWAITING_REVEALSIG: "AWAITING_REVEALSIG"}
        auth = states.get(self.peer.crypto.ake.state, "NONE") if self.peer.crypto.ake else "NONE"
        message = ("PLAINTEXT", "ENCRYPTED", "FINISHED")[self.peer.state]
        emit("state", message, auth, 2 if self.peer.crypto.sessionId else 0)

    # By name: the kinds of the arguments (see argument()), how many of them are required, needs a session.
    KINDS = {
        "start": ("", 0, False), "send": ("t", 1, False), "receive": ("t", 1, False), "end": ("", 0, False),
        "smp_start": ("bt", 1, True), "smp_answer": ("b", 1, True), "smp_abort": ("", 0, True),
        "extra_key": ("nb", 2, True), "time": ("n", 1, False), "state": ("", 0, False),
    }

    def run(self, line):
        name, *words = line.split(" ")
        if name not in self.KINDS:
            raise Refused("potr has nothing to poll" if name == "poll" else "unknown command")
        kinds, required, needs_session = self.KINDS[name]
        if not required <= len(words) <= len(kinds):
            raise Refused("too few or too many arguments")
        arguments = [argument(*pair) for pair in zip(kinds, words)]
        if needs_session and self.peer.state != context.STATE_ENCRYPTED:
            raise Refused("no encrypted session")
        getattr(self, name)(*arguments)


def argument(kind, text):
    """A number of 32 bits ("n"), bytes ("b"), or text ("t"), which has no NUL."""
    try:
        value = int(text) if kind == "n" else base64.b64decode(b"" if text == "-" else text, validate=True)
        well_formed = -(2**31) <= value < 2**32 if kind == "n" else word(value) == text
    except ValueError:
        well_formed = False
    if not well_formed or kind == "t" and b"\0" in value:
        raise Refused("malformed argument")
    return value


def main():
    parser = argparse.ArgumentParser()
    for option in ("--key", "--account", "--protocol"):
        parser.add_argument(option, required=True)
    parser.add_argument("--policy", type=lambda text: int(text, 16), default=POLICY["ALLOW_V2"])
    parser.add_argument("--max-size", type=int, default=0)
    parser.add_argument("--peer", default="peer")
    options = parser.parse_args()
    if options.max_size and options.max_size <= FRAGMENT_HEADER:
        sys.exit("--max-size: leaves no room for a fragment")
    logging.disable()  # potr's log has keys in it, and standard error is for what stops the program
    sys.stdin.reconfigure(encoding="latin-1", newline="\n")

    account = Account(options)
    fingerprint = account.getPrivkey().cfingerprint()
    commands = Commands(Context(account, options.peer))
    print("ready", fingerprint, NO_TAG, "generated" if account.generated else "loaded", flush=True)
    for line in sys.stdin:
        try:
            commands.run(line.removesuffix("\n"))
        except Refused as reason:
            emit("error", word(str(reason).encode()))
        except Exception as error:  # whatever potr raises that it does not document
            emit("error", word(repr(error).encode()))
        print("done", flush=True)


if __name__ == "__main__":
    main()
