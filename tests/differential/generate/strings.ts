/** String literals of all forms that the specification knows, as they are written in a document. */
export const stringLiterals: readonly string[] = [
  '""',
  '"plain"',
  '"two words"',
  '"# no comment { $x } ...F @skip"',
  String.raw`"a\bc\f\n\r\t"`,
  String.raw`"quote \" backslash \\ slash \/"`,
  String.raw`"\u00e9\u0041\u0000"`,
  String.raw`"\ud83d\ude00"`,
  String.raw`"\u{1F600} \u{41}"`,
  '"é 😀 \u2028"',
  '"null"',
  '"1e0"',
  '""""""',
  '"""block"""',
  '"""\n    first\n      second\n\n    third\n  """',
  '"""a\rb\r\nc"""',
  String.raw`"""three \""" quotes and \n as it is"""`,
  '""" "quoted" """',
  '"""\t tab\n \tmixed"""',
  '"""é 😀 { } # $"""',
]

export const floatLiterals: readonly string[] = [
  '0',
  '-0',
  '1',
  '-1',
  '0.0',
  '-0.0',
  '1.5',
  '2.50',
  '1e0',
  '0e0',
  '1E+2',
  '1e-7',
  '-1.0e3',
  '1e21',
  '123456789012345678901234567890',
  '0.1',
  '9007199254740993',
  '1.7976931348623157e308',
]

export const intLiterals: readonly string[] = [
  '0',
  '-0',
  '1',
  '2',
  '3',
  '-1',
  '7',
  '2147483647',
  '-2147483648',
]

export const idLiterals: readonly string[] = ['1', '-7', '12345678901234567890', '"1"', '""', '"none"']
