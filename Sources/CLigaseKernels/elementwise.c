// Element-wise kernels, activations with their pullbacks, and reductions.
#include "internal.h"

DISPATCHED void ligase_add(size_t n, const float *a, const float *b, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}
DISPATCHED void ligase_subtract(size_t n, const float *a, const float *b, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}
DISPATCHED void ligase_multiply(size_t n, const float *a, const float *b, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}
DISPATCHED void ligase_divide(size_t n, const float *a, const float *b, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] / b[i];
}
DISPATCHED void ligase_scale_shift(size_t n, const float *a, float scale, float shift, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] * scale + shift;
}
DISPATCHED void ligase_add_scaled(size_t n, float scale, const float *a, float *out) {
  for (size_t i = 0; i < n; i++) out[i] += scale * a[i];
}

DISPATCHED void ligase_relu(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = x[i] > 0.0f ? x[i] : (x[i] != x[i] ? x[i] : 0.0f);
}
DISPATCHED void ligase_relu_pullback(size_t n, const float *y, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) dx[i] = y[i] > 0.0f ? dy[i] : 0.0f;
}
DISPATCHED void ligase_maximum(size_t n, const float *x, float *best) {
  for (size_t i = 0; i < n; i++) best[i] = x[i] > best[i] || x[i] != x[i] ? x[i] : best[i];
}
DISPATCHED void ligase_sigmoid(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = fast_sigmoid(x[i]);
}
DISPATCHED void ligase_sigmoid_pullback(size_t n, const float *y, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) dx[i] = dy[i] * y[i] * (1.0f - y[i]);
}
DISPATCHED void ligase_tanh(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = fast_tanh(x[i]);
}
DISPATCHED void ligase_tanh_pullback(size_t n, const float *y, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}
void ligase_gelu(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678118654752f));
}
void ligase_gelu_pullback(size_t n, const float *x, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) {
    float phi = 0.5f * (1.0f + erff(x[i] * 0.70710678118654752f));
    float density = 0.39894228040143268f * expf(-0.5f * x[i] * x[i]);
    dx[i] = dy[i] * (phi + x[i] * density);
  }
}
DISPATCHED void ligase_exp(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = x[i] != x[i] ? x[i] : fast_exp(x[i]);
}
void ligase_log(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = logf(x[i]);
}

// Sixteen double lanes, added pairwise at the end: the order never depends on the CPU level.
DISPATCHED double ligase_sum(size_t n, const float *x) {
  double lanes[16] = {0};
  size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (size_t j = 0; j < 16; j++) lanes[j] += (double)x[i + j];
  for (size_t j = 0; i < n; i++, j++) lanes[j] += (double)x[i];
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}
DISPATCHED double ligase_dot(size_t n, const float *a, const float *b) {
  double lanes[16] = {0};
  size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (size_t j = 0; j < 16; j++) lanes[j] += (double)a[i + j] * (double)b[i + j];
  for (size_t j = 0; i < n; i++, j++) lanes[j] += (double)a[i] * (double)b[i];
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}
// Thirty-two lanes, added pairwise at the end.
INLINE float dot_lanes(size_t k, const float *a, const float *b) {
  float lanes[32] = {0};
  size_t i = 0;
  for (; i + 32 <= k; i += 32)
    for (size_t j = 0; j < 32; j++) lanes[j] += a[i + j] * b[i + j];
  for (size_t j = 0; i < k; i++, j++) lanes[j] += a[i] * b[i];
  for (size_t width = 16; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}
DISPATCHED void ligase_dot_rows(
    size_t m, size_t n, size_t k, const float *a, const float *b, const float *start, float *c) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * n + j] = dot_lanes(k, a + i * k, b + j * k) + (start ? start[j] : 0.0f);
}
DISPATCHED void ligase_column_sums(size_t n, size_t c, const float *x, float *out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) out[j] += x[i * c + j];
}

// The finaliser of SplitMix64 over key and counter gives 32 independent bits an element.
INLINE uint32_t hash_bits(uint64_t key, uint64_t counter) {
  uint64_t z = key + counter * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return (uint32_t)((z ^ (z >> 31)) >> 32);
}
// The bits below which an element is dropped.
INLINE uint32_t dropped_below(float probability) {
  double edge = (double)probability * 4294967296.0;
  return edge >= 4294967295.0 ? 4294967295u : (uint32_t)edge;
}
DISPATCHED void ligase_dropout(
    size_t n, uint64_t key, uint64_t offset, float probability, const float *x, float *out) {
  uint32_t threshold = dropped_below(probability);
  float scale = probability < 1.0f ? 1.0f / (1.0f - probability) : 0.0f;
  for (size_t i = 0; i < n; i++) out[i] = hash_bits(key, offset + i) >= threshold ? x[i] * scale : 0.0f;
}
DISPATCHED void ligase_dropout_columns(
    size_t n, size_t c, uint64_t key, uint64_t offset, float probability, const float *x, float *out) {
  uint32_t threshold = dropped_below(probability);
  float scale = probability < 1.0f ? 1.0f / (1.0f - probability) : 0.0f;
  for (size_t first = 0; first < c; first += 64) {
    float factors[64];
    size_t width = c - first < 64 ? c - first : 64;
    for (size_t j = 0; j < width; j++) factors[j] = hash_bits(key, offset + first + j) >= threshold ? scale : 0.0f;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < width; j++) out[i * c + first + j] = factors[j] != 0.0f ? x[i * c + first + j] * factors[j] : 0.0f;
  }
}
