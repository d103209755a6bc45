// Fused gate kernels of the recurrent cells, forward and back. One pass over the buffers each.
#include "internal.h"

DISPATCHED void ligase_lstm_step(
    size_t n, size_t h, float *restrict gates, const float *restrict c_prev, float *restrict c,
    float *restrict tanh_c, float *restrict out) {
  for (size_t r = 0; r < n; r++) {
    float *restrict gi = gates + r * 4 * h, *restrict gf = gi + h, *restrict gg = gf + h, *restrict go = gg + h;
    VECTORISED for (size_t j = 0; j < h; j++) gi[j] = fast_sigmoid(gi[j]);
    VECTORISED for (size_t j = 0; j < h; j++) gf[j] = fast_sigmoid(gf[j]);
    VECTORISED for (size_t j = 0; j < h; j++) gg[j] = fast_tanh(gg[j]);
    VECTORISED for (size_t j = 0; j < h; j++) go[j] = fast_sigmoid(go[j]);
    float *restrict cr = c + r * h, *restrict tr = tanh_c + r * h, *restrict hr = out + r * h;
    if (c_prev) {
      const float *restrict pr = c_prev + r * h;
      VECTORISED for (size_t j = 0; j < h; j++) cr[j] = gf[j] * pr[j] + gi[j] * gg[j];
    } else {
      VECTORISED for (size_t j = 0; j < h; j++) cr[j] = gi[j] * gg[j];
    }
    VECTORISED for (size_t j = 0; j < h; j++) tr[j] = fast_tanh(cr[j]);
    VECTORISED for (size_t j = 0; j < h; j++) hr[j] = go[j] * tr[j];
  }
}

// With E = exp(-x), sigmoid(x) = 1 / (1 + E) and tanh(x) = (1 - E^2) / (1 + E^2). Beyond 25 nothing changes that counts,
// and a product of three stays finite. exp(x) = 2^k 2^r, |r| <= 1/2, a degree-5 polynomial for 2^r whose exponent k is
// added to: within 1e-6 of exp.
INLINE float gate_exp(float x) {
  x = x > 25.0f ? 25.0f : x;
  x = x < -25.0f ? -25.0f : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer held in the low bits
  float shifted = x * 1.44269504088896341f + magic;
  float r = x * 1.44269504088896341f - (shifted - magic);
  float p = 1.326472639e-3f;
  p = p * r + 9.671512697e-3f;
  p = p * r + 5.550733746e-2f;
  p = p * r + 2.402224208e-1f;
  p = p * r + 6.931469776e-1f;
  p = p * r + 1.0f;
  uint32_t k, bits;
  memcpy(&k, &shifted, 4);
  memcpy(&bits, &p, 4);
  bits += k << 23;
  memcpy(&p, &bits, 4);
  return p;
}

INLINE float lstm_output(float o, float c) {
  float eo = 1.0f + gate_exp(-o), ec = gate_exp(-2.0f * c);
  return (1.0f - ec) / (eo * (1.0f + ec));
}

DISPATCHED void ligase_lstm_advance(
    size_t n, size_t h, const float *restrict gates, const float *restrict c_prev, float *restrict c,
    float *restrict out) {
  for (size_t r = 0; r < n; r++) {
    const float *restrict gi = gates + r * 4 * h, *restrict gf = gi + h, *restrict gg = gf + h, *restrict go = gg + h;
    float *restrict cr = c + r * h, *restrict hr = out + r * h;
    if (c_prev) {
      const float *restrict pr = c_prev + r * h;
      VECTORISED for (size_t j = 0; j < h; j++) {
        float i = 1.0f + gate_exp(-gi[j]), f = 1.0f + gate_exp(-gf[j]), g = gate_exp(-2.0f * gg[j]);
        float ig = i * (1.0f + g);
        cr[j] = (pr[j] * ig + (1.0f - g) * f) / (f * ig);
      }
    } else {
      VECTORISED for (size_t j = 0; j < h; j++) {
        float i = 1.0f + gate_exp(-gi[j]), g = gate_exp(-2.0f * gg[j]);
        cr[j] = (1.0f - g) / (i * (1.0f + g));
      }
    }
    VECTORISED for (size_t j = 0; j < h; j++) hr[j] = lstm_output(go[j], cr[j]);
  }
}

DISPATCHED void ligase_lstm_step_pullback(
    size_t n, size_t h, float *restrict gates, const float *restrict c_prev, const float *restrict tanh_c,
    const float *restrict dh, float *restrict dc) {
  for (size_t r = 0; r < n; r++) {
    float *restrict gi = gates + r * 4 * h, *restrict gf = gi + h, *restrict gg = gf + h, *restrict go = gg + h;
    const float *restrict tr = tanh_c + r * h, *restrict dhr = dh + r * h;
    float *restrict dcr = dc + r * h;
    if (c_prev) {
      const float *restrict pr = c_prev + r * h;
      VECTORISED for (size_t j = 0; j < h; j++) {
        float i = gi[j], f = gf[j], g = gg[j], o = go[j], t = tr[j];
        float d = dcr[j] + dhr[j] * o * (1.0f - t * t);
        go[j] = dhr[j] * t * o * (1.0f - o);
        gi[j] = d * g * i * (1.0f - i);
        gf[j] = d * pr[j] * f * (1.0f - f);
        gg[j] = d * i * (1.0f - g * g);
        dcr[j] = d * f;
      }
    } else {
      VECTORISED for (size_t j = 0; j < h; j++) {
        float i = gi[j], f = gf[j], g = gg[j], o = go[j], t = tr[j];
        float d = dcr[j] + dhr[j] * o * (1.0f - t * t);
        go[j] = dhr[j] * t * o * (1.0f - o);
        gi[j] = d * g * i * (1.0f - i);
        gf[j] = 0.0f;
        gg[j] = d * i * (1.0f - g * g);
        dcr[j] = d * f;
      }
    }
  }
}

DISPATCHED void ligase_gru_step(
    size_t n, size_t h, float *restrict gates, const float *restrict hidden, const float *restrict h_prev,
    float *restrict candidate, float *restrict out) {
  for (size_t row = 0; row < n; row++) {
    float *restrict gr = gates + row * 3 * h, *restrict gz = gr + h, *restrict gn = gz + h;
    const float *restrict hr = hidden + row * 3 * h, *restrict hz = hr + h, *restrict hn = hz + h;
    float *restrict cr = candidate + row * h, *restrict yr = out + row * h;
    VECTORISED for (size_t j = 0; j < h; j++) {
      gr[j] = fast_sigmoid(gr[j] + hr[j]);
      gz[j] = fast_sigmoid(gz[j] + hz[j]);
      cr[j] = hn[j];
    }
    VECTORISED for (size_t j = 0; j < h; j++) gn[j] = fast_tanh(gn[j] + gr[j] * hn[j]);
    if (h_prev) {
      const float *restrict pr = h_prev + row * h;
      VECTORISED for (size_t j = 0; j < h; j++) yr[j] = gn[j] + gz[j] * (pr[j] - gn[j]);
    } else {
      VECTORISED for (size_t j = 0; j < h; j++) yr[j] = gn[j] - gz[j] * gn[j];
    }
  }
}

DISPATCHED void ligase_gru_step_pullback(
    size_t n, size_t h, float *restrict gates, float *restrict hidden, const float *restrict candidate,
    const float *restrict h_prev, float *restrict dh) {
  for (size_t row = 0; row < n; row++) {
    float *restrict gr = gates + row * 3 * h, *restrict gz = gr + h, *restrict gn = gz + h;
    float *restrict hr = hidden + row * 3 * h, *restrict hz = hr + h, *restrict hn = hz + h;
    const float *restrict cr = candidate + row * h;
    const float *restrict pr = h_prev ? h_prev + row * h : 0;
    float *restrict dr = dh + row * h;
    VECTORISED for (size_t j = 0; j < h; j++) {
      float r = gr[j], z = gz[j], c = gn[j], d = dr[j], p = pr ? pr[j] : 0.0f;
      float dn = d * (1.0f - z) * (1.0f - c * c);
      float dz = d * (p - c) * z * (1.0f - z);
      float dreset = dn * cr[j] * r * (1.0f - r);
      gr[j] = dreset;
      gz[j] = dz;
      gn[j] = dn;
      hr[j] = dreset;
      hz[j] = dz;
      hn[j] = dn * r;
      dr[j] = d * z;
    }
  }
}
