// For users who draw weights or set a number of threads, importing the tensors is enough.
@_exported import class LigaseRuntime.ThreadTeam
@_exported import func LigaseRuntime.require
@_exported import struct LigaseRuntime.SeededGenerator
