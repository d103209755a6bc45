/// Parses the text of a `VariantFilter`.
struct VariantFilterParser {
  private enum Token: Equatable {
    case number(Double, String)
    case string(String)
    case name(String, subscripts: String?)
    case file(String)
    case symbol(String)
    case end
  }

  /// An operand before it is known with what it is compared.
  private enum Operand {
    case number(Quantity)
    case literal(Double, String)
    case string(String)
    case text(TextField)
    case genotype(samples: Subscript)
    case type
    case filter
    case file(String)
    case condition(Condition)
  }

  private let text: String
  private let header: VCF.Header
  private var tokens: [Token] = []
  private var next = 0

  init(_ text: String, header: VCF.Header) throws {
    self.text = text
    self.header = header
    try scan()
  }

  private func error(_ message: String) -> VariantFilter.SyntaxError {
    .init(description: "\(message) in the expression \(FormatError.quoted(text))")
  }

  // MARK: - Tokens

  private mutating func scan() throws {
    let bytes = Array(text.utf8)
    var i = 0
    func isName(_ byte: UInt8) -> Bool {
      byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == 0x5F
        || byte == 0x2E
    }
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    while i < bytes.count {
      let start = i
      let byte = bytes[i]
      if byte <= 0x20 {
        i += 1
      } else if byte >= 0x30 && byte <= 0x39 || byte == 0x2E {
        while i < bytes.count,
          isName(bytes[i]) || (bytes[i] == 0x2B || bytes[i] == 0x2D) && bytes[i - 1] | 0x20 == 0x65
        {
          i += 1
        }
        guard case .success(let value) = bytes[start..<i].withUnsafeBufferPointer(DecimalNumber.double) else {
          throw error("found \(FormatError.quoted(string(start..<i))), expected a number")
        }
        tokens.append(.number(value, string(start..<i)))
      } else if byte == 0x22 || byte == 0x27 {
        i += 1
        while i < bytes.count, bytes[i] != byte { i += 1 }
        guard i < bytes.count else { throw error("found a string without its closing quote") }
        tokens.append(.string(string(start + 1..<i)))
        i += 1
      } else if byte == 0x40 {
        while i < bytes.count, bytes[i] > 0x20, bytes[i] != 0x29 { i += 1 }
        tokens.append(.file(string(start + 1..<i)))
      } else if isName(byte) {
        while i < bytes.count, isName(bytes[i]) { i += 1 }
        if ["INFO", "FORMAT", "FMT"].contains(string(start..<i)), i < bytes.count, bytes[i] == 0x2F {
          i += 1
          while i < bytes.count, isName(bytes[i]) { i += 1 }
        }
        let name = string(start..<i)
        var subscripts: String?
        if i < bytes.count, bytes[i] == 0x5B {
          guard let close = bytes[i...].firstIndex(of: 0x5D) else { throw error("found '[' without ']'") }
          subscripts = string(i + 1..<close)
          i = close + 1
        }
        tokens.append(.name(name, subscripts: subscripts))
      } else {
        let pair = i + 1 < bytes.count ? string(i..<i + 2) : ""
        let isPair = ["&&", "||", "==", "!=", "<=", ">=", "!~"].contains(pair)
        guard isPair || "&|=<>~!+-*/%(),".utf8.contains(byte) else {
          throw error("found \(FormatError.quoted([byte]))")
        }
        i += isPair ? 2 : 1
        tokens.append(.symbol(pair == "==" ? "=" : string(start..<i)))
      }
    }
    tokens.append(.end)
  }

  private mutating func take(_ symbols: String...) -> String? {
    guard case .symbol(let symbol) = tokens[next], symbols.contains(symbol) else { return nil }
    next += 1
    return symbol
  }

  private func found() -> String {
    switch tokens[next] {
    case .end: "the end"
    case .number(_, let text), .string(let text), .name(let text, _), .file(let text), .symbol(let text):
      FormatError.quoted(text)
    }
  }

  // MARK: - Conditions

  mutating func parse() throws -> Condition {
    let condition = try condition(disjunction(0))
    guard tokens[next] == .end else { throw error("found \(found()), expected an operator or the end") }
    return condition
  }

  private func condition(_ operand: Operand) throws -> Condition {
    if case .condition(let condition) = operand { return condition }
    throw error("found \(found()), expected a comparison such as QUAL > 20")
  }

  private mutating func disjunction(_ depth: Int) throws -> Operand {
    if depth > 100 { throw error("found more than 100 parentheses within each other") }
    var left = try conjunction(depth)
    while let symbol = take("||", "|") {
      left = .condition(
        .or(try condition(left), try condition(conjunction(depth)), inSample: symbol == "|"))
    }
    return left
  }

  private mutating func conjunction(_ depth: Int) throws -> Operand {
    var left = try negation(depth)
    while let symbol = take("&&", "&") {
      left = .condition(.and(try condition(left), try condition(negation(depth)), inSample: symbol == "&"))
    }
    return left
  }

  private mutating func negation(_ depth: Int) throws -> Operand {
    guard take("!") != nil else { return try comparison(depth) }
    var isNegated = true
    while take("!") != nil { isNegated.toggle() }
    let condition = try condition(comparison(depth))
    return .condition(isNegated ? .not(condition) : condition)
  }

  private mutating func comparison(_ depth: Int) throws -> Operand {
    let left = try sum(depth)
    guard let symbol = take("=", "!=", "<", "<=", ">", ">=", "~", "!~") else { return left }
    let right = try sum(depth)
    switch left {
    case .string, .literal, .file: return .condition(try compare(right, mirrored(symbol), left))
    default: return .condition(try compare(left, symbol, right))
    }
  }

  private func mirrored(_ symbol: String) -> String {
    ["<": ">", ">": "<", "<=": ">=", ">=": "<="][symbol] ?? symbol
  }

  private func compare(_ left: Operand, _ symbol: String, _ right: Operand) throws -> Condition {
    let isEqual = symbol == "=" || symbol == "~"
    let isMatch = symbol == "~" || symbol == "!~"
    if !isMatch, let a = quantity(left), let b = quantity(right),
      let comparison = Comparison(rawValue: symbol)
    {
      return .numbers(a, comparison, b)
    }
    guard isEqual || symbol == "!=" || symbol == "!~" else {
      throw error("found '\(symbol)' between operands that are not two numbers")
    }
    let literals: Set<[UInt8]>
    switch right {
    case .string(let text): literals = Set(text.split(separator: ",").map { Array($0.utf8) })
    case .literal(_, let text): literals = [Array(text.utf8)]
    case .file(let path): literals = Set(try NameList.read(contentsOf: path).map { Array($0.utf8) })
    default: throw error("found a field after '\(symbol)', expected a string")
    }
    let text = literals.count == 1 ? String(decoding: literals.first!, as: UTF8.self) : nil
    switch left {
    case .filter:
      guard case .string(let text) = right else { throw error("expected a string to compare FILTER with") }
      let names = text.split(separator: ";").map { Array($0.utf8) }
      return .filters(names, isExact: !isMatch, isEqual: isEqual)
    case .type:
      let types = try literals.reduce(into: VariantTypes()) { types, name in
        guard let type = VariantTypes(named: String(decoding: name, as: UTF8.self).lowercased()) else {
          throw error("found type \(FormatError.quoted(name)), expected one of: \(VariantTypes.names)")
        }
        types.formUnion(type)
      }
      return .types(types, isExact: !isMatch, isEqual: isEqual)
    case .genotype(let samples):
      let field = TextField.format(VariantFilter.genotypeKey, samples: samples, values: .all)
      // As in bcftools, the name of a class is also a class after `~`.
      if let text, let known = GenotypeClass(named: text) {
        return .genotype(known, samples: samples, isEqual: isEqual)
      }
      if isMatch { return try pattern(field, right, isEqual) }
      return .text(field, literals, isEqual: isEqual)
    case .text(let field):
      if isMatch { return try pattern(field, right, isEqual) }
      if text == "." { return .isMissing(.text(field), isEqual) }
      return .text(field, literals, isEqual: isEqual)
    case .number(let quantity):
      if text == ".", !isMatch { return .isMissing(.number(quantity), isEqual) }
      if !isMatch, let text, let value = Double(text) {
        return .numbers(quantity, isEqual ? .equal : .notEqual, .constant(value))
      }
      throw error("found a string, expected a number to compare with")
    default: throw error("found two constants, expected a field")
    }
  }

  private func quantity(_ operand: Operand) -> Quantity? {
    switch operand {
    case .number(let quantity): quantity
    case .literal(let value, _): .constant(value)
    default: nil
    }
  }

  private func pattern(_ field: TextField, _ operand: Operand, _ isMatch: Bool) throws -> Condition {
    guard case .string(var text) = operand else { throw error("expected a string after '~'") }
    let ignoresCase = text.hasSuffix("/i")
    if ignoresCase { text.removeLast(2) }
    guard let pattern = Pattern(text, ignoresCase: ignoresCase) else {
      throw error("found \(FormatError.quoted(text)), expected a regular expression")
    }
    return .pattern(field, pattern, isMatch: isMatch)
  }

  // MARK: - Numbers

  private mutating func sum(_ depth: Int) throws -> Operand {
    var left = try product(depth)
    while let symbol = take("+", "-") { left = try join(left, symbol, try product(depth)) }
    return left
  }

  private mutating func product(_ depth: Int) throws -> Operand {
    var left = try unary(depth)
    while let symbol = take("*", "/", "%") { left = try join(left, symbol, try unary(depth)) }
    return left
  }

  private func join(_ left: Operand, _ symbol: String, _ right: Operand) throws -> Operand {
    guard let a = quantity(left), let b = quantity(right) else {
      throw error("found '\(symbol)' between operands that are not two numbers")
    }
    return .number(.arithmetic(symbol.utf8.first!, a, b))
  }

  private mutating func unary(_ depth: Int) throws -> Operand {
    if depth > 100 { throw error("found more than 100 parts within each other") }
    if take("-") != nil {
      let operand = try unary(depth + 1)
      if case .literal(let value, let text) = operand { return .literal(-value, "-" + text) }
      guard let quantity = quantity(operand) else {
        throw error("found '-' before an operand that is not a number")
      }
      return .number(.arithmetic(0x2D, .constant(0), quantity))
    }
    if take("(") != nil {
      let operand = try disjunction(depth + 1)
      guard take(")") != nil else { throw error("found \(found()), expected ')'") }
      return operand
    }
    defer { next += 1 }
    switch tokens[next] {
    case .number(let value, let text): return .literal(value, text)
    case .string(let text): return .string(text)
    case .file(let path): return .file(path)
    case .name(let name, let subscripts):
      if subscripts == nil, next + 1 < tokens.count, tokens[next + 1] == .symbol("(") {
        next += 2
        return try function(name, depth)
      }
      return try field(name, subscripts)
    case .symbol, .end: throw error("found \(found()), expected a field, a number or a string")
    }
  }

  /// Parses a function after its opening parenthesis; its closing one is not consumed.
  private mutating func function(_ name: String, _ depth: Int) throws -> Operand {
    let operand = try disjunction(depth + 1)
    let result: Quantity
    switch (name.uppercased(), operand) {
    case ("N_PASS", _): result = .passing(try condition(operand), asFraction: false)
    case ("F_PASS", _): result = .passing(try condition(operand), asFraction: true)
    case ("COUNT", .condition(let condition)): result = .passing(condition, asFraction: false)
    case ("STRLEN", .text(let field)): result = .lengths(field)
    default:
      guard let quantity = quantity(operand) else {
        throw error("found \(FormatError.quoted(name)) of an operand that is not a number")
      }
      result = try function(name.uppercased(), of: quantity)
    }
    guard tokens[next] == .symbol(")") else { throw error("found \(found()), expected ')'") }
    return .number(result)
  }

  private func function(_ name: String, of quantity: Quantity) throws -> Quantity {
    if name == "ABS" { return .magnitude(quantity) }
    var word = name
    var inSample = false
    for prefix in ["SMPL_", "S"] where !inSample && word != "SUM" && word.hasPrefix(prefix) {
      word.removeFirst(prefix.count)
      inSample = true
    }
    guard let summary = Summary(rawValue: word == "MEAN" ? "AVG" : word) else {
      throw error(
        "found function \(FormatError.quoted(name)), expected MAX, MIN, AVG, MEDIAN, SUM, COUNT, ABS, STRLEN, "
          + "N_PASS, F_PASS or SMPL_MAX and the like")
    }
    return .summary(summary, quantity, inSample: inSample)
  }

  // MARK: - Fields

  private func field(_ name: String, _ subscripts: String?) throws -> Operand {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      return parts[0] == "INFO" ? try info(parts[1], subscripts) : try format(parts[1], subscripts)
    }
    switch name {
    case "CHROM": return .text(.column(0))
    case "POS": return .number(.position)
    case "ID": return .text(.column(2))
    case "REF": return .text(.column(3))
    case "ALT": return .text(.alternates(try subscripts.map { try ranges($0) } ?? .all))
    case "QUAL": return .number(.quality)
    case "FILTER": return .filter
    case "TYPE": return .type
    case "N_ALT": return .number(.alternateCount)
    case "N_SAMPLES": return .number(.sampleCount)
    case "ILEN": return .number(.indelLengths)
    case "GT": return try format(name, subscripts)
    default: break
    }
    let (isInfo, isFormat) = (header.info[name] != nil, header.format[name] != nil)
    if isInfo && isFormat {
      throw error(
        "found \(FormatError.quoted(name)), which INFO and FORMAT define: expected INFO/\(name) or FMT/\(name)"
      )
    }
    if isInfo { return try info(name, subscripts) }
    if isFormat { return try format(name, subscripts) }
    if let figure = AlleleFigure(rawValue: name) {
      return .number(.alleles(figure, try subscripts.map { try ranges($0) } ?? .all))
    }
    throw error("found \(FormatError.quoted(name)), which the header does not define")
  }

  private func info(_ key: String, _ subscripts: String?) throws -> Operand {
    guard let definition = header.info[key] else {
      throw error("found \(FormatError.quoted("INFO/" + key)), which the header does not define")
    }
    let chosen = try subscripts.map { try ranges($0) } ?? .all
    switch definition.type {
    case .flag: return .number(.flag(Array(key.utf8)))
    case .integer, .float: return .number(.info(Array(key.utf8), chosen))
    case .character, .string: return .text(.info(Array(key.utf8), chosen))
    }
  }

  private func format(_ key: String, _ subscripts: String?) throws -> Operand {
    guard let definition = header.format[key] else {
      throw error("found \(FormatError.quoted("FORMAT/" + key)), which the header does not define")
    }
    var (samples, values) = (Subscript.all, Subscript.all)
    if let subscripts {
      let parts = subscripts.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      samples = try parts[0].isEmpty ? .all : chosenSamples(parts[0], of: key)
      if parts.count == 2 {
        values = try ranges(parts[1])
      } else if definition.number != .exactly(1), key != "GT" {
        throw error("found \(key)[\(subscripts)], which has several values: expected \(key)[sample:value]")
      }
    }
    // A genotype is one value.
    if key == "GT", values.contains(0) { return .genotype(samples: samples) }
    switch definition.type {
    case .integer, .float: return .number(.format(Array(key.utf8), samples: samples, values: values))
    case .flag, .character, .string:
      return .text(.format(Array(key.utf8), samples: samples, values: values))
    }
  }

  /// Returns the samples that a subscript selects: by number, or `@FILE` with one name per line.
  private func chosenSamples(_ text: String, of key: String) throws -> Subscript {
    let count = header.samples.count
    if text.hasPrefix("@") {
      let names = try NameList.read(contentsOf: String(text.dropFirst()))
      return Subscript(
        ranges: try names.map { name in
          guard let index = header.samples.firstIndex(of: name) else {
            throw error("found no sample \(FormatError.quoted(name)) for \(key)[\(text)]")
          }
          return index...index
        })
    }
    let chosen = try ranges(text)
    for range in chosen.ranges ?? [] {
      let last = range.upperBound >= Subscript.open ? range.lowerBound : range.upperBound
      guard last < count else {
        throw error("found sample \(last) in \(key)[\(text)], expected numbers from 0 to \(count - 1)")
      }
    }
    return chosen
  }

  /// Parses `*`, or `0`, `1-3` and `2-` separated by commas.
  private func ranges(_ text: String) throws -> Subscript {
    if text == "*" { return .all }
    let ranges: [ClosedRange<Int>] = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      part in
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let last = ends.count < 2 ? Int(ends[0]) : ends[1].isEmpty ? Subscript.open : Int(ends[1])
      guard let first = Int(ends[0]), first >= 0, let last, last >= first, last < .max else {
        throw error(
          "found the subscript \(FormatError.quoted(text)), expected numbers of at least 0, ranges or '*'")
      }
      return first...last
    }
    return Subscript(ranges: ranges)
  }
}
