"""A run folder: whose it is, who writes to it, and how a new run takes the place of the one before it.

The first run writes to the folder itself, so that what it has learnt is kept where it is stopped. Every later one is
made in `.run.recframe-part` inside of the folder. A process may die at any moment, and the folder is then one of these:

1. The earlier run, whole, and a part of the new one. The next start takes the part away.
2. The new run is complete: its part was renamed to `.run.recframe-new`, in one step. Its files move to their places one
   by one; where the process dies in between, the next start, or the next reader, moves the rest.
3. The new run, whole, and what is left of the earlier one in `.run.recframe-part`, which the next start takes away.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from recframe.data.vocabularies import VOCABULARIES
from recframe.errors import FolderError, SpecError
from recframe.export.bundle_place import (
    digest,
    files_in,
    foreign_to_bundle,
    is_mount,
    listed,
    move_bundle,
    require_bundle_place,
    require_utf8,
    tidy_bundle_place,
)
from recframe.files.locks import LOCK, locked
from recframe.files.whole import PART, remove, sync_folder, sync_tree, write_text
from recframe.runtime.files import EXPORT
from recframe.training.checkpoints import CHECKPOINTS, STATE, TRAINING
from recframe.training.tensorboard import TENSORBOARD
from recframe.training.training_state import read_state

CONFIG, PLUGINS, METRICS, REPORT = "config.yaml", "plugins.json", "metrics.json", "report.html"
#: All that a run writes; and what is worth keeping until the next run is complete.
NAMES = (CONFIG, PLUGINS, VOCABULARIES, CHECKPOINTS, METRICS, REPORT, TENSORBOARD, EXPORT)
#: In `vocab/`, beside a file for each vocabulary.
_OF_ANY_VOCABULARIES = {"features.json", "label.txt", "SHA256SUMS"}
_RESULTS = (STATE, METRICS, REPORT, EXPORT)
#: The first line of config.yaml: by it, the files of the names above are known to be recframe's.
MARK = "# recframe wrote this run folder: the next run here replaces the files that a run has.\n"
_NEXT, _READY, _JOURNAL = f".run{PART}", ".run.recframe-new", "journal.json"


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold a run folder: no other process writes to it within the block, and what dead ones left is tidied up.

    Raises:
        FolderError: where another process holds it, or it cannot be written to.
    """
    with locked(folder / LOCK, folder):
        _finish(folder)
        _tidy(folder)
        if (folder / _NEXT / TRAINING).exists():  # a later run can go on with it
            _tidy(folder / _NEXT)
        else:
            _drop(folder / _NEXT)
        yield


def _drop(part: Path) -> None:
    """Take away a run that has not ended, its state first: nobody goes on with what is left where this is killed."""
    remove(part / TRAINING)
    remove(part)


def _has_begun(place: Path) -> bool:
    try:
        state = read_state(place)
    except SpecError:
        return False
    return state is not None and state.begun


def _tidy(folder: Path) -> None:
    """Take away what was being written in a run folder."""
    tidy_bundle_place(folder / EXPORT)
    for name in NAMES:
        if name != EXPORT:
            remove(folder / f".{name}{PART}")
    for left in (folder / CHECKPOINTS).glob(f".*{PART}"):
        remove(left)


@contextlib.contextmanager
def renewed(folder: Path, going_on: Callable[[], Path | None] = lambda: None) -> Iterator[Path]:
    """Where to write a run: `folder`, or if it holds a run, a hidden folder that takes its place at the end.

    Args:
        going_on: Tells in the block that holds the folder which of `unfinished_places` the run goes on in; None: it
            begins anew.

    Raises:
        FolderError: where something that recframe did not write would be lost, or another process writes there.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)
    try:
        require_run_place(folder)
        with writing(folder):
            place = going_on()
            if place is None:
                _drop(folder / _NEXT)
            if place == folder or (place is None and not has_results(folder)):
                yield folder
            else:
                with _replacing(folder) as part:
                    yield part
    except BaseException:
        if made:
            with contextlib.suppress(OSError):  # not empty: something is kept
                folder.rmdir()
        raise


def replaces(place: Path) -> bool:
    """Whether a folder that `renewed` has given takes the place of an earlier run at the end."""
    return place.name == _NEXT


def has_results(folder: Path) -> bool:
    """Whether a folder holds what is worth keeping of a run."""
    return any(os.path.lexists(folder / name) for name in _RESULTS)


def unfinished_places(folder: Path) -> list[Path]:
    """Where in a run folder runs have not ended: the hidden folder of one that replaces it, and the folder itself."""
    return [place for place in (folder / _NEXT, folder) if (place / TRAINING).exists()]


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    part = folder / _NEXT
    try:
        part.mkdir(exist_ok=True)  # it is there where a run goes on
        yield part
        require_run_place(folder)  # again, since training takes its time
        names = [name for name in NAMES if (part / name).exists()]
        write_text(part / _JOURNAL, json.dumps({"names": names, EXPORT: digest(part / EXPORT)}))
        sync_tree(part)
        part.rename(folder / _READY)
        sync_folder(folder)
    except BaseException as error:
        if part.exists():
            error.add_note(f"the earlier run in {folder} is as it was")
            if isinstance(error, KeyboardInterrupt) and _has_begun(part):
                error.add_note("the same command goes on with the new one")
            else:
                _drop(part)
        raise
    finally:
        _finish(folder)  # what is complete is put in place, also after Ctrl-C in the last moment


def clear(folder: Path) -> None:
    """Take away what a run left that stopped before it had any result; its config.yaml stays, as the mark."""
    for name in NAMES[1:]:
        remove(folder / name)


def settle(folder: Path) -> None:
    """Before a run is read: put in place what a process that died was about to.

    Raises:
        FolderError: where a process does so at this moment.
    """
    if (folder / _READY).exists():
        with writing(folder):
            pass


def _finish(folder: Path) -> None:
    """Put a complete run in place. Whatever part of this was done before is not done again."""
    ready = folder / _READY
    if not ready.exists():
        return
    journal = json.loads((ready / _JOURNAL).read_text(encoding="utf-8"))
    for name in NAMES:
        if name not in journal["names"]:
            remove(folder / name)
        elif name == EXPORT:
            if digest(folder / name) != journal[EXPORT]:
                move_bundle(ready / name, folder / name)
        elif (ready / name).exists():
            if (folder / name).is_dir():
                (folder / name).rename(ready / f"earlier-{name}")
            (ready / name).replace(folder / name)
    sync_folder(folder)
    ready.rename(folder / _NEXT)  # in one step, since without its journal it could not be finished
    remove(folder / _NEXT)


def is_run(folder: Path) -> bool:
    """Whether a run of recframe's wrote the config.yaml in a folder."""
    try:
        with (folder / CONFIG).open(encoding="utf-8") as file:
            return file.readline() == MARK
    except (OSError, UnicodeDecodeError):
        return False


def require_run_place(folder: Path) -> None:
    """Raise FolderError where a new run would replace what recframe did not write, or cannot be put in place."""
    require_utf8(folder)
    for name in NAMES:
        path = folder / name
        if name == EXPORT and (is_run(folder) or path.is_symlink()):
            require_bundle_place(path)
        elif path.is_symlink() or is_mount(path):
            raise FolderError(
                f"{path}: is a link or a mount point, and a run's files are put in place by renaming them; remove it, "
                "or choose another folder with hydra.run.dir=FOLDER"
            )
    if strangers := listed(_foreign(folder), folder):
        raise FolderError(
            f"{folder}: recframe did not write {strangers}, and a run has files of these names, which would take their "
            "place; move them away, or choose another folder with hydra.run.dir=FOLDER"
        )


def _foreign(folder: Path) -> Iterator[Path]:
    """The files under the names of a run's that no run wrote."""
    ours = is_run(folder)
    for name in NAMES:
        path = folder / name
        if not path.is_dir():
            leads_to_nothing_yet = name == EXPORT and path.is_symlink()
            if os.path.lexists(path) and not ours and not leads_to_nothing_yet:
                yield path
        elif name == EXPORT:
            yield from foreign_to_bundle(path)
        else:
            known = _known(folder, name) if ours else set()
            for file in files_in(path):
                of_board = ours and name == TENSORBOARD and file.name.startswith("events.out.tfevents.")
                if file.relative_to(path).as_posix() not in known and not of_board and not file.name.endswith(PART):
                    yield file


def _known(folder: Path, name: str) -> set[str]:
    """The names that a run's files have in one of its folders."""
    if name == CHECKPOINTS:
        return {path.name for path in (folder / name).glob("best*.weights.h5")} | {
            Path(STATE).name,
            Path(TRAINING).name,
        }
    if name != VOCABULARIES:
        return set()
    try:
        features = json.loads((folder / name / "features.json").read_text(encoding="utf-8"))
        return {*_OF_ANY_VOCABULARIES, *(feature["vocabulary"] for feature in features.values())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _OF_ANY_VOCABULARIES
