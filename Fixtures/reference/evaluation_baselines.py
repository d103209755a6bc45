# Reference values for the baseline tests.
import numpy as np
from evaluation_metrics import SplitMix64
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
g = SplitMix64(5)
D, Cn, G = 6, 25, 40
X = np.array([[np.float32(g.uniform() * 4) for _ in range(G)] for _ in range(Cn)], dtype=np.float64)
rows = []
for c in range(Cn):
    for d in range(D):
        u, v = g.uniform(), g.uniform()
        y = d * 0.5 + 0.1 * c + X[c, d] - X[c, d + 1] + u
        rows.append((c, d, y, v < 0.7 and c < 20 and d < 5))
R = np.array(rows); tr = R[R[:, 3] == 1]; te = R[R[:, 3] == 0]
print(len(tr), len(te), "mean", repr(tr[:, 2].mean()))
# effects by a dense least squares over known drugs and cells (minimum norm), tested by predictions of known pairs
A = np.zeros((len(tr), 1 + D + Cn)); A[:, 0] = 1
for i, (c, d, y, _) in enumerate(tr): A[i, 1 + int(d)] = 1; A[i, 1 + D + int(c)] = 1
w = np.linalg.lstsq(A, tr[:, 2], rcond=None)[0]
for c, d in ((0, 0), (3, 4), (19, 2)): print("effects", c, d, repr(w[0] + w[1 + d] + w[1 + D + c]))
known = sorted(set(tr[:, 0].astype(int))); S = StandardScaler().fit(X[known]); Z = S.transform(X)
for c, d in ((0, 0), (3, 4), (22, 2)):
    t = tr[tr[:, 1] == d]; m = Ridge(alpha=10.0).fit(Z[t[:, 0].astype(int)], t[:, 2]); print("ridge", c, d, repr(m.predict(Z[[c]])[0]))
t = tr[tr[:, 1] == 1]; print("drug mean 1", repr(t[:, 2].mean())); t = tr[tr[:, 0] == 4]; print("cell mean 4", repr(t[:, 2].mean()))
# low rank objective minimum: run ALS to convergence from a random start, compare predictions
res = tr[:, 2] - A @ w
def als(k, lam, it, seed):
    r = np.random.default_rng(seed); U = r.normal(0, .1, (Cn, k)); V = np.zeros((D, k))
    for _ in range(it):
        for d in range(D):
            q = tr[:, 1] == d; u = U[tr[q, 0].astype(int)]; V[d] = np.linalg.solve(u.T @ u + lam * np.eye(k), u.T @ res[q])
        for c in range(Cn):
            q = tr[:, 0] == c; v = V[tr[q, 1].astype(int)]; U[c] = np.linalg.solve(v.T @ v + lam * np.eye(k), v.T @ res[q])
    return U, V
for seed in (0, 1):
    U, V = als(3, 0.5, 3000, seed); print("low rank", [repr(w[0] + w[1 + d] + w[1 + D + c] + U[c] @ V[d]) for c, d in ((0, 0), (3, 4), (19, 2))])
