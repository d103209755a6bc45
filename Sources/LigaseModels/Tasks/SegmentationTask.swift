import LigaseDatasets
import LigaseNetworks

/// Volumes or images to a label of every place.
package enum SegmentationTask: Task {
  package static let name = "segmentation"
  package static let unit = "cases"
  package static let isOfSteps = true
  package static let readsSegments = true
  package static let mainInput = VolumeModality.name

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// Outputs of training segments and of windows in predictions of the networks of Kamnitsas et al.: segments of 37 and 45
    /// places for `deepmedic`, of 25 and 45 for `deepmedic-tiny`, without the places that their filters read around.
    package static let deepMedic = (segment: 21, roi: 29)
    package static let deepMedicTiny = (segment: 19, roi: 39)
    /// Outputs of segments and windows of other networks: volumes, and images of two axes.
    package static let volumes = (segment: 48, roi: 64)
    package static let images = (segment: 128, roi: 256)
    /// Overlap of windows: MONAI's for networks whose outputs at the border see less; none where they see as much.
    package static let overlap: Float = 0.25
    /// Segments of a batch, rate of RMSProp, momentum and penalties of the authors' configuration: 1e-6 times the sum of absolute
    /// weights and 1e-4 times that of squared weights, whose gradient is 2e-4 times a weight.
    package static let batchSize = 10
    package static let learningRate: Float = 0.001
    package static let momentum: Float = 0.6
    package static let meanDecay: Float = 0.9
    package static let weightDecay: Float = 0.0002
    package static let l1: Float = 0.000001
    /// Optimiser steps, and epochs among which they are divided; `deepmedic` takes a hundred times the work a step.
    package static let steps = (small: 15000, large: 1500)
    package static let epochs = 30
    /// Maps of the first level and levels of a U-Net.
    package static let unet = (maps: 16, levels: 4)
    /// Rate of AdamW of other networks, and segments of a batch.
    package static let unetRate: Float = 0.001
    package static let unetBatch = 2
    /// The fewest training cases of which some are held out for early stopping.
    package static let fewestCases = 10
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let input = data.examples.inputs[0], count = max(data.division.train.count, 1)
    var modality = input.modality.base as! VolumeModality
    var encoder = EncoderOptions(choice.kind ?? .unet)
    encoder.dropout = 0
    (encoder.filters, encoder.blocks) = (Constants.unet.maps, Constants.unet.levels)
    if encoder.kind == .resnet { (encoder.blocks, encoder.poolSize) = (1, 1) }
    var training = TrainingOptions()
    var steps = Constants.steps.small
    switch encoder.kind {
    case .deepMedic, .deepMedicTiny:
      let isTiny = encoder.kind == .deepMedicTiny
      let sizes = isTiny ? Constants.deepMedicTiny : Constants.deepMedic
      (modality.segment, modality.roiSize) = ([sizes.segment], [sizes.roi])
      (modality.margin, modality.overlap) = (
        isTiny ? DeepMedic.Sizes.tiny.margin : DeepMedic.Sizes().margin, 0
      )
      training.batchSize = Constants.batchSize
      training.optimizer.name = .rmsprop
      training.optimizer.momentum = Constants.momentum
      training.optimizer.nesterov = true
      training.optimizer.meanDecay = Constants.meanDecay
      training.learningRate = Constants.learningRate
      training.weightDecay = Constants.weightDecay
      training.optimizer.l1 = Constants.l1
      // Halved in equal steps, as in the authors' schedule.
      training.schedule.name = .step
      (training.schedule.every, training.schedule.factor) = (Constants.epochs / 6, 0.5)
      if !isTiny { steps = Constants.steps.large }
    default:
      let isFlat = (input.records as? VolumeRecords)?.axes == 2
      let sizes = isFlat ? Constants.images : Constants.volumes
      (modality.segment, modality.roiSize) = ([sizes.segment], [sizes.roi])
      (modality.margin, modality.overlap) = (0, Constants.overlap)
      training.batchSize = Constants.unetBatch
      training.learningRate = Constants.unetRate
      training.loss.name = .diceCrossEntropy
      steps = Constants.steps.large
    }
    training.epochs = Constants.epochs
    modality.segmentsPerVolume = max(
      1, steps * training.batchSize / (Constants.epochs * count))
    if data.division.validation.isEmpty, count < Constants.fewestCases { training.validatesNothing() }
    var options = ModelOptions(inputs: [input.name: .init(AnyModality(modality), encoder)])
    options.head.hidden = []
    options.head.dropout = 0
    options.training = training
    return options
  }
}
