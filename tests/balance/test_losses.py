import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import check_estimator
from torch import nn

from affectkit import learn
from affectkit.balance import BalancedSoftmaxLoss, FocalLoss, LogitAdjusted, LogitAdjustedLoss, adjust

pytestmark = pytest.mark.usefixtures("one_thread")
LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 0.3, -2.0]])
TARGET = torch.tensor([0, 2])
PRIOR = torch.tensor([0.7, 0.2, 0.1])


def hearts(n=200, rare=0.1, seed=0):
    """Overlapping classes: a rare one whose level is 1.5 beats above."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < rare * n).astype(int)
    X = rng.normal(70, 1, (n, 8, 1)) + rng.normal(0, 1.5, (n, 1, 1)) + 1.5 * y[:, None, None]
    return X.astype(np.float32), y


def net(**options):
    return learn.classifier("heart-cnn", **{**dict(max_epochs=6, valid_size=0, batch_size=32, device="cpu",
                                                   module__dropout=0.0), **options})


# -- by hand -------------------------------------------------------------------------------------------------


def test_focal_loss_by_hand():
    p = LOGITS.softmax(1)[torch.arange(2), TARGET]
    expected = -((1 - p) ** 2 * p.log()).mean()
    torch.testing.assert_close(FocalLoss(gamma=2)(LOGITS, TARGET), expected)
    weight = torch.tensor([1.0, 2.0, 4.0])
    each = -((1 - p) ** 2 * p.log()) * weight[TARGET]
    torch.testing.assert_close(FocalLoss(weight, gamma=2)(LOGITS, TARGET), each.sum() / 5)


@pytest.mark.parametrize("weight", [None, torch.tensor([1.0, 2.0, 4.0])])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_focus_or_shares_both_are_cross_entropy(weight, smoothing):
    plain = nn.CrossEntropyLoss(weight, label_smoothing=smoothing)(LOGITS, TARGET)
    torch.testing.assert_close(FocalLoss(weight, smoothing, gamma=0)(LOGITS, TARGET), plain)
    unmoved = LogitAdjustedLoss(weight, smoothing, prior=PRIOR, tau=0)
    torch.testing.assert_close(unmoved(LOGITS, TARGET), plain)
    even = torch.ones(3) / 3
    torch.testing.assert_close(BalancedSoftmaxLoss(weight, smoothing, prior=even)(LOGITS, TARGET), plain)


def test_focal_loss_has_a_gradient_where_the_network_is_certain():
    logits = torch.tensor([[60.0, -60.0]], requires_grad=True)
    FocalLoss(gamma=0.5)(logits, torch.tensor([0])).backward()
    assert torch.isfinite(logits.grad).all()


def test_balanced_softmax_by_hand():
    weighted = PRIOR * LOGITS.exp()
    expected = -(weighted / weighted.sum(1, keepdim=True))[torch.arange(2), TARGET].log().mean()
    torch.testing.assert_close(BalancedSoftmaxLoss(prior=PRIOR)(LOGITS, TARGET), expected)
    torch.testing.assert_close(LogitAdjustedLoss(prior=PRIOR, tau=1)(LOGITS, TARGET), expected)


def test_adjusting_undoes_the_prior():
    likelihood = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    posterior = likelihood * PRIOR.numpy()
    posterior /= posterior.sum(1, keepdims=True)
    np.testing.assert_allclose(adjust(posterior, PRIOR.numpy()), likelihood, rtol=1e-6)
    np.testing.assert_allclose(adjust(posterior, [70, 20, 10]), likelihood, rtol=1e-6)  # counts serve as well
    np.testing.assert_allclose(adjust(posterior, PRIOR.numpy(), tau=0), posterior, rtol=1e-6)
    assert np.isfinite(adjust([[1.0, 0.0]], [0.5, 0.5])).all()


# -- in the classifier ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion, options", [
    (FocalLoss, {"criterion__gamma": 1.0}), (BalancedSoftmaxLoss, {}),
    (LogitAdjustedLoss, {"criterion__tau": 2.0})])
def test_classifiers_train_with_each_loss_and_give_probabilities(criterion, options):
    X, y = hearts()
    fitted = clone(net(criterion=criterion, max_epochs=1, **options)).fit(X, np.array(["rest", "stress"])[y])
    np.testing.assert_allclose(fitted.predict_proba(X).sum(1), 1, rtol=1e-5)  # softmax, not scores
    if criterion is not FocalLoss:
        start = torch.tensor([0.9, 0.1]).log() * options.get("criterion__tau", 1)
        torch.testing.assert_close(fitted.criterion_.start, start)
    else:
        assert fitted.criterion_.gamma == 1


def test_balanced_softmax_moves_the_border_to_the_middle_and_cross_entropy_does_not():
    draws = torch.Generator().manual_seed(0)
    y = (torch.rand(20000, generator=draws) < 0.1).long()
    x = torch.randn(20000, 1, generator=draws) + 1.5 * y[:, None]
    border = {}
    for loss in (nn.CrossEntropyLoss(), BalancedSoftmaxLoss(prior=torch.tensor([0.9, 0.1]))):
        line = nn.Linear(1, 2)
        optimizer = torch.optim.LBFGS(line.parameters(), max_iter=100, line_search_fn="strong_wolfe")

        def step(loss=loss, line=line, optimizer=optimizer):
            optimizer.zero_grad()
            value = loss(line(x), y)
            value.backward()
            return value

        optimizer.step(step)
        slope, height = (values[1] - values[0] for values in (line.weight, line.bias))
        border[type(loss).__name__] = (-height / slope).item()
    assert border["BalancedSoftmaxLoss"] == pytest.approx(0.75, abs=0.08)
    assert border["CrossEntropyLoss"] == pytest.approx(0.75 + np.log(9) / 1.5, abs=0.08)


def test_the_adjustment_alone_raises_balanced_accuracy():
    rng = np.random.default_rng(0)
    y = (rng.random(4000) < 0.1).astype(int)
    X = rng.normal(size=(4000, 2)) + 1.5 * y[:, None]
    plain = LogisticRegression().fit(X[:2000], y[:2000])
    adjusted = LogitAdjusted(LogisticRegression()).fit(X[:2000], y[:2000])
    scores = [balanced_accuracy_score(y[2000:], model.predict(X[2000:])) for model in (plain, adjusted)]
    assert scores[1] > scores[0] + 0.05


def test_groups_and_other_options_reach_the_estimator_within():
    X, y = hearts(60, rare=0.5)
    groups = np.arange(60) % 10
    adjusted = LogitAdjusted(net(max_epochs=1, valid_size=0.2)).fit(X, y, groups=groups)
    assert adjusted.estimator_.groups_.tolist() == groups.tolist()
    search = GridSearchCV(LogitAdjusted(LogisticRegression()), {"tau": [0, 1], "estimator__C": [1.0]}, cv=2)
    assert search.fit(X[:, :, 0] - 70, y).best_params_["tau"] in (0, 1)


def test_scikit_learns_checks_pass():
    results = check_estimator(LogitAdjusted(LogisticRegression()), on_skip=None, on_fail="raise")
    skipped = {result["check_name"] for result in results if result["status"] != "passed"}
    assert len(results) > 50 and skipped <= {"check_array_api_input"}  # SCIPY_ARRAY_API is not set


# -- mixup ---------------------------------------------------------------------------------------------------


def test_mixup_mixes_samples_and_labels_by_the_same_share():
    X, y = hearts(64, rare=0.5)
    seen = {}

    class Spy(learn.EmotionClassifier):
        def get_loss(self, y_pred, y_true, X=None, training=False):
            loss = super().get_loss(y_pred, y_true, X, training=training)
            partner, share = self.mixed_
            first, second = (nn.functional.cross_entropy(y_pred, labels).item()
                             for labels in (y_true, y_true[partner]))
            seen.update(loss=loss.item(), expected=share * first + (1 - share) * second, share=share)
            return loss

    spy = Spy(learn.nets.HeartCNN, mixup=1.0, max_epochs=2, valid_size=0, device="cpu").fit(X, y)
    assert seen["loss"] == pytest.approx(seen["expected"], rel=1e-5) and 0 < seen["share"] < 1
    same = learn.EmotionClassifier(learn.nets.HeartCNN, mixup=1.0, max_epochs=2, valid_size=0,
                                   device="cpu").fit(X, y)
    assert same.history_[:, "train_loss"] == spy.history_[:, "train_loss"]


def test_mixup_reaches_training_but_never_prediction_or_validation():
    X, y = hearts(64, rare=0.5)
    plain, mixed = (net(max_epochs=1, valid_size=0.2, mixup=share).fit(X, y) for share in (0.0, 1.0))
    assert plain.history_[-1]["train_loss"] != mixed.history_[-1]["train_loss"]
    np.testing.assert_array_equal(mixed.predict_proba(X), mixed.predict_proba(X))  # mixtures are drawn anew
    assert not hasattr(plain, "mixed_")


# -- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call, match", [
    (lambda: FocalLoss(gamma=-1), "gamma=-1 must be at least 0"),
    (lambda: LogitAdjustedLoss(prior=torch.tensor([1.0, 0.0])), r"prior=\[1.0, 0.0\] must be above 0"),
    (lambda: adjust([[0.5, 0.5]], [1.0]), "prior must have an entry for each column"),
    (lambda: adjust([[0.5, 0.5]], [1.0, 0.0]), "must be above 0 for each class"),
    (lambda: adjust([[np.nan, 0.5]], [0.5, 0.5]), "proba holds missing"),
    (lambda: net(mixup=-1).fit(*hearts()), "mixup=-1 must be at least 0"),
])
def test_bad_input_names_the_argument(call, match):
    with pytest.raises(ValueError, match=match):
        call()
