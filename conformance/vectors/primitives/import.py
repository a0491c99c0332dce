#!/usr/bin/env python3
"""Takes the published vectors that are used from where they are published, into imported_*.json beside this script.

    import.py VECTORS WYCHEPROOF            write the files
    import.py VECTORS WYCHEPROOF --check    write nothing; exit with 1 if a file differs

VECTORS is the folder `cryptography_vectors` of PyPI's package cryptography-vectors 50.0.2 (Apache-2.0 or BSD-3-Clause),
which carries NIST's CAVP response files (works of the United States government, public domain) and vectors of RFCs.
WYCHEPROOF is the folder `src/data` of the Rust crate wycheproof 0.7.0 (Apache-2.0; C2SP/wycheproof).
Two short sources are copied from their documents below: NIST SP 800-38A F.5.1, and RFC 6979 A.2.1.
"""
import hashlib
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True

from common import finish, wide
from edges_dsa import broken

FILES = {  # SHA-256
    "hashes/SHA1/SHA1ShortMsg.rsp": "be0991ddc5372932d55804b11713c9140d10435ef4b316a0773e3506eec79cda",
    "hashes/SHA1/SHA1LongMsg.rsp": "c765dbc1609e9046b12f60a5285a88128dab4315080c94ce9f2a57a7b0b980be",
    "hashes/SHA2/SHA256ShortMsg.rsp": "75e1cb83994638481808e225b9eb0c1ebd0c232d952ac42b61abce6363be283c",
    "hashes/SHA2/SHA256LongMsg.rsp": "6fac36f37360bcf74ffcf4465c18e30d6d5a04cc90885b901fc3130c16060974",
    "HMAC/rfc-2202-sha1.txt": "fe8db6163d4d8020c7409420ee8843e40c5c3bafcfa015489f4fec4dd3b65538",
    "HMAC/rfc-4231-sha256.txt": "a152130875a5afa91afe974499822d96a995131ab2bbbaf3106ef4c00d3f334b",
    "ciphers/AES/CTR/aes-128-ctr.txt": "aece1a7a6846bd1c26ac448231ccd9b16a6dddcf595ee283bd15b1887cf6ba1a",
    "asymmetric/DSA/FIPS_186-2/SigVer.rsp": "f1556ae87edb306eb72bfaab52ce45e2cb86795844cdb10cb55e1c3d400f9a38",
    "asymmetric/DSA/FIPS_186-2/PQGVer.rsp": "031612ecd3bad3a1783319a9b7fd2f208dcdd25844c516fef0968fc64706f865",
    "asymmetric/DSA/FIPS_186-2/KeyPair.rsp": "7594feb2a8f6b0969c59c2f5a457a71c93bd576c5893d077b003657f82ad834b",
    "asymmetric/DSA/FIPS_186-3/SigVer.rsp": "c7d33d9b5a908e1beb583104c16bfbef63fbbe3eff4ebe59504a4a390a665a8c",
    "asymmetric/DSA/FIPS_186-3/KeyPair.rsp": "01cb341c2a9567564dc62bd26784b1eb022122a52a9bc318643f6edae17f4651",
    "hmac_sha1_test.json": "b521c6180a862247986392d3cb49b511fc7fe790e75bee236f84e36ca290c7c0",
    "hmac_sha256_test.json": "2d201cfa61d1bf95e6f5d07d96634b4a348b31e8eaa277ad7c8d09677b7a743f",
}


class Sources:
    """The files, each checked against its hash; notes which were read."""

    def __init__(self, *folders):
        self.folders = [pathlib.Path(folder) for folder in folders]
        self.read = []

    def text(self, name):
        path = next(path for folder in self.folders if (path := folder / name).exists())
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != FILES[name]:
            sys.exit(f"{path} is not the file that was used")
        self.read.append(f"{name} (SHA-256 {FILES[name]})")
        return content.decode()

    def records(self, name, last, section=None):
        """The records of a response file: each ends with the field `last`; fields given once are kept for later ones."""
        record, current = {}, None
        for line in self.text(name).splitlines():
            if line.startswith("["):
                current = line
            elif (field := re.match(r"(\w+) = (.*)", line)) and section in (None, current):
                record[field[1].lower()] = field[2].strip()
                if field[1].lower() == last:
                    yield dict(record)

    def taken(self, *more):
        read, self.read = self.read, []
        return {"source": [*read, *more], "licence": "see import.py"}


def hash_cases(sources):
    cases = []
    for function, folder in (("sha1", "SHA1/SHA1"), ("sha256", "SHA2/SHA256")):
        for kind, most in (("Short", 65), ("Long", 4)):
            records = list(sources.records(f"hashes/{folder}{kind}Msg.rsp", "md"))[:most]
            for record in records:
                bits = int(record["len"])
                cases.append({"function": function, "name": f"cavp-{kind.lower()}-{bits}",
                              "parts": [record["msg"][:bits // 4]], "out": record["md"]})
    for function, file in (("hmac_sha1", "rfc-2202-sha1"), ("hmac_sha256", "rfc-4231-sha256")):
        for i, record in enumerate(sources.records(f"HMAC/{file}.txt", "md"), 1):
            cases.append({"function": function, "name": f"{file[:8]}-{i}", "key": record["key"],
                          "parts": [record["msg"]], "out": record["md"]})
    # Of Wycheproof, what states a whole MAC: cases of wrong or shortened ones concern comparison, which no backend does.
    for function in ("hmac_sha1", "hmac_sha256"):
        for group in json.loads(sources.text(f"{function}_test.json"))["testGroups"]:
            for test in group["tests"]:
                if test["result"] == "valid" and group["tagSize"] == {"hmac_sha1": 160, "hmac_sha256": 256}[function]:
                    cases.append({"function": function, "name": f"wycheproof-{test['tcId']}", "key": test["key"],
                                  "parts": [test["msg"]], "out": test["tag"]})
    return sources.taken() | {"cases": cases}


SP_800_38A = {
    "key": "2b7e151628aed2a6abf7158809cf4f3c",
    "counter": "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    "data": "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    "out": "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
           "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
}


def aes_ctr_cases(sources):
    fields = {"key": "key", "counter": "iv", "data": "plaintext", "out": "ciphertext"}
    cases = [{"name": "sp-800-38a-f-5-1"} | SP_800_38A]
    for i, record in enumerate(sources.records("ciphers/AES/CTR/aes-128-ctr.txt", "ciphertext"), 1):
        cases.append({"name": f"rfc-3686-{i}"} | {ours: record[theirs].lower() for ours, theirs in fields.items()})
    return sources.taken("NIST SP 800-38A F.5.1") | {"cases": cases}


RFC_6979 = {
    "p": "86F5CA03DCFEB225063FF830A0C769B9DD9D6153AD91D7CE27F787C43278B447E6533B86B18BED6E8A48B784A14C252C5BE0DBF60B86D638"
         "5BD2F12FB763ED8873ABFD3F5BA2E0A8C0A59082EAC056935E529DAF7C610467899C77ADEDFC846C881870B7B19B2B58F9BE0521A17002E3"
         "BDD6B86685EE90B3D9A1B02B782B1779",
    "q": "996F967F6C8E388D9E28D01E205FBA957A5698B1",
    "g": "07B0F92546150B62514BB771E2A0C0CE387F03BDA6C56B505209FF25FD3C133D89BBCD97E904E09114D9A7DEFDEADFC9078EA544D2E401AE"
         "ECC40BB9FBBF78FD87995A10A1C27CB7789B594BA7EFB5C4326A9FE59A070E136DB77175464ADCA417BE5DCE2F40D10A46A3A3943F26AB7F"
         "D9C0398FF8C76EE0A56826A8A88F1DBD",
    "x": "411602CB19A6CCC34494D79D98EF1E7ED5AF25F7",
    "y": "5DF5E01DED31D0297E274E1691C192FE5868FEF9E19A84776454B100CF16F65392195A38B90523E2542EE61871C0440CB87C322FC4B4D2EC"
         "5E1E7EC766E1BE8D4CE935437DC11C3C8FD426338933EBFE739CB3465F4D3668C5E473508253B1E682F65CBDC4FAE93C2EA212390E54905A"
         "86E2223170B44EAA7DA5DD9FFCFB7F3B",
}
RFC_6979_SIGNATURES = [
    ("sha1", "sample", "2E1A0C2562B2912CAAF89186FB0F42001585DA55", "29EFB6B0AFF2D7A68EB70CA313022253B9A88DF5"),
    ("sha1", "test", "42AB2052FD43E123F0607F115052A67DCD9C5C77", "183916B0230D45B9931491D4C6B0BD2FB4AAF088"),
    ("sha256", "sample", "81F2F5850BE5BC123C43F71A3033E9384611C545", "4CDD914B65EB6C66A8AAAD27299BEE6B035F5E89"),
    ("sha256", "test", "22518C127299B0F6FDC9872B282B9E70D0790812", "6837EC18F150D55DE95B5E29BE7AF5D01E4FE160"),
]


def padded(record, names):
    return {name: wide(int(record[name], 16), 20 if name in "qxrs" else 128) for name in names}


def verifications(name, domain, record, function, message, valid):
    """One signature as FIPS 186 means it; one over more than 160 bits is none over the MAC that OTR reduces."""
    digest = hashlib.new(function, message).digest()
    numbers = {"domain": domain} | padded(record, "yrs")
    yield {"name": name} | numbers | {"m": digest[:20].rjust(32, b"\0").hex(), "valid": valid}
    if len(digest) == 32 and valid:
        yield {"name": f"{name}-not-truncated"} | numbers | {"m": digest.hex(), "valid": False}


def dsa_cases(sources):
    domains, verify, pairs, validate = {"rfc-6979": padded(RFC_6979, "pqg")}, [], [], []
    for name, function, file, section in (
        ("cavp-186-2", "sha1", "FIPS_186-2", "[mod = 1024]"),
        ("cavp-186-3-sha1", "sha1", "FIPS_186-3", "[mod = L=1024, N=160, SHA-1]"),
        ("cavp-186-3-sha256", "sha256", "FIPS_186-3", "[mod = L=1024, N=160, SHA-256]"),
    ):
        for i, record in enumerate(sources.records(f"asymmetric/DSA/{file}/SigVer.rsp", "result", section), 1):
            domains[name] = padded(record, "pqg")
            message, valid = bytes.fromhex(record["msg"]), record["result"].startswith("P")
            verify += verifications(f"{name}-{i}", name, record, function, message, valid)
    for function, message, r, s in RFC_6979_SIGNATURES:
        record = RFC_6979 | {"r": r, "s": s}
        verify += verifications(f"rfc-6979-{function}-{message}", "rfc-6979", record, function, message.encode(), True)
    pairs.append({"name": "rfc-6979", "domain": "rfc-6979"} | padded(RFC_6979, "xy") | {"valid": True})
    for standard, section in (("186-2", "[mod = 1024]"), ("186-3", "[mod = L=1024, N=160]")):
        records = list(sources.records(f"asymmetric/DSA/FIPS_{standard}/KeyPair.rsp", "y", section))
        for i, record in enumerate(records[:5], 1):
            domain = f"cavp-{standard}-pairs"
            domains[domain] = padded(record, "pqg")
            pairs.append({"name": f"cavp-{standard}-{i}", "domain": domain} | padded(record, "xy") | {"valid": True})
    for i, record in enumerate(sources.records("asymmetric/DSA/FIPS_186-2/PQGVer.rsp", "result"), 1):
        if "Seed" in record["result"]:
            continue  # how a domain came about cannot be seen in it
        p, q, g = (int(record[name], 16) for name in "pqg")
        y = pow(g, 2, p)
        check, fault = broken(p, q, g, y)
        assert (fault is None) == record["result"].startswith("P"), record["result"]
        validate.append({"name": f"cavp-186-2-{i}"} | padded(record, "pqg") | {"y": wide(y, 128)}
                        | ({"check": check, "fault": fault} if check else {}))
    return sources.taken("RFC 6979 A.2.1") | {
        "domains": domains, "reduce": [], "verify": verify, "validate": validate, "pairs": pairs}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    files = Sources(sys.argv[1], sys.argv[2])
    groups = {"hash": hash_cases, "aes_ctr": aes_ctr_cases, "dsa": dsa_cases}
    sys.exit(finish({f"imported_{name}": cases(files) for name, cases in groups.items()}, sys.argv[3:], __doc__))
