#!/usr/bin/env python3
"""Compares the speed of `ligase` on large files with other tools for the same work, in one run, alternating the tools.

    python3 make_files.py /tmp/files
    python3 formats.py /tmp/files --ligase ../.build/release/ligase [--repeats 5] [--threads 2] [WORK ...]

Prints one TSV row for each work and tool: the shortest time of all repeats in seconds, the peak memory of the process in
MB, and the ratio of the time to that of ligase. The times of commands include the whole process. The times of Python
libraries exclude the start of the interpreter and imports, which favours them. A tool that is not installed is skipped and
named on standard error.
"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--ligase", default="ligase")
parser.add_argument("--repeats", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("works", nargs="*")
options = parser.parse_intermixed_args()
folder, threads = options.folder, options.threads
fasta, packed, vcf, table = (
    f"{folder}/{name}" for name in ["genome.fa", "genome.fa.gz", "cohort.vcf.gz", "expression.tsv"])
scratch = tempfile.mkdtemp(dir=folder)
with open(f"{scratch}/gene", "w") as file:
    file.write("GENE7\n")

NEEDLETAIL = "for r in needletail.parse_fastx_file({0!r}):\n  n += 1; b += len(r.seq)"
PYSAM = "with pysam.FastxFile({0!r}) as f:\n  for r in f:\n    n += 1; b += len(r.sequence)"
CYVCF2 = """
file = cyvcf2.VCF({0!r}, threads={1}, gts012=True)
rows = [v.gt_types.astype(numpy.int8) for v in file]
matrix = numpy.stack(rows).T
"""
POLARS = "polars.read_csv({0!r}, separator='\\t', schema_overrides={{}}).drop('gene').cast(polars.Float32).to_numpy()"
PYARROW = """
pyarrow.set_cpu_count({1})
t = pyarrow.csv.read_csv({0!r}, parse_options=pyarrow.csv.ParseOptions(delimiter='\\t'))
matrix = numpy.stack([t.column(i).to_numpy() for i in range(1, t.num_columns)]).astype(numpy.float32)
"""
PANDAS = "pandas.read_csv({0!r}, sep='\\t', index_col=0).to_numpy(dtype=numpy.float32)"


def python(imports, body, path):
    """A Python process that prints the time of its body in seconds."""
    return [sys.executable, "-c", f"import time, {imports}\nn = b = 0\nstart = time.perf_counter()\n"
            + body.format(path, threads) + "\nprint(time.perf_counter() - start)"]


def command(text, out=os.devnull):
    return (shlex.split(text), out)


ligase, j, to = options.ligase, threads, f"{scratch}/out"
WORKS = {
    "fasta-stats": {
        "ligase": command(f"{ligase} stats -j {j} {fasta}"),
        "seqkit stats": command(f"seqkit stats -j {j} {fasta}"),
        "needletail": python("needletail", NEEDLETAIL, fasta),
        "pysam": python("pysam", PYSAM, fasta),
    },
    "bgzf-stats": {
        "ligase": command(f"{ligase} stats -j {j} {packed}"),
        "seqkit stats": command(f"seqkit stats -j {j} {packed}"),
        "needletail": python("needletail", NEEDLETAIL, packed),
        "pysam": python("pysam", PYSAM, packed),
    },
    "revcomp": {
        "ligase": command(f"{ligase} seq revcomp -j {j} {fasta}", to),
        "seqtk seq -r": command(f"seqtk seq -r {fasta}", to),
        "seqkit seq -r -p": command(f"seqkit seq -r -p -t dna -j {j} {fasta}", to),
    },
    "vcf-dosage": {
        "ligase": command(f"{ligase} parse vcf --dosage -j {j} {vcf}", to),
        "plink2 --export A": command(
            f"plink2 --vcf {vcf} --export A --allow-extra-chr --threads {j} --out {scratch}/plink"),
        "bcftools query": command(f"bcftools query -f '%CHROM:%POS[\\t%GT]\\n' {vcf}", to),
        "cyvcf2": python("cyvcf2, numpy", CYVCF2, vcf),
    },
    "vcf-dosage-variants": {
        "ligase": command(f"{ligase} parse vcf --dosage --variants-in-rows -j {j} {vcf}", to),
        "plink2 --export A-transpose": command(
            f"plink2 --vcf {vcf} --export A-transpose --allow-extra-chr --threads {j} --out {scratch}/plink"),
        "plink2 --make-pgen": command(
            f"plink2 --vcf {vcf} --make-pgen --allow-extra-chr --threads {j} --out {scratch}/plink"),
    },
    "expression-matrix": {
        # Reads the whole matrix and writes one gene.
        "ligase": command(f"{ligase} parse expression -q -j {j} {table} --genes {scratch}/gene"),
        "polars": python("polars", POLARS, table),
        "pyarrow": python("numpy, pyarrow, pyarrow.csv", PYARROW, table),
        "pandas": python("numpy, pandas", PANDAS, table),
    },
}


def is_there(tool):
    if isinstance(tool, tuple):
        return shutil.which(tool[0][0]) is not None
    imports = tool[2].split("\n")[0]
    return subprocess.run([tool[0], "-c", imports], capture_output=True).returncode == 0


def run(tool):
    """Time in seconds and peak memory in MB of one run."""
    words, out = tool if isinstance(tool, tuple) else (tool, f"{scratch}/seconds")
    environment = dict(os.environ, POLARS_MAX_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    with open(out, "wb") as target, open(f"{scratch}/errors", "wb") as errors:
        import time
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=target, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{shlex.join(words)} failed: " + open(f"{scratch}/errors").read())
    if not isinstance(tool, tuple):
        seconds = float(open(out).read())
    return seconds, usage.ru_maxrss / 1000


print("work\ttool\tseconds\tmegabytes\tratio", flush=True)
try:
    for work, tools in WORKS.items():
        if options.works and work not in options.works:
            continue
        present = {name: tool for name, tool in tools.items() if is_there(tool)}
        for name in tools.keys() - present.keys():
            print(f"{work}: skipped {name}: not installed", file=sys.stderr)
        runs = {name: [] for name in present}
        for _ in range(options.repeats):
            for name, tool in present.items():
                runs[name].append(run(tool))
        ours = min(seconds for seconds, _ in runs["ligase"])
        for name, figures in runs.items():
            seconds, memory = min(s for s, _ in figures), max(m for _, m in figures)
            print(f"{work}\t{name}\t{seconds:.3f}\t{memory:.0f}\t{seconds / ours:.2f}", flush=True)
finally:
    shutil.rmtree(scratch)
