"""The plan of a collection over any graph, without a database."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from azud.core.clock import from_text
from azud.engine.retention import (
    AttemptFacts,
    EntryFacts,
    Facts,
    RetentionPolicy,
    RunFacts,
    StepFacts,
    plan_collection,
)

NOW = "2026-01-31T00:00:00.000000Z"
DAYS = st.integers(1, 30).map(lambda day: f"2026-01-{day:02d}T00:00:00.000000Z")
POLICIES = st.builds(
    RetentionPolicy,
    st.sampled_from([None, 0.0, 10.0, 1e12]),
    st.integers(0, 3),
    st.sampled_from([None, 0.0, 10.0]),
    st.sampled_from([None, 0, 5, 20]),
)


@st.composite
def graphs(draw):
    """Runs of steps that reuse others, read others, are named by entries, pinned or registered."""
    runs = [f"r{index}" for index in range(draw(st.integers(0, 5)))]
    steps = [f"s{index}" for index in range(draw(st.integers(0, 8)))]
    known = st.sampled_from([*runs, *steps, "unknown"])
    blobs = ["b0", "b1", "b2"]
    snapshots = {f"n{index}": draw(st.frozensets(st.sampled_from(blobs))) for index in range(3)}
    attempts = [f"{step}-{number}" for step in [*steps, "gone"] for number in (1, 2)]
    return Facts(
        now=NOW,
        runs=tuple(
            RunFacts(
                run,
                draw(st.sampled_from("ef")),
                draw(DAYS),
                draw(DAYS),
                active=draw(st.booleans()),
                pinned=not draw(st.integers(0, 4)),
                definition=draw(st.sampled_from(["d0", "d1"])),
                points_to=draw(st.frozensets(known, max_size=2)),
            )
            for run in runs
        ),
        steps=tuple(
            StepFacts(
                step,
                draw(st.sampled_from([*runs, "no run"])),
                draw(st.none() | st.sampled_from([*steps, "unknown"])),
                draw(st.sampled_from([*snapshots, None])),
                draw(st.sampled_from([None, f"{step}-1", f"{step}-2"])),
                pinned=not draw(st.integers(0, 4)),
                keys=draw(st.frozensets(st.sampled_from(["k0", "k1"]))),
                size_bytes=draw(st.integers(0, 9)),
            )
            for step in steps
        ),
        entries=tuple(
            EntryFacts(f"k{index}", draw(st.sampled_from([*steps, "unknown"])), draw(DAYS))
            for index in range(draw(st.integers(0, 6)))
        ),
        attempts=tuple(AttemptFacts(name, draw(st.booleans())) for name in attempts if draw(st.booleans())),
        registered=draw(st.frozensets(known, max_size=2)),
        snapshots=snapshots,
        blobs=frozenset(blobs),
        young_blobs=draw(st.frozensets(st.sampled_from(blobs))),
        definitions=frozenset(["d0", "d1", "d2"]),
        preimages=frozenset(["k0", "k1", "k9"]),
        left=draw(st.frozensets(st.sampled_from(["l0", "unknown"]))),
    )


def after(facts, goes):
    """Return the facts when the collection has been done."""
    return dataclasses.replace(
        facts,
        runs=tuple(run for run in facts.runs if run.id not in goes.runs),
        steps=tuple(step for step in facts.steps if step.id not in goes.steps),
        entries=tuple(entry for entry in facts.entries if entry not in goes.entries),
        attempts=tuple(attempt for attempt in facts.attempts if attempt.id not in goes.attempts),
        snapshots={digest: blobs for digest, blobs in facts.snapshots.items() if digest not in goes.snapshots},
        blobs=facts.blobs.difference(goes.blobs),
        definitions=facts.definitions.difference(goes.definitions),
        preimages=facts.preimages.difference(goes.preimages),
        left=facts.left.difference(goes.left),
    )


@given(graphs(), POLICIES)
def test_what_stays_refers_to_nothing_that_goes(facts, policy):
    goes = plan_collection(facts, policy)
    rest = after(facts, goes)
    for run in rest.runs:
        assert run.definition not in goes.definitions
        assert not run.points_to & {*goes.runs, *goes.steps, *goes.left}
        assert not {step.id for step in facts.steps if step.run_id == run.id} & set(goes.steps)
    for step in rest.steps:
        assert step.reused_from not in goes.steps
        assert step.snapshot not in goes.snapshots
        assert not step.keys & set(goes.preimages)
    for entry in rest.entries:
        assert entry.step_run_id in {step.id for step in rest.steps}
        assert entry.key not in goes.preimages
    for blobs in rest.snapshots.values():
        assert not blobs & set(goes.blobs)
    assert not facts.registered & {*goes.runs, *goes.steps, *goes.left}
    assert not facts.young_blobs & set(goes.blobs)


@given(graphs(), POLICIES)
def test_runs_that_are_active_pinned_new_or_young_stay(facts, policy):
    gone = set(plan_collection(facts, policy).runs)
    for run in facts.runs:
        age_days = (from_text(NOW) - from_text(run.ended_at)).days
        newer = [o for o in facts.runs if o.experiment == run.experiment and o.created_at > run.created_at]
        ties = [o for o in facts.runs if o.experiment == run.experiment and o.created_at == run.created_at]
        young = policy.keep_runs_days is None or age_days <= policy.keep_runs_days
        if run.active or run.pinned or young or len(newer) + len(ties) <= policy.keep_runs_newest:
            assert run.id not in gone
    if policy.keep_runs_days == 0 and not policy.keep_runs_newest and not facts.registered:
        held = {name for run in facts.runs if run.id not in gone for name in run.points_to}
        assert all(run.active or run.pinned or run.id in held for run in facts.runs if run.id not in gone)


@given(graphs(), POLICIES)
def test_a_second_collection_finds_nothing(facts, policy):
    rest = after(facts, plan_collection(facts, policy))
    again = plan_collection(rest, policy)
    assert dataclasses.asdict(again) == dict.fromkeys(dataclasses.asdict(again), ())


@given(graphs(), POLICIES)
def test_attempts_of_active_runs_stay_and_so_does_the_last_word_of_a_failed_step(facts, policy):
    goes = plan_collection(facts, policy)
    runs = {run.id: run for run in facts.runs if run.id not in goes.runs}
    steps = {step.id: step for step in facts.steps}
    for attempt in facts.attempts:
        step = steps.get(attempt.step_run_id)
        run = runs.get(step.run_id) if step else None
        stays = run is not None and (run.active or (step.attempt == attempt.id and not attempt.completed))
        assert (attempt.id not in goes.attempts) == stays


def test_those_used_longest_ago_go_first_and_results_of_kept_runs_do_not_count():
    steps = tuple(StepFacts(f"s{index}", "kept" if index == 0 else "gone", size_bytes=10) for index in range(4))
    entries = tuple(EntryFacts(f"k{index}", f"s{index}", f"2026-01-{index + 1:02d}") for index in range(4))
    facts = Facts(NOW, runs=(RunFacts("kept", "e", NOW, active=True),), steps=steps, entries=entries)
    goes = plan_collection(facts, RetentionPolicy(reuse_keep_bytes=25))
    assert [entry.key for entry in goes.entries] == ["k1"]
    assert goes.steps == ("s1",)
