/// A monotonic clock for durations, independent of the time of day.
package enum MonotonicClock {
  /// The seconds since a moment that is fixed while the process runs.
  package static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
