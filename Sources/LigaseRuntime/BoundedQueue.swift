/// A queue between threads with at most `capacity` elements.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let changed = Monitor()
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false
  private var isCancelled = false

  /// Creates an empty queue.
  package init(capacity: Int) { self.capacity = capacity }

  /// Appends an element, waiting while the queue is full.
  package func push(_ element: Element) {
    changed.withLock {
      while elements.count >= capacity && !isClosed { changed.wait() }
      if !isCancelled { elements.append(element) }
      changed.notifyAll()
    }
  }

  /// Takes the first element, waiting for one; nil once the queue is closed and empty.
  package func pop() -> Element? {
    changed.withLock {
      while elements.isEmpty {
        if isClosed { return nil }
        changed.wait()
      }
      let first = elements.removeFirst()
      changed.notifyAll()
      return first
    }
  }

  /// Drops all present and later elements; `pop` returns nil from now on.
  package func cancel() {
    changed.withLock {
      (isClosed, isCancelled) = (true, true)
      elements.removeAll()
      changed.notifyAll()
    }
  }

  /// Closes the queue; its elements can still be taken.
  package func close() {
    changed.withLock {
      isClosed = true
      changed.notifyAll()
    }
  }
}
