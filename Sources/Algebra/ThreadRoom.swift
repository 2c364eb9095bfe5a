internal import Glibc

/// Numbers for intermediate results, kept by each thread and reused, so that a layer needs neither
/// memory of its own nor an allocation per call. What is in them is left from earlier uses.
///
/// A thread's room grows to the most that it was asked for, and is freed with the thread.
enum ThreadRoom {
  private final class Room {
    var numbers = Matrix(rows: 1, columns: 0)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let failure = unsafe pthread_key_create(&key) { room in
      if let room = unsafe room { unsafe Unmanaged<Room>.fromOpaque(room).release() }
    }
    precondition(failure == 0, "no key for numbers of threads: \(failure)")
    return key
  }()

  /// A row of numbers that belongs to the calling thread until its next call.
  static func row(_ count: Int) -> Matrix {
    let room: Room
    if let known = unsafe pthread_getspecific(key) {
      room = unsafe Unmanaged<Room>.fromOpaque(known).takeUnretainedValue()
    } else {
      room = Room()
      let failure = unsafe pthread_setspecific(key, Unmanaged.passRetained(room).toOpaque())
      precondition(failure == 0, "no room for a thread's numbers: \(failure)")
    }
    if room.numbers.columns < count { room.numbers = Matrix(rows: 1, columns: count) }
    return room.numbers
  }
}
