#include "CLigaseKernels.h"
