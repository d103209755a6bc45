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
