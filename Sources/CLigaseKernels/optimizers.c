// Parameter updates, PyTorch's formulas. `decay` adds decay * p to the gradient; `decoupled_decay` shrinks p directly.
#include "internal.h"

DISPATCHED void ligase_sgd_update(
    size_t n, float *restrict p, const float *restrict g, float *restrict velocity, float rate, float momentum, float dampening, float decay,
    int nesterov, int first) {
  if (momentum == 0.0f) {
    for (size_t i = 0; i < n; i++) p[i] -= rate * (g[i] + decay * p[i]);
    return;
  }
  float keep = first ? 0.0f : momentum, take = first ? 1.0f : 1.0f - dampening;
  for (size_t i = 0; i < n; i++) {
    float d = g[i] + decay * p[i];
    float v = keep * velocity[i] + take * d;
    velocity[i] = v;
    p[i] -= rate * (nesterov ? d + momentum * v : v);
  }
}

DISPATCHED void ligase_adam_update(
    size_t n, float *restrict p, const float *restrict g, float *restrict m, float *restrict v, float rate, float beta1, float beta2, float epsilon,
    float decay, float decoupled_decay, float correction1, float correction2) {
  float step = rate / correction1, root = 1.0f / sqrtf(correction2), keep = 1.0f - rate * decoupled_decay;
  for (size_t i = 0; i < n; i++) {
    float d = g[i] + decay * p[i];
    m[i] = beta1 * m[i] + (1.0f - beta1) * d;
    v[i] = beta2 * v[i] + (1.0f - beta2) * d * d;
    p[i] = keep * p[i] - step * m[i] / (__builtin_elementwise_sqrt(v[i]) * root + epsilon);
  }
}

DISPATCHED void ligase_rmsprop_update(
    size_t n, float *restrict p, const float *restrict g, float *restrict v, float *restrict velocity, float rate, float alpha, float epsilon,
    float momentum, int nesterov, float decay, float sign_decay) {
  for (size_t i = 0; i < n; i++) {
    float sign = (float)(p[i] > 0.0f) - (float)(p[i] < 0.0f);
    float d = g[i] + decay * p[i] + sign_decay * sign;
    v[i] = alpha * v[i] + (1.0f - alpha) * d * d;
    float change = d / (__builtin_elementwise_sqrt(v[i]) + epsilon);
    if (momentum != 0.0f) {
      velocity[i] = momentum * velocity[i] + change;
      change = nesterov ? change + momentum * velocity[i] : velocity[i];
    }
    p[i] -= rate * change;
  }
}
