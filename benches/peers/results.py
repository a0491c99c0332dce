"""What was measured, and the table that is made of it."""
from statistics import mean, median, stdev


class Results:
    def __init__(self, operations, contenders, base):
        self.operations, self.contenders, self.base = operations, contenders, base
        self.rounds = {}  # by the names of operation and contender: a list of samples for each round

    def add(self, operation, contender, samples):
        self.rounds.setdefault((operation.name, contender.name), []).append(samples)

    def measured(self):
        """The operations that somebody was measured on."""
        names = {operation for operation, _ in self.rounds}
        return [operation for operation in self.operations if operation.name in names]

    def figure(self, operation, name):
        """Nanoseconds or bytes, or None: the median of all samples, or their mean."""
        rounds = self.rounds.get((operation.name, name))
        if not rounds:
            return None
        samples = [sample for samples in rounds for sample in samples]
        return mean(samples) if operation.mean else median(samples)

    def ratio(self, operation, name):
        """To the base, or None: the median of the rounds' ratios, because a machine's speed changes between rounds."""
        mine, base = (self.rounds.get((operation.name, each)) for each in (name, self.base))
        if not mine or not base:
            return None
        if operation.mean:
            return self.figure(operation, name) / self.figure(operation, self.base)
        return median(median(a) / median(b) for a, b in zip(mine, base))

    def error(self, operation, name):
        """The standard error of a ratio of means; None for another ratio, or if there are too few samples."""
        share = 0
        for each in (name, self.base):
            samples = [sample for samples in self.rounds.get((operation.name, each), []) for sample in samples]
            if not operation.mean or len(samples) < 3:
                return None
            share += (stdev(samples) / mean(samples)) ** 2 / len(samples)
        return self.ratio(operation, name) * share**0.5

    def slowdown(self, contender):
        """What many sessions do to a message: the median of the rounds' ratios to one session, or None."""
        pair = (self.rounds.get((operation, contender.name)) for operation in ("sessions", "one-way-100"))
        many, one = pair
        if not many or not one:
            return None
        return median(median(a) / median(b) for a, b in zip(many, one))

    def cell(self, operation, contender):
        if operation.name == "sessions":
            slowdown = self.slowdown(contender)
            return "–" if slowdown is None else f"{digits(slowdown)} of itself"
        ratio = self.ratio(operation, contender.name)
        if ratio is None or contender.name == self.base:
            figure = self.figure(operation, contender.name)
            return "–" if figure is None else unit(operation, figure)
        error = self.error(operation, contender.name)
        return f"×{digits(ratio)}" + (f" ±{digits(error)}" if error and contender.name != self.base else "")

    def table(self):
        """Rows of cells, the heading first."""
        yield ["", *(contender.name for contender in self.contenders)]
        for operation in self.measured():
            yield [operation.title, *(self.cell(operation, contender) for contender in self.contenders)]

    def text(self):
        rows = list(self.table())
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ("  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]) for row in rows)
        return "".join(f"{line}\n" for line in lines)

    def markdown(self):
        heading, *rows = self.table()
        lines = [heading, ["---", *("--:" for _ in self.contenders)], *rows]
        return "".join(f"| {' | '.join(row)} |\n" for row in lines)

    def figures(self):
        """For a program to read."""
        return [
            {
                "operation": operation.name,
                "contender": contender.name,
                "unit": "B" if operation.name == "heap" else "ns",
                "figure": self.figure(operation, contender.name),
                "ratio": self.ratio(operation, contender.name),
                "samples": sum(map(len, self.rounds[operation.name, contender.name])),
                "rounds": len(self.rounds[operation.name, contender.name]),
            }
            for operation in self.measured()
            for contender in self.contenders
            if (operation.name, contender.name) in self.rounds
        ]


def digits(number):
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def unit(operation, figure):
    if operation.name == "heap":
        return f"{digits(figure / 1024)} KiB"
    for size, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if figure >= size:
            return f"{digits(figure / size)} {name}"
    return f"{figure:.0f} ns"
