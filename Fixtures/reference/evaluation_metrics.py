# Reference values for the evaluation tests; the data come from SplitMix64, so that any language can make them.
import numpy as np
from sklearn import metrics as m
from scipy import stats

class SplitMix64:
    def __init__(self, seed): self.s = seed
    def next(self):
        M = (1 << 64) - 1
        self.s = (self.s + 0x9E3779B97F4A7C15) & M
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        return z ^ (z >> 31)
    def uniform(self): return (self.next() >> 11) * 2.0**-53

def columns(n, seed):
    g = SplitMix64(seed)
    rows = [[g.uniform() for _ in range(4)] for _ in range(n)]
    return np.array(rows).T
def show(name, v): print(f"{name} = {float(v)!r}")
if __name__ == "__main__":
    # regression: 200 rows, rounded to make ties
    a, b, c, d = columns(200, 7)
    y = np.round(10 * a) / 4; p = np.round(8 * (0.7 * a + 0.3 * b)) / 3 - 1
    g = np.floor(c * 12).astype(int)
    show("pearson", stats.pearsonr(y, p)[0]); show("spearman", stats.spearmanr(y, p)[0])
    show("rmse", m.mean_squared_error(y, p) ** .5); show("mae", m.mean_absolute_error(y, p)); show("r2", m.r2_score(y, p))
    rs = [stats.pearsonr(y[g == k], p[g == k])[0] for k in range(12) if (g == k).sum() >= 3]
    show("pearson_per_group", np.mean(rs)); print(len(rs), np.bincount(g))
    # weighted: bootstrap interval, by brute force with numpy's own draws
    rng = np.random.default_rng(0); R = []
    for _ in range(4000):
        i = rng.integers(0, 200, 200); R.append((stats.pearsonr(y[i], p[i])[0], stats.spearmanr(y[i], p[i])[0], m.mean_squared_error(y[i], p[i]) ** .5, m.mean_absolute_error(y[i],p[i]), m.r2_score(y[i],p[i])))
    print("percentiles", np.percentile(R, [2.5, 97.5], axis=0).round(4).tolist())
    # three classes
    a, b, c, d = columns(150, 11)
    t = np.floor(3 * a).astype(int)
    s = np.stack([np.round(5 * (0.5 * (t == k) + q)) + 1 for k, q in enumerate((b, c, d))], 1)
    P = s / s.sum(1, keepdims=True); l = P.argmax(1)
    print(m.confusion_matrix(t, l).tolist())
    show("accuracy", m.accuracy_score(t, l)); show("balanced", m.balanced_accuracy_score(t, l)); show("mcc", m.matthews_corrcoef(t, l))
    for av in ("macro", "micro", "weighted", None): print(av, [np.asarray(x).tolist() for x in m.precision_recall_fscore_support(t, l, average=av)[:3]])
    show("auroc", m.roc_auc_score(t, P, multi_class="ovr", average="macro"))
    Y = np.eye(3)[t]
    print("auroc each", [m.roc_auc_score(Y[:, k], P[:, k]) for k in range(3)])
    print("auprc each", [m.average_precision_score(Y[:, k], P[:, k]) for k in range(3)]); show("auprc", m.average_precision_score(Y, P, average="macro"))
    show("brier", ((P - Y) ** 2).sum(1).mean())
    # two classes, of which class 2 is absent from the prediction in one case
    z = (t == 2).astype(int); q = P[:, 2]; h = (q > .4).astype(int)
    show("binary auroc", m.roc_auc_score(z, q)); show("binary auprc", m.average_precision_score(z, q)); show("binary brier", m.brier_score_loss(z, q)); show("binary mcc", m.matthews_corrcoef(z, h)); show("binary f1", m.f1_score(z, h))
