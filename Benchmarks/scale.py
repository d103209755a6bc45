#!/usr/bin/env python3
"""How time and memory grow: with shards, sequences, variants, samples, genes and cells.

    Benchmarks/scale.py [LIGASE] [--quick]

Simulated files of two or three sizes each, two threads; a table of seconds and megabytes, and the constant from the difference of the
two largest sizes. docs/scale.md says what follows for large cohorts.
"""
import os
import random
import subprocess
import sys
import tempfile
import time

ligase = next((a for a in sys.argv[1:] if not a.startswith("-")), ".build/release/ligase")
ligase = os.path.abspath(ligase)
quick = "--quick" in sys.argv
scale = 1 if quick else 4
random.seed(1)


def run(*arguments, out=None):
    """Seconds and megabytes of a command; the best of two runs."""
    best = None
    for _ in range(1 if quick else 2):
        with open(out or os.devnull, "wb") as target:
            began = time.monotonic()
            child = subprocess.Popen([ligase, *arguments], stdout=target)
            _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(arguments)}: {status}")
        found = (time.monotonic() - began, usage.ru_maxrss / 1024)
        best = min(best, found) if best else found
    return best


def sequences(count, length=200):
    # Line by line: a child's largest memory counts from that of this process.
    return (f">s{i}\n{''.join(random.choices('ACGT', k=length))}\n" for i in range(count))


def write(name, lines):
    with open(name, "w") as file:
        file.writelines(lines)


def show(what, sizes, measure, unit):
    """Prints times of all sizes, and the constant from the last two."""
    found = []
    for size in sizes:
        found.append((size, *measure(size)))
        print(f"{what}\t{size}\t{found[-1][1]:.2f}\t{found[-1][2]:.0f}", flush=True)
    (n, t, m), (n2, t2, m2) = found[-2], found[-1]
    print(f"# {what}: {(t2 - t) / (n2 - n) * 1e6:.3g} s and {(m2 - m) / (n2 - n) * 1e6:.3g} MB a million {unit}", flush=True)


def genotypes(variants, samples):
    row = "\tGT\t" + "\t".join(random.choices(["0|0", "0|1", "1|1"], weights=[8, 1.5, 0.5], k=samples)) if samples else ""
    yield "##fileformat=VCFv4.3\n##contig=<ID=c1,length=1000000>\n"
    yield '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO'
    yield "".join(["\tFORMAT"] * (samples > 0) + [f"\ti{i}" for i in range(samples)]) + "\n"
    for i in range(variants):
        position = 300 + i * 20
        base = genome[position - 1]
        yield f"c1\t{position}\t.\t{base}\t{'A' if base != 'A' else 'C'}\t.\tPASS\t.{row}\n"


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    print("work\tsize\tseconds\tMB")
    genome = "".join(random.choices("ACGT", k=1_000_000))
    write("g.fa", ">c1\n" + "\n".join(genome[i:i + 60] for i in range(0, len(genome), 60)) + "\n")
    subprocess.run([ligase, "index", "g.fa", "-q"], check=True)
    rows = []
    for i in range(400):
        text = "".join(random.choices("ACGT", k=200))
        rows.append(f"s{i}\t{text[:90] + 'GATTACAGATTACA' + text[104:] if i % 2 else text}\t{i % 2}\n")
    write("train.tsv", "id\tsequence\tclass\n" + "".join(rows))
    for name in ("lstm", "cnn"):
        write(f"{name}.json", '{"ensemble": 1, "training": {"epochs": 1}}')
        subprocess.run([ligase, "train", "sequence", "train.tsv", "--sequence", "sequence", "--label", "class", "--architecture", name,
                        "--config", f"{name}.json", "-q", "-o", f"{name}.st"], check=True)

    for name, base in (("lstm", 1000), ("cnn", 2500)):
        def predict(count):
            write("s.fa", sequences(count))
            return run("predict", f"{name}.st", "s.fa", "-q", "-j", "2")
        show(f"predict {name}, sequences of 200", [base * scale, 2 * base * scale], predict, "sequences")

    def reading(count):
        write("s.fa", sequences(count))
        return run("parse", "fasta", "s.fa", "-q", "-j", "2")
    show("parse fasta, sequences of 200", [100_000 * scale // 4, 200_000 * scale // 4], reading, "sequences")

    def shards(count):
        # The parts one after another, and their merging.
        total, most = 0, 0
        for i in range(count):
            seconds, memory = run("predict", "cnn.st", "s.fa", "--shard", f"{i + 1}/{count}", "-q", "-j", "2", "-o", f"p{i}", "--overwrite")
            total, most = total + seconds, max(most, memory)
        seconds, memory = run("merge", *[f"p{i}" for i in range(count)], "-q")
        return total + seconds, max(most, memory)
    write("s.fa", sequences(2500 * scale))
    show("predict cnn in shards", [1, 4, 16], shards, "shards")

    def variants(count):
        write("v.vcf", genotypes(count, 0))
        return run("score-variants", "cnn.st", "--reference", "g.fa", "v.vcf", "-q", "-j", "2")
    show("score-variants cnn", [1000 * scale, 2000 * scale], variants, "variants")

    def samples(count):
        write("v.vcf", genotypes(1000, count))
        return run("vcf", "filter", "v.vcf", "--include", "QUAL>1", "-q", "-j", "2")
    show("vcf filter, 1000 variants", [2500 * scale, 5000 * scale], samples, "samples")

    def cohort(count):
        write("v.vcf", genotypes(500, count))
        return run("parse", "vcf", "v.vcf", "--dosage", "--variants-in-rows", "-q", "-j", "2")
    show("parse vcf --dosage, 500 variants", [2500 * scale, 5000 * scale], cohort, "samples")

    def matrix(name, cells, genes):
        with open(name, "w") as file:
            file.write("cell\t" + "\t".join(f"G{i}" for i in range(genes)) + "\n")
            line = "\t".join(str(random.randint(1, 900)) if random.random() < 0.1 else "0" for _ in range(genes))
            for i in range(cells):
                file.write(f"c{i}\t{line}\n")

    genes = 2000
    matrix("train.matrix.tsv", 120, genes)
    write("labels.tsv", "cell\tkind\n" + "".join(f"c{i}\t{i % 2}\n" for i in range(120)))
    subprocess.run([ligase, "train", "expression", "train.matrix.tsv", "--labels", "labels.tsv", "--label", "kind", "--cpm", "--log1p",
                    "--config", "lstm.json", "-q", "-o", "cells.st"], check=True)

    def cells(count):
        matrix("c.tsv", count, genes)
        return run("predict", "cells.st", "c.tsv", "-q", "-j", "2")
    show("predict expression, 2000 genes", [2500 * scale, 5000 * scale], cells, "cells")

    def sparse(count):
        # The same values as a folder of 10x Genomics.
        os.makedirs("tenx", exist_ok=True)
        line = [(g + 1, random.randint(1, 900)) for g in range(genes) if random.random() < 0.1]
        with open("tenx/matrix.mtx", "w") as file:
            file.write(f"%%MatrixMarket matrix coordinate integer general\n{genes} {count} {len(line) * count}\n")
            for i in range(count):
                file.writelines(f"{g} {i + 1} {v}\n" for g, v in line)
        write("tenx/genes.tsv", (f"G{i}\tG{i}\n" for i in range(genes)))
        write("tenx/barcodes.tsv", (f"c{i}\n" for i in range(count)))
        return run("predict", "cells.st", "tenx", "-q", "-j", "2")
    show("predict expression, 2000 genes, 10x", [2500 * scale, 5000 * scale], sparse, "cells")

    def wide(count):
        matrix("c.tsv", 500, count)
        return run("parse", "expression", "c.tsv", "--orientation", "samples-in-rows", "--cpm", "-q", "-j", "2")
    show("parse expression, 500 cells", [5000 * scale, 10_000 * scale], wide, "genes")
