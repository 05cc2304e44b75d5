"""The page in headless Chromium: what a person does with it, and what it asks of the network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import define, field

import recframe
from recframe import Run
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.runtime import Bundle

pytest.importorskip("recframe_web", reason="recframe-web is not installed: there is no npm")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect

pytestmark = pytest.mark.slow

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
#: LiteRT.js looks for a GPU before it takes the processor.
NO_GPU = ("No available adapters.", "Failed to create default WebGPU device")


@define
class Watched:
    """A page, what it asked for, and what it complained of."""

    page: Any
    requests: list[str] = field(factory=list)
    complaints: list[str] = field(factory=list)

    @property
    def shown(self) -> list[str]:
        """Titles of the recommendations."""
        return [str(text) for text in self.page.locator("#recommendations .title").all_inner_texts()]

    @property
    def history(self) -> list[str]:
        """Titles, oldest first."""
        labels = [chip.get_attribute("aria-label") for chip in self.page.locator("#history button").all()]
        return [label.removeprefix("Remove ") for label in reversed(labels)]


def watch(page: Any, address: str) -> Watched:
    """Open the page and wait until all is done that it does by itself."""
    watched = Watched(page)

    def hear(message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(NO_GPU):
            watched.complaints.append(message.text)

    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("requestfailed", lambda request: watched.complaints.append(f"{request.url}: {request.failure}"))
    page.on("console", hear)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.goto(address)
    expect(page.locator("#main")).to_be_visible(timeout=60_000)
    expect(page.locator("#offline")).to_have_text("ready", timeout=60_000)
    return watched


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=DESKTOP)
    yield context
    context.close()


@pytest.fixture
def watched(context: Any, address: str) -> Iterator[Watched]:
    opened = watch(context.new_page(), address)
    yield opened
    opened.page.close()
    assert not opened.complaints
    away = [url for url in opened.requests if not url.startswith(address)]
    assert not away, f"requests off the page's origin: {away}"


#: Compiles the page's model once more, as `compiled`; the page lets go of LiteRT first, which loads only once.
COMPILE = """
        const { Model, fetchAll } = await import("./model.js");
        const { data, model, wasm } = await fetchAll(() => {});
        const { unloadLiteRt } = await import("./litert/litert.js");
        unloadLiteRt();
        const compiled = await Model.compile(model, wasm, data);
"""


def ask_model(watched: Watched, script: str, asked: Any) -> Any:
    """What a script returns that reads `asked`, the page's `data`, and the `compiled` model."""
    return watched.page.evaluate(f"async (asked) => {{{COMPILE}{script}}}", asked)


def title_of(bundle: Bundle, label: int) -> str:
    return str(bundle.items[str(label)]["title"])


@pytest.fixture(scope="module")
def python(bundle: Path) -> Bundle:
    return Bundle(bundle)


def recommended(python: Bundle, history: list[str]) -> list[str]:
    """What Python recommends; clicks have a time, which the inputs of this model follow from."""
    return [str(item.title) for item in python.recommend(history)]


def test_golden_examples_have_the_ids_of_python(watched: Watched, bundle: Path) -> None:
    golden = json.loads((bundle / "golden.json").read_text(encoding="utf-8"))
    script = """
        const answers = [];
        for (const { inputs } of asked) {
            const typed = data.inputs.map(({ name, dtype }) => [
                name, (dtype === "int32" ? Int32Array : Float32Array).from(inputs[name].flat(3))]);
            answers.push((await compiled.run(Object.fromEntries(typed))).ids);
        }
        return answers;"""
    answers = ask_model(watched, script, golden)
    assert answers == [example["outputs"]["top_prediction_ids"][0] for example in golden]
    count = len(golden)
    expect(watched.page.locator("#self-check")).to_have_text(f"{count} of {count} test histories answered as in Python")


def test_an_empty_history_gets_what_python_gives(watched: Watched, python: Bundle) -> None:
    assert watched.shown == recommended(python, [])
    expect(watched.page.locator("#list-heading")).to_have_text("Popular to start with")


def test_clicks_build_a_history_and_change_the_list(watched: Watched) -> None:
    page = watched.page
    before = watched.shown
    page.locator("#recommendations button").nth(2).click()
    expect(page.locator("#history button")).to_have_count(1)
    assert watched.history == [before[2]]
    expect(page.locator("#status")).to_have_text("7 titles after 1 choice")
    assert before[2] not in watched.shown
    assert watched.shown != before
    expect(page.locator("#milliseconds")).to_have_text(re.compile(r"^(less than 0\.1|\d+\.\d) ms$"))
    page.fill("#search", "lantern")
    page.locator("#matches li").first.click()
    expect(page.locator("#history button")).to_have_count(2)
    assert "Lantern" in watched.history[1]
    page.get_by_role("button", name=f"Remove {before[2]}").click()
    expect(page.locator("#history button")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#history button")).to_have_count(0)
    expect(page.locator("#recommendations .title")).to_have_text(before)


def test_a_history_longer_than_the_model_reads_is_left_out_whole(watched: Watched, python: Bundle) -> None:
    rng = np.random.default_rng(4)
    histories = [rng.permutation(np.arange(1, len(python.labels)))[:length].tolist() for length in (5, 6, 12, 35)]
    script = """
        const { InputMaker } = await import("./inputs.js");
        const maker = new InputMaker(data);
        const answers = [];
        for (const labels of asked)
            answers.push(await compiled.recommend(maker.make(labels, labels.map(() => null)), labels));
        return answers.map(({ ids, scores }) => [ids.filter((id) => id > 0), scores]);"""
    for labels, (ids, scores) in zip(histories, ask_model(watched, script, histories), strict=True):
        wanted = python.recommend([python.labels[label] for label in labels])
        assert [python.labels[label] for label in ids] == [item.id for item in wanted]
        assert scores[: len(ids)] == pytest.approx([item.score for item in wanted], rel=1e-4, abs=1e-5)
        assert not set(ids) & set(labels)


def test_an_example_is_a_real_history(watched: Watched, python: Bundle, bundle: Path) -> None:
    data = json.loads((bundle / "web" / "data.json").read_text(encoding="utf-8"))
    watched.page.get_by_role("button", name="Try an example").click()
    expect(watched.page.locator("#history button")).to_have_count(len(data["examples"][0]))
    assert watched.history == [title_of(python, label) for label in data["examples"][0]]
    expect(watched.page.get_by_role("button", name="Try an example")).to_be_hidden()  # it would replace this one
    # An example's times are not known, and so not those of Python either.
    expect(watched.page.locator("#recommendations .title")).to_have_text(recommended(python, watched.history))


def test_the_keyboard_alone_is_enough(watched: Watched) -> None:
    page, keyboard = watched.page, watched.page.keyboard
    box = page.get_by_role("combobox", name="Search")
    keyboard.press("/")
    expect(box).to_be_focused()
    keyboard.type("cafe")  # without the accent
    options = page.get_by_role("option")
    expect(options).to_have_count(5)
    expect(box).to_have_attribute("aria-expanded", "true")
    second = options.nth(1).locator("span").inner_text()
    keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "match-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")
    expect(page.locator("#history button")).to_have_count(1)
    assert watched.history == [second]
    expect(box).to_be_focused()
    keyboard.type("no such thing")
    expect(page.locator("#no-match")).to_have_text("No title matches “no such thing”.")
    keyboard.press("Escape")
    expect(box).to_have_value("")
    keyboard.type("the")
    keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.locator("#recommendations button").first.focus()
    keyboard.press("Enter")
    expect(page.locator("#history button")).to_have_count(2)
    expect(page.locator("#recommendations button").first).to_be_focused()
    page.locator("#history button").first.focus()
    keyboard.press("Enter")
    expect(page.locator("#history button")).to_have_count(1)
    expect(page.locator("#history button").first).to_be_focused()


def test_it_works_without_a_network(context: Any, watched: Watched) -> None:
    context.set_offline(True)
    try:
        watched.page.reload()
        expect(watched.page.locator("#main")).to_be_visible()
        watched.page.locator("#recommendations button").first.click()
        expect(watched.page.locator("#status")).to_have_text("7 titles after 1 choice")
        expect(watched.page.locator("#self-check")).to_contain_text("answered as in Python")
    finally:
        context.set_offline(False)


def test_a_failure_is_told(browser: Any, address: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.route("**/model.tflite", lambda route: route.fulfill(status=404))
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("model.tflite: the server answers 404", timeout=60_000)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute("**/model.tflite")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#main")).to_be_visible(timeout=60_000)
    context.close()


@pytest.mark.parametrize(("encoder", "variant"), [("cnn", "float16"), ("lstm", "int8"), ("gru", "int4")])
def test_a_browser_runs_loops_and_small_numbers_too(
    vendored: None, browser: Any, serving: Callable[[Path], Any], tmp_path: Path, encoder: str, variant: str
) -> None:
    """Tables of more than 1,024 numbers are quantized, and recurrent encoders have graphs within graphs."""
    made = ["dataset.users=40", "dataset.items=100", "dataset.events_per_user=12", "model.width=16"]
    chosen = [
        f"encoder={encoder}",
        f"export.variants=[{variant}]",
        "export.max_recall_drop=1",
        "exporters=[tflite,web]",
    ]
    spec, registries = recframe.compose([*made, *chosen]), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    folder = Run(spec, registries, data, model, tmp_path).export()
    with serving(folder) as address:
        page = watch(browser.new_page(), address).page
        expect(page.locator("#self-check")).to_have_text("16 of 16 test histories answered as in Python")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_whole(browser: Any, address: str, tmp_path: Path, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, device_scale_factor=2, has_touch=True)
    watched = watch(context.new_page(), address)
    watched.page.get_by_role("button", name="Try an example").tap()
    expect(watched.page.locator("#list-heading")).to_have_text("Recommended next")
    width = watched.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"], "the page is wider than the phone"
    first = watched.page.locator("#recommendations li").first.bounding_box()
    assert first["y"] + first["height"] < PHONE["height"], "no recommendation is in sight"
    for button in watched.page.locator("button:visible").all():
        assert button.bounding_box()["height"] >= 40
    watched.page.screenshot(path=tmp_path / "phone.png")
    background = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", background))) < 80) == (scheme == "dark")
    assert (tmp_path / "phone.png").stat().st_size > 20_000
    assert not watched.complaints
    context.close()
