import TestSupport
import Testing

/// One task, one file: the code of models does not know any task by name.
@Suite struct TaskNamesTests {
  @Test func onlyTasksNameTasks() {
    let outcome = Shell().run(
      """
      cd '\(Fixtures.packageRoot)/Sources' && grep -rnE \
      '"(drug-response|residues)"|case (drugResponse|residues|sequence|expression|genotype)( |$)|drugResponse' \
      LigaseDatasets LigaseModels ligase --include='*.swift' | grep -v -e '/Tasks/' -e 'target: "residues"' \
      -e 'Format3.swift' -e '/Inspect/Stats.swift' || true
      """)
    #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
    // The search finds something where tasks are named.
    let tasks = Shell().run(
      "grep -rc '\"drug-response\"' '\(Fixtures.packageRoot)/Sources/LigaseModels/Tasks'")
    #expect(tasks.output.contains("DrugResponseTask.swift:1"))
  }
}
