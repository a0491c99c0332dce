"""The ratios as a picture: a row for each operation, a mark for each contender, on a logarithmic scale."""
from html import escape
from math import floor, log10

WIDTH, LEFT, RIGHT, TOP, ROW = 900, 310, 20, 60, 34  # pixels
# Told apart by those who see few colours, too, and each with a shape of its own.
LOOKS = {
    "libotr": ("#000000", "line"), "rustcrypto": ("#d55e00", "circle"), "openssl": ("#0072b2", "square"),
    "otrr": ("#009e73", "diamond"), "otr3": ("#cc79a7", "down"), "potr": ("#e69f00", "up"), "otrjs": ("#56b4e9", "cross"),
}
SHAPES = {
    "line": "M0-9V9", "circle": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0", "square": "M-5-5H5V5H-5Z",
    "diamond": "M0-6L6 0L0 6L-6 0Z", "down": "M-6-4H6L0 6Z", "up": "M-6 4H6L0-6Z", "cross": "M-5-5L5 5M5-5L-5 5",
}


def plot(results):
    """An SVG."""
    rows = [(operation, ratios(results, operation)) for operation in results.measured()]
    rows = [(operation, marks) for operation, marks in rows if marks]
    every = [ratio for _, marks in rows for _, ratio in marks] or [1]
    least, most = floor(log10(min(every))), floor(log10(max(every))) + 1
    height = TOP + ROW * len(rows) + 30

    def x(exponent):
        return LEFT + (WIDTH - LEFT - RIGHT) * (exponent - least) / (most - least)

    parts = []
    for exponent in range(least, most + 1):
        colour = "#888" if exponent == 0 else "#ddd"
        parts.append(f'<path d="M{x(exponent):.1f} {TOP - 14}V{height - 30}" stroke="{colour}"/>')
        parts.append(f'<text x="{x(exponent):.1f}" y="{height - 10}" text-anchor="middle">×{10.0**exponent:g}</text>')
    for at, contender in enumerate(results.contenders):
        left = 20 + at * (WIDTH - 40) / len(results.contenders)
        parts += [mark(contender.name, left, 20), f'<text x="{left + 12:.1f}" y="24">{escape(contender.name)}</text>']
    for at, (operation, marks) in enumerate(rows):
        y = TOP + ROW * at + ROW / 2 - 10
        parts.append(f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(operation.title)}</text>')
        parts += [mark(name, x(log10(ratio)), y) for name, ratio in marks]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">\n'
        f"<title>CPU time and memory as multiples of libotr's; less is better</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def ratios(results, operation):
    """Each contender's name and ratio. What many sessions cost is another scale."""
    if operation.name == "sessions":
        return []
    found = ((contender.name, results.ratio(operation, contender.name)) for contender in results.contenders)
    return [(name, ratio) for name, ratio in found if ratio is not None]


def mark(name, x, y):
    colour, shape = LOOKS[name]
    hollow = shape in ("line", "cross")
    fill = 'fill="none" stroke-width="2"' if hollow else f'fill="{colour}" fill-opacity="0.8"'
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{SHAPES[shape]}" {fill} stroke="{colour}"/>'
