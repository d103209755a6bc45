/// The letters of DNA as closed paths in the unit square, so that a picture needs no font and letters fill their place exactly.
enum LetterShape {
  /// The paths of A, C, G and T.
  static let paths: [String] = [
    "M0 1L.37 0H.63L1 1H.79L.71 .76H.29L.21 1ZM.345 .59H.655L.5 .13Z",
    "M1 .36C.97 .13 .79 0 .53 0C.2 0 0 .2 0 .5C0 .8 .2 1 .53 1C.8 1 .98 .86 1 .62L.79 .6C.77 .75 .68 .83 .53 .83"
      + "C.33 .83 .21 .71 .21 .5C.21 .29 .33 .17 .53 .17C.67 .17 .76 .24 .79 .38Z",
    "M.98 .33C.94 .12 .78 0 .53 0C.2 0 0 .2 0 .5C0 .8 .2 1 .5 1C.63 1 .74 .96 .82 .87L.84 .98H1V.47H.53V.63H.8"
      + "C.79 .76 .68 .83 .53 .83C.33 .83 .21 .71 .21 .5C.21 .29 .33 .17 .53 .17C.66 .17 .74 .23 .77 .35Z",
    "M0 0H1V.17H.605V1H.395V.17H0Z",
  ]

  /// The usual colours of the letters: A green, C blue, G orange, T red.
  static let colours = ["#109648", "#255c99", "#f7b32b", "#d62839"]
}
