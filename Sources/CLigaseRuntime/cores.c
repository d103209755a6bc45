// The number of processors this process may run on.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLigaseRuntime.h"
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

int ligase_available_cores(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores > 0 ? (int)cores : 1;
}
