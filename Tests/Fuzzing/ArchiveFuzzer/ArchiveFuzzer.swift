/// The function that libFuzzer calls with every input. The first byte says what the rest is. Rows
/// are put into frames with valid checksums, because a fuzzer that had to guess those would never
/// get past them.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let kind = input.first else { return 0 }
  let rest = Array(input.dropFirst())
  switch kind {
  case UInt8(ascii: "j"): checkStudy(["journal/0.jsonl.zst": rest])
  case UInt8(ascii: "s"): checkStudy(["trials.jsonl.zst": rest, "curves.jsonl.zst": rest])
  case UInt8(ascii: "J"): checkStudy(["journal/0.jsonl.zst": frames(of: rest)])
  case UInt8(ascii: "S"): checkStudy(sealed(rest))
  case UInt8(ascii: "B"): checkStudy(["journal/0.jsonl.zst": frames(of: repeated(rest))])
  case UInt8(ascii: "T"): checkStoring(rest)
  case UInt8(ascii: "r"): lines(of: rest).forEach(checkRow)
  case UInt8(ascii: "c"): checkCheckpoint(rest)
  case UInt8(ascii: "C"): checkCheckpoint(frames(of: rest))
  case UInt8(ascii: "p"): checkPolicy(rest)
  case UInt8(ascii: "P"): checkPolicy(withHeaderLength(rest))
  default: return -1
  }
  return 0
}
