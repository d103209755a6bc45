import TestSupport
import Testing

/// Training on genotypes, and prediction for files with other spellings or other sites.
@Suite(.serialized) struct GenotypeCommandTests {
  private let work = SupervisedShell()

  /// Genotypes of other files: contigs and alleles in other spellings, some of the sites, invalid records.
  @Test func genotypesOfOtherFiles() {
    let train = "ligase train genotype cohort.vcf --labels panel.csv --label super --config tiny.json -o"
    work.run("\(train) all")
    let whole = work.run("ligase predict all cohort.vcf")
    #expect(!whole.error.contains("warning"))
    work.run(
      "awk 'BEGIN{FS=OFS=\"\\t\"} /^#/{print;next} NR%2{$1=\"chr1\"} NR%3==0{$4=tolower($4)} {$5=tolower($5);print}' cohort.vcf > mixed.vcf"
    )
    let mixed = work.run("ligase predict all mixed.vcf")
    #expect(mixed.output == whole.output)
    #expect(
      mixed.error.hasPrefix(
        "ligase: warning: 10 of 20 sites have contig names that differ by 'chr' (chr1, 1)\n"))
    // Few sites, in a file and in a sample.
    work.run("head -9 cohort.vcf > few.vcf")
    let few = work.run("ligase predict all few.vcf --min-genes 0.1")
    #expect(
      few.error.contains(
        "15 of the model's 20 sites are absent and were imputed with training means; expect lower accuracy: 1:51:A:G, "
      )
        && few.error.contains("over half of the model's 20 sites are unknown for 40 of 40 samples"),
      "\(few.error)")
    work.run(
      "awk 'BEGIN{FS=OFS=\"\\t\"} /^#/{print;next} NR<17{$12=\"./.\"} {print}' cohort.vcf > sparse.vcf")
    let sparse = work.run("ligase predict all sparse.vcf")
    #expect(
      sparse.error.hasPrefix(
        "ligase: warning: over half of the model's 20 sites are unknown for 1 of 40 samples, so these "
          + "predictions rest mostly on imputed genotypes: i2\n"), "\(sparse.error)")
    // With a panel the result is that of a file with the panel's sites alone.
    work.run(
      "(grep '^##' cohort.vcf; printf '#CHROM\\tPOS\\tID\\tREF\\tALT\\tQUAL\\tFILTER\\tINFO\\n'; grep -v '^#' few.vcf | cut -f1-8 | sed 's/^1/chr1/'; printf 'chr9\\t5\\t.\\tA\\tG\\t.\\t.\\t.\\n') > panel.vcf"
    )
    let panel = work.run("\(train) panelled --sites panel.vcf")
    #expect(
      panel.error.contains("5 of the 6 sites of panel.vcf are features; 15 other sites are ignored")
        && panel.error.contains("1 of the panel's sites is absent: chr9:5:A:G")
        && panel.error.contains("40 samples, 5 alternate alleles"), "\(panel.error)")
    work.run(train.replacing("cohort.vcf", with: "few.vcf") + " alone -q")
    #expect(
      work.run("ligase predict panelled few.vcf -q").output == work.run("ligase predict alone few.vcf").output
    )
    for (name, edit, message) in [
      (
        "again", "cp cohort.vcf again.vcf; sed -n '7s/\\tA\\tG\\t/\\ta\\tg\\t/p' cohort.vcf >> again.vcf",
        "again.vcf:25: found the site '1:21:a:g' again, which line 7 has"
      ),
      (
        "dosages", "sed '9s/GT/DS/;9s,[01]/[01],0.5,g' cohort.vcf > dosages.vcf",
        "dosages.vcf:9: found no genotypes (GT) in FORMAT, expected them: alleles are counted in GT alone; the file has DS"
      ),
    ] {
      work.run(edit)
      for line in [
        train.replacing("cohort", with: name) + " x", "ligase predict all \(name).vcf",
        "ligase cv genotype \(name).vcf --labels panel.csv --label super --config tiny.json",
      ] {
        let outcome = work.shell.run(line)
        #expect(outcome.status == 65 && outcome.error.contains(message), "\(line): \(outcome)")
      }
    }
    let none = work.shell.run("\(train) x --sites renamed.vcf")
    #expect(none.status == 66, "\(none)")
    work.run("sed 's/^chr1/chr8/;s/rs/xx/' panel.vcf > elsewhere.vcf")
    let elsewhere = work.shell.run("\(train) x --sites elsewhere.vcf")
    #expect(
      elsewhere.status == 65 && elsewhere.error.contains("the VCF has 0 of the panel's 6 sites"),
      "\(elsewhere)")
  }
}
