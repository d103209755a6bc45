import LigaseTensors

/// The processors that training and prediction use.
public enum Compute {
  /// How many threads work; results do not depend on it.
  public static var threadCount: Int {
    get { ThreadTeam.shared.threadCount }
    set { ThreadTeam.shared.threadCount = newValue }
  }
}
