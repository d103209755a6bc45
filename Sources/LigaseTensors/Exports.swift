// Whoever draws weights or sets a number of threads imports the tensors alone.
@_exported import class LigaseRuntime.ThreadTeam
@_exported import func LigaseRuntime.require
@_exported import struct LigaseRuntime.SeededGenerator
