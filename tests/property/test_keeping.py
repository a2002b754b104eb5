"""Whatever happened in a workspace, and whatever happens while it is collected: what somebody needs stays whole."""

from __future__ import annotations

import pathlib
import tempfile

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.keeping import World, days_before_now

from azud.core.errors import NotFoundError, StorageError
from azud.engine.retention import RetentionPolicy

SIZES = (0, 1, 10, 100)
POLICIES = st.builds(
    RetentionPolicy,
    keep_runs_days=st.sampled_from([None, 0.0, 3.5, 1000.0]),
    keep_runs_newest=st.integers(0, 2),
    reuse_keep_days=st.sampled_from([None, 0.0, 3.5]),
    reuse_keep_bytes=st.sampled_from([None, 0, 11, 120]),
    compact_events_days=st.sampled_from([None, 0.0, 3.0]),
)
# An example is a database of its own: to shrink a failing one takes minutes, and its draws are printed anyway.
SLOW = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Historian:
    """Draws what happens in a world and remembers what it has to remember."""

    def __init__(self, world: World, data: st.DataObject) -> None:
        self.world, self.draw = world, data.draw
        self.pinned: set[str] = set()
        self.registered: dict[str, str] = {}
        self.reads: dict[str, str] = {}
        self.keys = 0

    def makers(self) -> list[str]:
        """Step runs that made something that is still there."""
        return [step for step in sorted(self.world.content) if self.world.exists(step)]

    def run(self) -> str:
        """A run of one to three steps, each made, reused or failed; perhaps it is still active."""
        draw, world = self.draw, self.world
        makers = self.makers()
        reads = draw(st.sampled_from(makers)) if makers and draw(st.booleans()) else None
        sources = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
        run = world.submit(draw(st.sampled_from(["e", "f"])), sources, reads)
        if reads:
            self.reads[run] = reads
        for index in range(len(sources)):
            what = draw(st.sampled_from(["make", "make", "reuse", "fail", "open"]))
            entries = [entry for entry in world.store.lookup(sorted(world.entries())).values() if entry.run_id != run]
            if what == "reuse" and entries:
                world.reuse(run, index, draw(st.sampled_from(entries)))
            elif what in ("make", "reuse"):
                self.keys += 1
                world.complete_step(run, index, f"k{self.keys}", draw(st.sampled_from(SIZES)))
                world.last_used(f"k{self.keys}", draw(st.integers(0, 6)))
            elif what == "fail":
                world.fail_step(run, index)
        if draw(st.integers(0, 4)):
            world.end(run, draw(st.integers(0, 6)))
        return run

    def pin(self) -> None:
        present = [name for run, steps in self.world.runs.items() for name in (run, *steps) if self.world.exists(name)]
        if present:
            name = self.draw(st.sampled_from(present))
            on = self.draw(st.booleans())
            self.world.pin(name, on=on)
            (self.pinned.add if on else self.pinned.discard)(name)

    def register(self) -> None:
        makers = self.makers()
        name = self.draw(st.sampled_from(["d1", "d2"]))
        if name in self.registered:
            self.world.forget_dataset(name)
            del self.registered[name]
        elif makers:
            step = self.draw(st.sampled_from(makers))
            forms = [
                ("workspaceblobstore", f"azureml/{step}/out"),
                ("workspaceblobstore", f"azureml/{step[:9]}*/**"),
                ("alias", f"{step}/out"),
                ("workspaceblobstore", f"ExperimentRun/dcid.{step}"),
            ]
            self.world.register(name, *self.draw(st.sampled_from(forms)))
            self.registered[name] = step

    def history(self) -> None:
        for _ in range(self.draw(st.integers(1, 7))):
            self.draw(st.sampled_from([self.run, self.run, self.run, self.pin, self.register]))()
        if self.draw(st.booleans()):
            self.world.make_blobs_old()

    # -- what must stay, said in other words than the code under test -----------------------------

    def kept_runs(self, policy: RetentionPolicy) -> set[str]:
        world = self.world
        records = [world.catalog.run(run) for run in world.runs if world.exists(run)]
        kept = {record.id for record in records if record.id in world.active or record.id in self.pinned}
        for experiment in ("e", "f"):
            own = [record for record in records if record.experiment == experiment]
            own.sort(key=lambda record: (record.created_at, record.id))
            kept |= {record.id for record in own[len(own) - policy.keep_runs_newest :]}
        for record in records:
            if policy.keep_runs_days is None or (
                record.ended_at and record.ended_at >= days_before_now(policy.keep_runs_days)
            ):
                kept.add(record.id)
        return kept

    def strongly_held_steps(self, kept: set[str]) -> set[str]:
        steps = {step for run in kept for step in self.world.runs[run]}
        steps |= {name for name in self.pinned if name not in self.world.runs}
        steps |= set(self.registered.values()) | {self.reads[run] for run in kept if run in self.reads}
        steps = {step for step in steps if self.world.exists(step)}
        return steps | {source for step in steps if (source := self.world.catalog.run(step).reused_from)}


def in_a_world(policies):
    """Run a check in worlds of its own, with their historians."""

    def decorate(check):
        @SLOW
        @given(data=st.data(), policy=policies)
        def test(data, policy):
            with tempfile.TemporaryDirectory() as folder:
                world = World(pathlib.Path(folder))
                try:
                    check(world, Historian(world, data), policy)
                finally:
                    world.close()

        return test

    return decorate


@in_a_world(POLICIES)
def test_what_is_reached_stays_whole_and_the_rest_is_gone(world, historian, policy):
    historian.history()
    kept = historian.kept_runs(policy)
    strong = historian.strongly_held_steps(kept)
    entries = world.entries()
    previewed = world.collector(policy).preview(listed=True)
    done = world.collect(policy)
    assert done == previewed

    for run in kept:
        world.check_run(run)
    for step in strong:
        world.check_step(step)
    world.check_strangers()
    world.check_nothing_dangles()

    left = world.entries()
    weak = {key: used for key, used in left.items() if used[0] not in strong}
    if policy.reuse_keep_days is not None:
        assert all(used >= days_before_now(policy.reuse_keep_days) for _, used in weak.values())
    size = sum(len(world.content[step]) for step, _ in weak.values())
    assert policy.reuse_keep_bytes is None or size <= policy.reuse_keep_bytes
    for key, (step, used) in entries.items():
        fits = policy.reuse_keep_bytes is None and (
            policy.reuse_keep_days is None or used > days_before_now(policy.reuse_keep_days)
        )
        assert key in left or not (step in strong or fits), "an entry within its bounds went"
    found = world.store.lookup(sorted(left))
    for key, (step, _) in left.items():
        assert found[key].outputs
        world.check_step(step)

    held = strong | {step for step, _ in left.values()}
    for run, steps in world.runs.items():
        assert world.exists(run) == (run in kept)
        for step in steps:
            assert world.exists(step) == (step in held)
            assert (world.data / "azureml" / step).exists() == (step in held and step in world.content)
    assert world.collect(policy).totals == ()


class Interfered:
    """A store before whose every write something else may happen."""

    def __init__(self, store, interfere) -> None:
        self._store, self._interfere = store, interfere

    def __getattr__(self, name):
        method = getattr(self._store, name)

        def called(*arguments):
            if name != "facts":
                self._interfere()
            return method(*arguments)

        return called


STRICT = st.builds(
    RetentionPolicy,
    keep_runs_days=st.just(0.0),
    keep_runs_newest=st.just(0),
    reuse_keep_days=st.sampled_from([None, 0.0]),
    reuse_keep_bytes=st.sampled_from([None, 0]),
)
"""Most of what is there may go, so that what happens meanwhile meets it."""


@in_a_world(STRICT)
def test_what_happens_meanwhile_finds_what_it_needs_or_is_told(world, historian, policy):
    historian.history()
    draw = historian.draw
    stale = sorted(world.store.lookup(sorted(world.entries())).values(), key=lambda entry: entry.key)
    ids_before = set(world.runs)

    def interfere() -> None:
        what = draw(st.sampled_from(["nothing", "hit", "hit", "pin", "pin step", "register", "read"]))
        if what == "hit" and stale:
            run = world.submit("e", ["c"])
            try:
                world.reuse(run, 0, draw(st.sampled_from(stale)))
            except StorageError as error:
                assert error.retryable
        elif what in ("pin", "pin step"):
            names = [run for run in sorted(ids_before)] if what == "pin" else sorted(world.content)
            if names:
                name = draw(st.sampled_from(names))
                try:
                    world.pin(name)
                    historian.pinned.add(name)
                except NotFoundError:
                    assert not world.exists(name)
        elif what == "register":
            historian.register()
        elif what == "read" and historian.makers():
            reads = draw(st.sampled_from(historian.makers()))
            historian.reads[world.submit("f", ["b"], reads)] = reads

    before = historian.kept_runs(policy)
    world.collect(policy, Interfered(world.retention, interfere))
    after = {run for run in world.runs if run not in ids_before or run in before} | (historian.pinned & set(world.runs))
    for run in after:
        world.check_run(run)
    for step in historian.strongly_held_steps(after):
        world.check_step(step)
    world.check_strangers()
    world.check_nothing_dangles()
    world.collect(policy)
    world.check_nothing_dangles()
    assert world.collect(policy).totals == ()
