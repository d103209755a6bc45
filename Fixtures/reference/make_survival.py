"""Writes survival.json: simulated right-censored cohorts with what scikit-survival and lifelines compute from them.

    pip install scikit-survival==0.28.0 lifelines==0.30.3
    python make_survival.py
"""
import json, os, warnings
import numpy as np
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import concordance_index
import pandas as pd
import sksurv.metrics
from scipy.stats import chi2
from sksurv.compare import compare_survival
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.linear_model.coxph import BreslowEstimator, CoxPHOptimizer
from sksurv.metrics import brier_score, concordance_index_censored, concordance_index_ipcw, integrated_brier_score
from sksurv.nonparametric import CensoringDistributionEstimator, kaplan_meier_estimator
from sksurv.util import Surv

warnings.simplefilter("ignore")


def cohort(name, n, seed, censoring, levels=None, last=None):
    """Exponential times with hazard ratios from three columns; `censoring` is the mean of exponential censoring times,
    `levels` rounds times up to so many a unit, `last` forces the latest row to be an event or censored."""
    g = np.random.default_rng(seed)
    x = np.round(g.normal(size=(n, 3)), 3)
    x[:, 2] = (x[:, 2] > 0.3) + 0.0
    time = g.exponential(np.exp(-(x @ [0.8, -0.5, 0.6])))
    end = g.exponential(censoring, n) if censoring else np.full(n, np.inf)
    event, t = time <= end, np.minimum(time, end)
    t = np.ceil(t * levels) / levels if levels else np.round(t, 5)
    if last is not None:
        k = np.lexsort((~event, t))[-1]
        event[k] = last
    risk = x @ [0.7, -0.6, 0.2] + 0.5 * g.normal(size=n)
    return dict(name=name, t=t, event=event, x=np.round(x - x.mean(0), 6), risk=np.round(risk, 1 if levels else 4),
                groups=g.integers(0, 3, n))


class JustBefore(CensoringDistributionEstimator):
    """The censoring curve of scikit-survival, for the time of a row its limit from the left: a row that is censored at the time of an
    event was seen until then. scikit-survival takes the value at the time itself, which differs where times are equal."""

    def before(self, time):
        place = np.searchsorted(self.unique_time_, time, side="left")
        return np.concatenate([[1.0], self.prob_])[place]

    def predict_ipcw(self, y):
        event, time = y[y.dtype.names[0]], y[y.dtype.names[1]]
        found = np.zeros(len(time))
        found[event] = 1 / self.before(time[event])
        return found


def brier(c, train, probabilities, times):
    """Graf et al. (1999) with the weights of events just before their times."""
    curve = JustBefore().fit(Surv.from_arrays(train["event"], train["t"]))
    at, own = curve.predict_proba(times), curve.before(c["t"])
    scores = [float(np.where(c["t"] > time, (1 - p) ** 2 / g, np.where(c["event"], p ** 2 / own, 0)).mean())
              for time, p, g in zip(times, probabilities, at)]
    return scores, float(np.trapezoid(scores, times) / (times[-1] - times[0]))


def uno(train, y, risk, horizon):
    """Uno's concordance of scikit-survival with those weights."""
    kept = sksurv.metrics.CensoringDistributionEstimator
    sksurv.metrics.CensoringDistributionEstimator = JustBefore
    try:
        return float(concordance_index_ipcw(train, y, risk, tau=horizon)[0])
    finally:
        sksurv.metrics.CensoringDistributionEstimator = kept


def survival_probabilities(c, times):
    """Predictions that are neither calibrated nor constant: exp(-0.8 t exp(risk / 2))."""
    return np.round(np.exp(-0.8 * np.outer(times, np.exp(c["risk"] / 2))), 5)


def calibration(c, probability, time):
    """Groups of equal size by predicted risk; observed is 1 - Kaplan-Meier (lifelines)."""
    n = len(c["t"])
    count = max(1, min(10, n // 20))
    order = np.lexsort((np.arange(n), 1 - probability))
    group = np.empty(n, int)
    group[order] = np.floor(count * (np.arange(n) + 0.5) / n)
    def observed(rows):
        return float(1 - KaplanMeierFitter().fit(c["t"][rows], c["event"][rows]).predict(time))
    rows = [group == k for k in range(count)]
    expected = [float((1 - probability[r]).mean()) for r in rows]
    found = [observed(r) for r in rows]
    sizes = [int(r.sum()) for r in rows]
    return dict(time=time, sizes=sizes, expected=expected, observed=found,
                ratio=observed(np.full(n, True)) / float((1 - probability).mean()),
                error=float(np.average(np.abs(np.subtract(expected, found)), weights=sizes)))


def cox(c, penalties):
    y = Surv.from_arrays(c["event"], c["t"])
    m = CoxPHSurvivalAnalysis(alpha=np.array(penalties, float), ties="efron", tol=1e-14, n_iter=200).fit(c["x"], y)
    loss = CoxPHOptimizer(c["x"], c["event"], c["t"], np.zeros(3), "efron").nlog_likelihood(m.coef_)
    return dict(penalties=penalties, beta=m.coef_.tolist(), logLikelihood=-loss * len(c["t"]))


def cross_validated(c, penalty, folds):
    """Verweij and Van Houwelingen (1993)."""
    def likelihood(rows, beta):
        o = CoxPHOptimizer(c["x"][rows], c["event"][rows], c["t"][rows], np.zeros(3), "efron")
        return -o.nlog_likelihood(beta) * rows.sum()
    total, every = 0.0, np.full(len(folds), True)
    for k in range(folds.max() + 1):
        rows = folds != k
        d = dict(c, t=c["t"][rows], event=c["event"][rows], x=c["x"][rows])
        beta = np.array(cox(d, [penalty] * 3)["beta"])
        total += likelihood(every, beta) - likelihood(rows, beta)
    return total


def reference(c, train):
    t, event, n = c["t"], c["event"], len(c["t"])
    y, y_train = Surv.from_arrays(event, t), Surv.from_arrays(train["event"], train["t"])
    out = dict(name=c["name"], times=t.tolist(), events=event.tolist(), x=c["x"].tolist(), risk=c["risk"].tolist(),
               groups=c["groups"].tolist())
    probes, survival, (low, high) = kaplan_meier_estimator(event, t, conf_type="log-log")
    _, censoring = kaplan_meier_estimator(event, t, reverse=True)
    km = KaplanMeierFitter().fit(t, event)
    assert np.allclose(km.predict(probes), survival)
    out["curves"] = dict(times=probes.tolist(), survival=survival.tolist(), low=low.tolist(), high=high.tolist(),
                         censoring=censoring.tolist(),
                         median=float(km.median_survival_time_) if np.isfinite(km.median_survival_time_) else None)
    out["harrell"] = float(concordance_index_censored(event, t, c["risk"])[0])
    if len(np.unique(t)) == n:
        assert abs(out["harrell"] - concordance_index(t, -c["risk"], event)) < 1e-9
    horizon = float(np.quantile(t, 0.8))
    out["uno"] = dict(horizon=horizon, value=uno(y_train, y, c["risk"], horizon), own=uno(y, y, c["risk"], horizon))
    times = np.round(np.quantile(t, [0.2, 0.4, 0.6, 0.75]), 5)
    probabilities = survival_probabilities(c, times)
    scores, integrated = brier(c, train, probabilities, times)
    out["brier"] = dict(times=times.tolist(), survival=probabilities.tolist(), scores=scores, integrated=integrated)
    if not set(t) & set(train["t"]):
        assert np.allclose(scores, brier_score(y_train, y, probabilities.T, times)[1])
        assert np.isclose(integrated, integrated_brier_score(y_train, y, probabilities.T, times))
        assert np.isclose(out["uno"]["value"], concordance_index_ipcw(y_train, y, c["risk"], tau=horizon)[0])
    out["calibration"] = calibration(c, probabilities[1], float(times[1]))
    statistic, p = compare_survival(y, c["groups"])
    other = multivariate_logrank_test(t, c["groups"], event)
    assert np.isclose(statistic, other.test_statistic) and np.isclose(p, other.p_value)
    out["logRank"] = dict(statistic=float(statistic), pValue=float(p))
    out["cox"] = [cox(c, p) for p in ([0, 0, 0], [1, 1, 1], [0.3, 5, 20])]
    fit = CoxPHFitter().fit(pd.DataFrame(dict(a=c["x"][:, 0], b=c["x"][:, 1], c=c["x"][:, 2], t=t, e=event)), "t", "e",
                            fit_options=dict(precision=1e-12))
    assert np.allclose(fit.params_.values, out["cox"][0]["beta"], atol=1e-6)
    assert np.isclose(fit.log_likelihood_, out["cox"][0]["logLikelihood"], atol=1e-6)
    eta = 2 * c["risk"]
    full = CoxPHOptimizer(np.eye(n), event, t, np.zeros(n), "efron")
    full.update(eta)
    out["partial"] = dict(negativeLogLikelihood=float(full.nlog_likelihood(eta) * n), gradient=(full.gradient * n).tolist())
    hazard = BreslowEstimator().fit(c["risk"], event, t).cum_baseline_hazard_
    out["breslow"] = [float(hazard(v)) for v in probes]
    folds = np.arange(n) % 4
    out["crossValidated"] = [dict(penalty=p, score=float(cross_validated(c, p, folds))) for p in (0.1, 1, 10)]
    return out


if __name__ == "__main__":
    train = cohort("training", 150, 1, 1.5, levels=20, last=False)
    cases = [
        cohort("ties", 90, 2, 2.0, levels=5, last=True),
        cohort("heavy censoring", 160, 3, 0.25, last=True),
        cohort("last row censored", 130, 4, 2.0, last=False),
        cohort("all events", 45, 5, None),
    ]
    # The censoring curve of the training rows is defined to its last row.
    end = max(c["t"].max() for c in cases) + 1
    train["t"] = np.append(train["t"], end); train["event"] = np.append(train["event"], False)
    train["x"] = np.vstack([train["x"], np.zeros(3)])
    curve = CensoringDistributionEstimator().fit(Surv.from_arrays(train["event"], train["t"]))
    out = dict(training=dict(times=train["t"].tolist(), events=train["event"].tolist()),
               chiSquare=[dict(x=x, degreesOfFreedom=k, pValue=float(chi2.sf(x, k)))
                          for x in (0.001, 0.5, 3.84, 20.0, 150.0, 900.0) for k in (1, 2, 3, 6, 11, 100, 777)],
               cohorts=[reference(c, train) for c in cases])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "survival.json")
    with open(path, "w") as file:
        file.write(json.dumps(out, separators=(",", ":")) + "\n")
    for c in out["cohorts"]:
        print(c["name"], len(c["times"]), sum(c["events"]), c["harrell"], c["uno"], c["brier"]["integrated"], c["cox"][0]["beta"])
