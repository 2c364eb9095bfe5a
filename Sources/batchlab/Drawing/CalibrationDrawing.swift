internal import Environments

extension Chain: DrawnByPlanes {
  static var planes: Planes {
    Planes(
      rows: 1, columns: facts.observationSize, order: .planesFirst,
      planes: [.init(name: "state", cell: Cell("@", .green))])
  }
}
