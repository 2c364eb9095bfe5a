import Foundation
import FoundationXML
import Testing

/// A figure as it was drawn, read back from its SVG.
final class Drawing: NSObject, XMLParserDelegate {
  struct Tick {
    var label: String
    var place: Double
  }

  struct Mark {
    var label: String
    var style: String
    var isHollow = false
    /// Of its shape, where that is a circle.
    var x: Double?
    var y: Double?
  }

  struct Panel {
    var x: [Tick] = []
    var y: [Tick] = []
    var marks: [Mark] = []
  }

  /// Panels in the order in which their axes were drawn; a mark belongs to the one before it.
  private(set) var panels: [Panel] = []
  private(set) var identities: [String] = []
  /// What clip paths are referred to by.
  private(set) var references: [String] = []
  private var path: [(name: String, style: String)] = []
  private var text = ""
  private var place: [String: String] = [:]

  /// Fails unless the text is XML.
  init(_ svg: String) throws {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    let isRead = parser.parse()
    try #require(isRead, "\(parser.parserError as Any) in \(svg.prefix(200))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    let style = attributes["class"] ?? ""
    path.append((name, style))
    text = ""
    if let identity = attributes["id"] { identities.append(identity) }
    if let reference = attributes["clip-path"] {
      references.append(String(reference.dropFirst("url(#".count).dropLast()))
    }
    if name == "text" { place = attributes }
    if style == "axes" { panels.append(Panel()) }
    guard !panels.isEmpty else { return }
    if name == "g", style.hasPrefix("mark") {
      let label = attributes["aria-label"] ?? ""
      panels[panels.count - 1].marks.append(Mark(label: label, style: style))
    }
    if style == "hollow", path.dropLast().last?.style.hasPrefix("mark") == true {
      panels[panels.count - 1].marks[panels[panels.count - 1].marks.count - 1].isHollow = true
    }
    if name == "circle", path.dropLast().last?.style.hasPrefix("mark") == true {
      let last = panels[panels.count - 1].marks.count - 1
      panels[panels.count - 1].marks[last].x = attributes["cx"].flatMap(Double.init)
      panels[panels.count - 1].marks[last].y = attributes["cy"].flatMap(Double.init)
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    let element = path.removeLast()
    guard !panels.isEmpty else { return }
    let last = panels.count - 1
    if name == "title", path.last?.style.hasPrefix("mark") == true {
      panels[last].marks[panels[last].marks.count - 1].label = text
    }
    if element.style == "tick-x" {
      panels[last].x.append(Tick(label: text, place: Double(place["x"] ?? "") ?? .nan))
    }
    if element.style == "tick-y" {
      // The baseline stands four units below the middle of the digits.
      panels[last].y.append(Tick(label: text, place: (Double(place["y"] ?? "") ?? .nan) - 4))
    }
  }
}

extension [Drawing.Tick] {
  /// The value at a place on a logarithmic axis, by its outermost ticks alone.
  func logarithmicValue(at place: Double) throws -> Double {
    let (first, last) = try ends()
    return try first.number
      * pow(last.number / first.number, (place - first.place) / (last.place - first.place))
  }

  /// The value at a place on a linear axis.
  func linearValue(at place: Double) throws -> Double {
    let (first, last) = try ends()
    return try first.number
      + (last.number - first.number) * (place - first.place) / (last.place - first.place)
  }

  private func ends() throws -> (Drawing.Tick, Drawing.Tick) {
    try #require(count > 1)
    return (self[0], self[count - 1])
  }
}

extension Drawing.Tick {
  /// What its label says, such as 20k or −0.5.
  var number: Double {
    get throws {
      let units: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
      let plain = label.replacing("−", with: "-")
      if let unit = plain.last.flatMap({ units[$0] }) {
        return try #require(Double(plain.dropLast())) * unit
      }
      return try #require(Double(plain))
    }
  }
}
