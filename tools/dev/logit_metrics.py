"""How far one array of logits is from another: what compare-logits and bench/peers/quality report."""

import numpy


def log_softmax(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(-1, keepdims=True))


class LogitMetrics:
    """Sums over positions; `add` takes [T, vocab] of the exact run and of the run that is judged."""

    def __init__(self, margin=1e-2):
        self.margin = margin
        self.positions = self.agreed = self.decided = self.missed = 0
        self.divergence = self.largest = 0.0

    def add(self, exact, judged):
        if exact.shape != judged.shape:
            raise SystemExit(f"logits differ in shape: expects {exact.shape}, but got {judged.shape}")
        exact, judged = exact.astype(numpy.float64), judged.astype(numpy.float64)
        p, q = log_softmax(exact), log_softmax(judged)
        same = exact.argmax(-1) == judged.argmax(-1)
        top_two = numpy.partition(exact, -2, axis=-1)[:, -2:]
        decided = top_two[:, 1] - top_two[:, 0] > self.margin
        self.positions += len(exact)
        self.agreed += int(same.sum())
        self.decided += int(decided.sum())
        self.missed += int((decided & ~same).sum())
        self.divergence += float((numpy.exp(p) * (p - q)).sum())
        self.largest = max(self.largest, float(numpy.abs(exact - judged).max(initial=0.0)))

    def summary(self):
        count = max(self.positions, 1)
        return {
            "positions": self.positions,
            "max_abs_error": self.largest,
            "kl_divergence": self.divergence / count,
            "top1_agreement": self.agreed / count,
            "decided_positions": self.decided,
            "decided_misses": self.missed,
        }
