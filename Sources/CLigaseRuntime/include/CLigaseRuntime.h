// What the C library offers to C alone.
#ifndef C_LIGASE_RUNTIME_H
#define C_LIGASE_RUNTIME_H

// The number of processors this process may run on, at least 1.
int ligase_available_cores(void);

#endif
