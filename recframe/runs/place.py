"""A run folder: which files belong to a run, which process may write, and how a new run replaces the earlier one.

The first run writes to the folder itself, so that its weights are there if it is stopped. A later run is written to
`.run.recframe-part` in the folder. A process may die at any moment. The folder is then in one of these states:

1. The earlier run is complete, and a part of the new run exists. The next command resumes or removes the part.
2. The new run is complete: its part was renamed atomically to `.run.recframe-new`, and its files are moved one by one.
   If the process dies before all are moved, the next command that writes or reads the run moves the rest.
3. The new run is in place, and the rest of the earlier run is in `.run.recframe-part`. The next command removes it.
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
#: Everything that a run writes.
NAMES = (CONFIG, PLUGINS, VOCABULARIES, CHECKPOINTS, METRICS, REPORT, TENSORBOARD, EXPORT)
#: The files in `vocab/` that do not depend on the names of the features.
_VOCABULARY_FILES = {"features.json", "label.txt", "SHA256SUMS"}
#: The results, which are not lost until the next run is complete.
_RESULTS = (STATE, METRICS, REPORT, EXPORT)
#: The first line of config.yaml. It shows that recframe wrote the folder's files.
MARK = "# recframe wrote this run folder: the next run here replaces the files that a run has.\n"
_NEXT, _READY, _JOURNAL = f".run{PART}", ".run.recframe-new", "journal.json"


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Lock a run folder for writing, and remove the leftovers of dead processes.

    Raises:
        FolderError: Another process has the lock, or the folder is not writable.
    """
    with locked(folder / LOCK, folder):
        _finish(folder)
        _tidy(folder)
        if (folder / _NEXT / TRAINING).exists():  # a later command can resume it
            _tidy(folder / _NEXT)
        else:
            _discard(folder / _NEXT)
        yield


def _discard(part: Path) -> None:
    """Remove an unfinished run. Its state goes first, so that nobody resumes the rest if this process is killed."""
    remove(part / TRAINING)
    remove(part)


def _is_kept(place: Path, error: BaseException) -> bool:
    """Whether an unfinished run is kept after an error: if it was stopped, or is trained and only lacks its export."""
    try:
        state = read_state(place)
    except SpecError:
        return False
    return state is not None and (state.trained or (state.begun and isinstance(error, KeyboardInterrupt)))


def _tidy(folder: Path) -> None:
    """Remove files in a run folder that were only partly written."""
    tidy_bundle_place(folder / EXPORT)
    for name in NAMES:
        if name != EXPORT:
            remove(folder / f".{name}{PART}")
    for left in (folder / CHECKPOINTS).glob(f".*{PART}"):
        remove(left)


@contextlib.contextmanager
def place_for_run(folder: Path, find_stopped: Callable[[], Path | None] = lambda: None) -> Iterator[Path]:
    """Where to write a run: `folder`, or a hidden folder that replaces an existing run at the end.

    Args:
        find_stopped: Returns the one of `unfinished_places` in which a run is resumed, or None to start a new run. It
            is called while the folder is locked.

    Raises:
        FolderError: Files that recframe did not write would be lost, or another process writes to the folder.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)
    try:
        require_run_place(folder)
        with writing(folder):
            place = find_stopped()
            if place is None:
                _discard(folder / _NEXT)
            if place == folder or (place is None and not has_results(folder)):
                yield folder
            else:
                with _replacing(folder) as part:
                    yield part
    except BaseException:
        if made:
            with contextlib.suppress(OSError):  # not empty if a stopped run is kept
                folder.rmdir()
        raise


def replaces(place: Path) -> bool:
    """Whether a place from `place_for_run` will replace an earlier run."""
    return place.name == _NEXT


def has_results(folder: Path) -> bool:
    """Whether a folder holds results of a run."""
    return any(os.path.lexists(folder / name) for name in _RESULTS)


def unfinished_places(folder: Path) -> list[Path]:
    """The places of unfinished runs: the hidden folder of a run that replaces another, and the folder itself."""
    return [place for place in (folder / _NEXT, folder) if (place / TRAINING).exists()]


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    part = folder / _NEXT
    try:
        part.mkdir(exist_ok=True)  # it exists if a run is resumed
        yield part
        require_run_place(folder)  # again, since the folder may have changed during training
        names = [name for name in NAMES if (part / name).exists()]
        write_text(part / _JOURNAL, json.dumps({"names": names, EXPORT: digest(part / EXPORT)}))
        sync_tree(part)
        part.rename(folder / _READY)
        sync_folder(folder)
    except BaseException as error:
        if part.exists():
            error.add_note(f"the earlier run in {folder} is unchanged")
            if _is_kept(part, error):
                error.add_note("the same command resumes the new run")
            else:
                _discard(part)
        raise
    finally:
        _finish(folder)  # also after Ctrl-C between the rename and here


def clear(folder: Path) -> None:
    """Remove the files of a run that stopped before it had results. Its config.yaml stays, since it has the mark."""
    for name in NAMES[1:]:
        remove(folder / name)


def finish_replacement(folder: Path) -> None:
    """Finish a replacement that a dead process began. Call this before a run is read.

    Raises:
        FolderError: Another process is writing to the folder.
    """
    if (folder / _READY).exists():
        with writing(folder):
            pass


def _finish(folder: Path) -> None:
    """Move a complete new run into place. It can be interrupted at any moment and called again."""
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
    ready.rename(folder / _NEXT)  # atomically, since a partly removed folder has no journal and could not be finished
    remove(folder / _NEXT)


def is_run(folder: Path) -> bool:
    """Whether recframe wrote the config.yaml in a folder."""
    try:
        with (folder / CONFIG).open(encoding="utf-8") as file:
            return file.readline() == MARK
    except (OSError, UnicodeDecodeError):
        return False


def require_run_place(folder: Path) -> None:
    """Raise FolderError if a new run would replace files that recframe did not write, or cannot be moved into place."""
    require_utf8(folder)
    for name in NAMES:
        path = folder / name
        if name == EXPORT and (is_run(folder) or path.is_symlink()):
            require_bundle_place(path)
        elif path.is_symlink() or is_mount(path):
            raise FolderError(
                f"{path}: it is a link or a mount point, but a run must be able to rename its files; remove it, or "
                "choose another folder with hydra.run.dir=FOLDER"
            )
    if foreign := listed(_foreign(folder), folder):
        raise FolderError(
            f"{folder}: recframe did not write {foreign}, and a run would overwrite it; move it away, or choose "
            "another folder with hydra.run.dir=FOLDER"
        )


def _foreign(folder: Path) -> Iterator[Path]:
    """The files that have the name of a run's file but were not written by a run."""
    ours = is_run(folder)
    for name in NAMES:
        path = folder / name
        if not path.is_dir():
            is_dangling_link = name == EXPORT and path.is_symlink()
            if os.path.lexists(path) and not ours and not is_dangling_link:
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
    """The names of a run's files in one of its folders."""
    if name == CHECKPOINTS:
        return {path.name for path in (folder / name).glob("best*.weights.h5")} | {
            Path(STATE).name,
            Path(TRAINING).name,
        }
    if name != VOCABULARIES:
        return set()
    try:
        features = json.loads((folder / name / "features.json").read_text(encoding="utf-8"))
        return {*_VOCABULARY_FILES, *(feature["vocabulary"] for feature in features.values())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _VOCABULARY_FILES
