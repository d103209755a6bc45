/// The clock for durations: it only goes forward, whatever happens to the time of day.
package enum MonotonicClock {
  /// Seconds since some moment that stays the same while the process runs.
  package static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
