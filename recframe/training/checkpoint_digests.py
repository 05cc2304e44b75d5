"""Checkpoints carry SHA-256: weights or a state that are not as they were written are refused, and not trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recframe.digests import file_sha256, is_sealed, sealed, sha256_of
from recframe.errors import SpecError

_WEIGHTS = "weights_sha256"


def with_digests(state: Mapping[str, Any], weights: bytes | memoryview) -> dict[str, Any]:
    """A checkpoint's state with the digest of its weights, and its own."""
    return sealed({**state, _WEIGHTS: sha256_of(weights)})


def read_state(path: Path) -> dict[str, Any]:
    """A checkpoint's state.

    Raises:
        SpecError: where there is none, or it is not as it was written.
    """
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{path.parent.parent}: the run stopped before its first checkpoint; train again") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"{path}: cannot be read: {error}; train again") from None
    if not isinstance(state, dict) or not is_sealed(state):
        raise SpecError(f"{path}: differs from what the run wrote (sha256); train again")
    return state


def require_same_weights(path: Path, state: Mapping[str, Any]) -> None:
    """Raise SpecError where weights are not those that the state beside them was written for."""
    if file_sha256(path) != state.get(_WEIGHTS):
        raise SpecError(f"{path}: differs from what the run wrote (sha256); train again")
