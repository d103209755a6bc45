// Shared by the kernels: CPU dispatch and the branch-free exponential that vectorises.
#pragma once
#include "CLigaseKernels.h"
#include <math.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The choice is made while the program is loaded, before the sanitizer can run.
#define LIGASE_UNDISPATCHED
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(LIGASE_UNDISPATCHED)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

// The buffers of a kernel never overlap; with this the compiler need not check.
#define VECTORISED _Pragma("clang loop vectorize(assume_safety)")

#define INLINE static inline __attribute__((always_inline))

// exp(x) = 2^k e^r, |r| <= ln2 / 2, a degree-6 polynomial for e^r: about 2 ulp over the clamped range.
INLINE float fast_exp(float x) {
  x = x > 88.3762626647949f ? 88.3762626647949f : x;
  x = x < -87.3365447504021f ? -87.3365447504021f : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer held in the low bits
  float shifted = x * 1.44269504088896341f + magic;
  float k = shifted - magic;
  float r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  int32_t exponent = (bits - 0x4B400000 + 127) << 23;
  float scale;
  memcpy(&scale, &exponent, 4);
  return p * scale;
}

INLINE float fast_sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

// tanh(x) = 1 - 2 / (e^2x + 1), and an odd polynomial near zero, where that form loses digits.
INLINE float fast_tanh(float x) {
  float large = 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f);
  float s = x * x;
  float small = x + x * s * (-0.33333333f + s * (0.13333333f + s * (-0.053968254f + s * 0.021869488f)));
  return s < 0.04f ? small : large;
}
