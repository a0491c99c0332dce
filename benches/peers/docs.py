"""docs/benchmarks.md: what was measured last, where, and when."""
import datetime
import platform
import subprocess
from pathlib import Path

from contenders import CONTENDERS
from plot import plot

PAGE, PLOT = Path("docs/benchmarks.md"), Path("docs/benchmarks.svg")


def about(core, rounds, milliseconds):
    """The run, for the page and for a program to read."""
    return {
        "date": datetime.date.today().isoformat(),
        "commit": output("git", "rev-parse", "--short", "HEAD"),
        "machine": f"{processor()}, core {core} alone; {system()}",
        "versions": "; ".join(filter(None, [output("rustc", "--version"), output("openssl", "version"),
                                            *debian("libotr5", "libgcrypt20")])),
        "rounds": rounds,
        "milliseconds": milliseconds,
    }


def write(results, run):
    absent = [contender.name for contender in CONTENDERS if contender not in results.contenders]
    page = TEXT.format(
        table=results.markdown(),
        contenders="".join(f"* `{contender.name}`: {contender.about}\n" for contender in results.contenders),
        absent=f"Not measured this time: {', '.join(absent)}.\n\n" if absent else "",
        sessions=", ".join(f"{c.sessions:,} ({c.name})" for c in results.contenders if c.sessions),
        **run,
    )
    PAGE.write_text(page)
    PLOT.write_text(plot(results))


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def system():
    lines = Path("/etc/os-release").read_text().splitlines()
    names = [line.split("=", 1)[1].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else platform.system()


def debian(*packages):
    return [output("dpkg-query", "-W", "-f", "${Package} ${Version}", package) for package in packages]


def output(*command):
    """What a program says in one line; nothing if it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


TEXT = """\
# Benchmarks against other implementations

Written by `bash benches/peers/run --write`, which builds everybody, measures and replaces this page and its plot;
`benches/peers/README.md` describes how.

{table}
![The same as multiples of libotr's, on a logarithmic scale](benchmarks.svg)

* Date: {date}, at commit {commit}
* Machine: {machine}
* Versions: {versions}
* {rounds} rounds of {milliseconds:g} ms for each figure, ten times that for key generation

{contenders}
{absent}× is a multiple of libotr's figure, which is in the column `libotr`; less is better; – was not measured. Times are CPU time
of the whole process, in which both sides of the conversation run: whatever is said above takes both sides' work.
Contenders take turns, round by round, and × is the median of the rounds' ratios. Key generation searches for primes, so
that its times scatter widely: it has the mean, with the standard error of the ratio.

* A key exchange begins with nothing, not even a conversation, and ends when both sides are secured; each is unknown to the
  other. `potr` has PyCryptodome, which tests the primes of each key it is given; that is most of its time there.
* SMP goes from the initiator's question to the result on both sides, messages included.
* In ping-pong each text answers the last one, and so brings new keys; one-way they stay.
* Live heap is what each new session adds on one side, by each language's own means: `mallinfo2` (libotr), what was asked of the
  allocator (ours, otrr), `runtime.MemStats` (Go), `tracemalloc` (Python), `heapUsed` (JavaScript). They are not quite the same measure.
* Many sessions are {sessions}.
  The figure is the time of a message with so many against the time with one. In libotr they are contacts of the same
  account without a key exchange, and the one that is talked to is in the middle.

Both backends of this library compute powers with secret exponents in constant time, which costs more than variable time.
`otr3` and `potr` use the variable-time powers of their languages, Go's `math/big` and Python's `pow`.
"""
