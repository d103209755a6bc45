import LigaseDatasets
import LigaseModels
import LigaseTensors
import Testing

@Suite struct ObjectiveTests {
  @Test func objectivesThatCannotBeUsed() {
    #expect(ClassesObjective(names: ["a"]).problem == "found 1 classes, expected two or more")
    #expect(ClassesObjective(names: ["a", "a"]).problem == "found two outputs of one name")
    #expect(StepClassesObjective(names: ["a"]).problem == "found 1 classes, expected two or more")
    #expect(
      LabelsObjective(names: []).problem == "found no label" && LabelsObjective(names: ["a"]).problem == nil)
    #expect(ValuesObjective(names: []).problem == "found no value to predict")
    for deviation in [0, -1, Double.infinity, .nan] {
      #expect(ValuesObjective(scales: [.init(name: "y", mean: 0, deviation: deviation)]).problem != nil)
    }
    #expect(ValuesObjective(scales: [.init(name: "y", mean: 0, deviation: 2)]).problem == nil)
  }

  @Test func namesAndColumns() {
    for (name, columns) in [
      ("classes", ["prediction", "probability:a", "probability:b"]),
      ("labels", ["prediction", "probability:a", "probability:b"]),
      ("values", ["prediction:a", "prediction:b"]),
      ("steps", ["prediction", "probability:a", "probability:b"]),
    ] {
      let objective = Objectives.unfitted(TargetDescription(name, ["a", "b"]))
      #expect(
        objective.names == ["a", "b"] && objective.columns == columns
          && objective.isOfSteps == (name == "steps"))
      #expect(AnyObjective(objective).name == name && AnyObjective(objective) == AnyObjective(objective))
    }
    #expect(AnyObjective(ClassesObjective(names: ["a"])) != AnyObjective(StepClassesObjective(names: ["a"])))
  }

  /// Probabilities of classes sum to one, those of labels are independent, and values are unchanged.
  @Test func links() {
    let outputs = Tensor([0, 0, 2, 0], shape: [2, 2])
    let classes = ClassesObjective(names: ["a", "b"]).link(outputs).scalars
    #expect(classes[0] == 0.5 && abs(classes[2] + classes[3] - 1) < 1e-6 && abs(classes[2] - 0.880797) < 1e-5)
    let labels = LabelsObjective(names: ["a", "b"]).link(outputs).scalars
    #expect(labels[0] == 0.5 && abs(labels[2] - 0.880797) < 1e-5 && labels[3] == 0.5)
    #expect(ValuesObjective(names: ["a", "b"]).link(outputs).scalars == [0, 0, 2, 0])
  }
}
