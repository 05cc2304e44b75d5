"""The figures of an exported model, asked as an app asks it: with the raw ids of whole histories."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from recframe.errors import ExportError
from recframe.evaluation.rank_metrics import main_metrics
from recframe.export.checks.asking import recommender_of
from recframe.plugin.exporting import Answers, ExportContext, HeldOut, ServingGraph
from recframe.process.pace import Pace
from recframe.runtime.ranking import share_kept
from recframe.runtime.recommender import ALL_SCORES, IDS, SCORES, Recommender
from recframe.spec.experiment import ExportSpec

Inputs = Mapping[str, np.ndarray]
#: Answers the inputs of one history, or of as many as the model takes at once.
Ask = Callable[[Inputs], Answers]
#: Scores every label for any number of histories, float32 [histories, labels].
AskScores = Callable[[Inputs], np.ndarray]
Figures = dict[str, float]

CHUNK = 512  # histories held at once


def delivered(
    context: ExportContext,
    module: ServingGraph,
    ask: Ask,
    ask_scores: AskScores | None,
    name: str,
    items_alone: bool = False,
    drops_history: bool = False,
) -> Figures:
    """Measure a model that is not in a bundle yet on the test targets; empty where there are no test targets.

    Args:
        module: The graph that the model was converted from.
        ask_scores: None where an app of this model has no signature `scores`.
        name: The export's name in messages.
        items_alone: Whether an app of this export knows only the items of a history. The inputs of events and of the
            user are then 0.
        drops_history: Whether an app of this export never shows an item of the history, whatever exclude_seen is.

    Returns:
        `recall@k` and `ndcg@k`; the share of each that is lost against the trained model, as `recall@k_drop` and
        `ndcg@k_drop`; and `overlap`, the mean share of the trained model's lists that the answers contain.
    """
    if context.held_out is None:
        return {}

    def answer(arrays: Inputs) -> Inputs:
        answers = ask(arrays)
        return {IDS: np.asarray(answers.ids), SCORES: np.asarray(answers.scores)}

    scored = None if ask_scores is None else lambda arrays: {ALL_SCORES: ask_scores(arrays)}
    recommender = recommender_of(context.spec, context.catalogue, module, answer, scored, name, drops_history)
    pace = Pace(f"{name}: asking the exported model about {len(context.held_out.targets):,} histories", context.say)
    return _figures(recommender, context.held_out, items_alone, pace)


def too_much_lost(figures: Mapping[str, float], held_out: HeldOut, spec: ExportSpec) -> str:
    """Why a model may not be exported, if it loses more than export.max_recall_drop; else empty.

    One test target may always be lost: with few targets, one is already a large share.
    """
    limit = spec.max_recall_drop
    for metric, trained in held_out.trained.items():
        value, drop = figures[metric], figures[f"{metric}_drop"]
        lost = (trained - value) * len(held_out.targets)
        # Both sides are rounded: a share times the number of targets is seldom a whole number.
        if drop > limit + 1e-9 and lost > 1 + 1e-6:
            reason = (
                f"{metric} on the test targets falls from {trained:.4f} to {value:.4f}, by {drop:.1%}, and "
                f"export.max_recall_drop is {limit:.1%}"
            )
            if not spec.scores_signature:
                reason += (
                    "; without export.scores_signature, items that the user had long ago are dropped from a list of "
                    "model.num_predictions"
                )
            return reason
    return ""


def require_little_lost(context: ExportContext, figures: Mapping[str, float], name: str) -> None:
    """Refuse a model that loses too much, for an exporter that writes one file.

    Raises:
        ExportError: where the model loses more than export.max_recall_drop.
    """
    if context.held_out is not None:
        reason = too_much_lost(figures, context.held_out, context.spec.export)
        if reason:
            raise ExportError(f"{name}: {reason}; nothing exported")


def _figures(recommender: Recommender, held_out: HeldOut, items_alone: bool, pace: Pace) -> Figures:
    ranks = np.empty(len(held_out.targets), np.int64)
    overlaps = np.empty(len(held_out.targets))
    for row, ids in enumerate(_answers(recommender, held_out, items_alone)):
        target = recommender.labels[held_out.targets[row]]
        expected = {recommender.labels[label] for label in held_out.lists[row].tolist() if label}
        ranks[row] = ids.index(target) + 1 if target in ids else held_out.k + 1
        overlaps[row] = share_kept(expected, ids)
        pace(row + 1, len(ranks))
    metrics = main_metrics(ranks, (held_out.k,))
    figures = {"overlap": float(overlaps.mean())}
    for name, trained in held_out.trained.items():
        figures[name] = metrics[name]
        figures[f"{name}_drop"] = (trained - metrics[name]) / trained if trained else 0.0
    return figures


def _answers(recommender: Recommender, held_out: HeldOut, items_alone: bool) -> Iterator[list[str]]:
    """The raw ids of the answer to each history."""
    histories = iter(held_out.histories())
    while chunk := list(itertools.islice(histories, CHUNK)):
        answers = recommender.recommend_batch(
            [history.items for history in chunk],
            held_out.k,
            given=None if items_alone else [history.values for history in chunk],
            timestamps=None if items_alone else [history.timestamps for history in chunk],
            now=[history.now for history in chunk],  # every app knows the moment, and it must be the target's
        )
        yield from ([item.id for item in answer] for answer in answers)
