"""Builds the contenders, measures them in turns on one core, and writes the table; README.md describes it."""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import docs
from contenders import BASE, CONTENDERS, GROUPS, HERE, OPERATIONS
from plot import plot
from results import Results

QUICK_SESSIONS = 1000


def main():
    options = arguments()
    out = Path(os.environ.get("CARGO_TARGET_DIR", "target"), "peers").resolve()
    out.mkdir(parents=True, exist_ok=True)

    missing = {}  # by the contender's name: why
    contenders = build(options.contenders, out, missing)
    if not contenders:
        sys.exit("nobody is left to be measured")
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # the contenders inherit it

    results = Results(OPERATIONS, contenders, BASE)
    for turn in range(options.rounds):
        for operation in options.operations:
            print(f"round {turn + 1} of {options.rounds}: {operation.title}", file=sys.stderr)
            for contender in contenders:
                if contender.does(operation) and contender.name not in missing:
                    try:
                        results.add(operation, contender, measure(contender, operation, options, out))
                    except (OSError, ValueError, subprocess.SubprocessError) as error:
                        missing[contender.name] = f"{operation.name}: {error}"

    table = results.text()
    table += "".join(f"{name} failed: {why}\n" for name, why in missing.items())
    print(table, end="")
    (out / "table.txt").write_text(table)
    about = docs.about(core, options.rounds, options.milliseconds)
    (out / "results.json").write_text(json.dumps(about | {"missing": missing, "figures": results.figures()}, indent=1))
    (out / "plot.svg").write_text(plot(results))
    if options.write and BASE in missing:
        print(f"docs/benchmarks.md stays as it was: it gives everything as multiples of {BASE}'s", file=sys.stderr)
    elif options.write:
        docs.write(results, about)
    sys.exit(1 if missing else 0)


def arguments():
    known = [contender.name for contender in CONTENDERS] + list(GROUPS)
    parser = argparse.ArgumentParser(prog="bash benches/peers/run", description=__doc__)
    parser.add_argument("--only", metavar="NAME,…", help=f"these contenders, of {', '.join(known)}")
    parser.add_argument("--operations", metavar="NAME,…", help=f"these, of {', '.join(o.name for o in OPERATIONS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (%(default)s)")
    parser.add_argument("--milliseconds", type=float, default=300, help="CPU time for each figure (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one short round, and fewer sessions: does it run at all?")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md and its plot; takes all of them")
    options = parser.parse_args()
    if options.write and (options.quick or options.only or options.operations):
        parser.error("--write is for everything, measured at length")
    if options.quick:
        options.rounds, options.milliseconds = 1, 20
    if options.rounds < 1 or options.milliseconds <= 0:
        parser.error("--rounds and --milliseconds must be positive")
    names = chosen(parser, options.only, known)
    names += [name for group in names for name in GROUPS.get(group, [])]
    options.contenders = [contender for contender in CONTENDERS if contender.name in names]
    names = chosen(parser, options.operations, [operation.name for operation in OPERATIONS])
    options.operations = [operation for operation in OPERATIONS if operation.name in names]
    return options


def chosen(parser, names, known):
    names = names.split(",") if names else list(known)
    for name in names:
        if name not in known:
            parser.error(f"unknown: {name}; there are {', '.join(known)}")
    return names


def build(contenders, out, missing):
    """Those that could be built."""
    failed = {}
    for directory in dict.fromkeys(contender.directory for contender in contenders):
        print(f"builds {directory}", file=sys.stderr)
        try:
            subprocess.run([f"{HERE}/{directory}/build", out], check=True, stdout=sys.stderr)
        except (OSError, subprocess.SubprocessError) as error:
            failed[directory] = str(error)
    missing |= {c.name: failed[c.directory] for c in contenders if c.directory in failed}
    return [contender for contender in contenders if contender.name not in missing]


def measure(contender, operation, options, out):
    """The samples a contender prints."""
    command = [word.format(out=out) for word in contender.command]
    time = options.milliseconds * (1 if options.quick else operation.share)
    command += [operation.name, str(time)]
    if operation.name == "sessions":
        command.append(str(min(contender.sessions, QUICK_SESSIONS) if options.quick else contender.sessions))
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout
    samples = [float(line) for line in printed.split()]
    if not samples or min(samples) <= 0:
        raise ValueError("printed no figure")
    return samples


if __name__ == "__main__":
    main()
