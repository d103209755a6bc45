#!/usr/bin/env python3
"""Measures the metrics and times in README.md again and prints them in one table, compared with the numbers in README.

    Benchmarks/figures.py [ONLY ...] [--long] [--ligase FILE] [--data FOLDER] [-o FILE]     (make figures)

`experiments.py` lists the experiments. ONLY is a regular expression for their names. Experiments of more than five minutes on
two cores run only with --long. Data is read from --data (default: $LIGASE_DATA, otherwise ../shared/data relative to the
project). An experiment without its data is skipped, which the table reports.

Columns of the table: experiment, figure, command (the training command), value, low, high (the 95 % interval of `evaluate`;
with several folds the mean, the minimum and the maximum), stated (in README), difference, verdict, seconds (of the whole
experiment). Verdicts: `same` (equal in the stated digits); `within` or `outside` (the stated value is inside or outside the
interval); `differs` (not equal, and there is no interval). Times and memory depend on the machine. The exit code is 1 if a
figure is outside or an experiment fails.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

from experiments import EXPERIMENTS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = ["experiment", "figure", "command", "value", "low", "high", "stated", "difference", "verdict", "seconds"]


def readme():
    """README.md as text, and the rows of its tables. An empty first cell has the value of the cell above."""
    with open(f"{ROOT}/README.md", encoding="utf-8") as file:
        text = file.read()
    rows = []
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows.append([cells[0] or (rows[-1][0] if rows else "")] + cells[1:])
    return text, rows


def stated(figure, text, rows):
    """The number in README as text: one number, or the ends of a range."""
    if figure.row:
        named = [row for row in rows if all(cell.startswith(name) for cell, name in zip(row, figure.row))]
        if not named:
            raise SystemExit(f"figures.py: README.md has no row {figure.row} for '{figure.name}'")
        text = "|".join(named[0][len(figure.row):])
    found = re.search(figure.pattern, text)
    if not found:
        raise SystemExit(f"figures.py: README.md has no '{figure.name}' that matches {figure.pattern!r}")
    return found.groups()


def run(line, folder, environment):
    """Runs a command line. Returns its time in seconds and its peak memory in MB."""
    began = time.perf_counter()
    with open(f"{folder}/.errors", "w+") as errors:
        process = subprocess.Popen(["sh", "-c", line], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"exit code {process.returncode}: {(errors.read().strip().splitlines() or [''])[-1]}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def scores(folder):
    """(model, metric) to (value, low, high), over all rows. The output of `make bench` has one name and one number per line."""
    with open(f"{folder}/scores.tsv", encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    if len(lines[0]) == 2:
        return {(name, "ms"): (float(value), None, None) for name, value in lines}
    found = {}
    for row in (dict(zip(lines[0], line)) for line in lines[1:]):
        if row["group"] == "all":
            value, low, high = (float(row[key]) if row[key] else None for key in ["value", "low", "high"])
            found[row["model"], row["metric"]] = value, low, high
            if (row["model"], row["metric"]) == ("model", "accuracy"):
                found["right",] = round(value * int(row["n"])), None, None
    return found


def measure(experiment, data, environment):
    """All results of an experiment by name, as (value, low, high), and its time in seconds."""
    folds, seconds = [], 0.0
    for fold in range(experiment.folds):
        with tempfile.TemporaryDirectory() as folder:
            if experiment.prepare:
                experiment.prepare(data, folder)
            runs = [run(line.format(data=data, root=ROOT, fold=fold), folder, environment) for line in experiment.lines]
            seconds += sum(time for time, _ in runs)
            training, memory = runs[0]
            folds.append({**scores(folder), ("seconds",): (training, None, None), ("megabytes",): (memory, None, None)})
    if len(folds) == 1:
        return folds[0], seconds
    together = {}
    for key in folds[0]:
        values = [fold[key][0] for fold in folds if key in fold and fold[key][0] is not None]
        if values:
            together[key] = sum(values) / len(values), min(values), max(values)
    return together, seconds


def verdict(value, low, high, expected):
    """The verdict on a value, given the stated number or the ends of the stated range."""
    if len(expected) == 2:
        return "within" if float(expected[0]) <= value <= float(expected[1]) else "differs"
    if f"{value:.{len(expected[0].partition('.')[2])}f}" == expected[0]:
        return "same"
    if low is None:
        return "differs"
    return "within" if low <= float(expected[0]) <= high else "outside"


def text_of(number):
    """A number as text for the table."""
    return "" if number is None else f"{number:.4f}" if abs(number) < 10 else f"{number:.1f}"


def rows_of(experiment, options, environment, text, rows):
    """The rows of the table for one experiment."""
    missing = [name for name in experiment.needs if not os.path.exists(f"{options.data}/{name}")]
    problem = None
    if missing:
        problem = f"skipped: {missing[0]} is absent"
    elif experiment.is_long and not options.long:
        problem = "skipped: takes more than five minutes"
    command = experiment.lines[0].replace("{data}/", "").replace("{root}/", "")
    found, seconds = {}, None
    if not problem:
        print(f"figures.py: {experiment.name} ...", file=sys.stderr, flush=True)
        try:
            found, seconds = measure(experiment, options.data, environment)
        except RuntimeError as error:
            problem = f"failed: {error}"
    for figure in experiment.figures:
        expected = stated(figure, text, rows)
        value, low, high = found.get(figure.pick, (None, None, None))
        difference, result = None, problem or "failed: absent from the scores"
        if value is not None:
            difference = value - float(expected[0]) if len(expected) == 1 else None
            result = verdict(value, low, high, expected)
        yield [experiment.name, figure.name, command, text_of(value), text_of(low), text_of(high), " to ".join(expected),
               text_of(difference), result, text_of(seconds)]


def show(row):
    """Prints a row in columns, without the command."""
    print("  ".join(text.ljust(width) for text, width in zip(
        row[:2] + row[3:], [23, 38, 8, 8, 8, 10, 10, 8, 7])).rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", metavar="ONLY")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--ligase", default=f"{ROOT}/.build/release/ligase")
    parser.add_argument("--data", default=os.environ.get("LIGASE_DATA") or f"{ROOT}/../shared/data")
    parser.add_argument("-o", "--output", default=f"{ROOT}/.build/figures.tsv")
    options = parser.parse_args()
    options.data = os.path.abspath(options.data)
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(options.ligase)) + ":" + os.environ["PATH"])
    chosen = [x for x in EXPERIMENTS if not options.only or any(re.search(name, x.name) for name in options.only)]
    if not chosen:
        raise SystemExit(f"figures.py: no experiment has {' or '.join(options.only)} in its name, expected one of "
                         + ", ".join(x.name for x in EXPERIMENTS))
    text, rows = readme()
    for experiment in chosen:
        for figure in experiment.figures:
            stated(figure, text, rows)
    show(COLUMNS)
    isBad = False
    with open(options.output, "w", encoding="utf-8") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for experiment in chosen:
            for row in rows_of(experiment, options, environment, text, rows):
                show(row)
                file.write("\t".join(row) + "\n")
                isBad = isBad or row[8].startswith(("outside", "failed"))
            file.flush()
    print(f"figures.py: wrote {os.path.relpath(options.output)}", file=sys.stderr)
    return 1 if isBad else 0


if __name__ == "__main__":
    sys.exit(main())
