# Writes the Swift examples in doc comments as one file to compile: a function an example, with its place in the sources.
BEGIN {
  split("Tensors Networks Genomics Formats Datasets Models", modules, " ")
  for (i = 1; i in modules; i++) print "import Ligase" modules[i]
}
/^ *\/\/\/ ```swift$/ {
  printf "#sourceLocation(file: \"%s\", line: %d)\nfunc example%d() throws {\n", FILENAME, FNR, ++count
  inside = 1
  next
}
/^ *\/\/\/ ```$/ && inside { print "}"; inside = 0; next }
inside { sub(/^ *\/\/\/ ?/, ""); print }
END { print "#sourceLocation()\nlet exampleCount = " count }
