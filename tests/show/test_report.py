from livegan.show.report import KEPT, Meters, numbers, recent, report

COST = numbers()
COST.extend([0.08] * 10)
GENERATOR = {"model": "pattern", "device": "cpu", "size": [64, 64]}


def found(meters: Meters, **inputs: dict) -> dict:
    latency, sends = {"declared": 0.12, "needed": 0.09}, {"light": {"sent": 9, "dropped": 1}}
    return report(meters, latency, inputs, GENERATOR, {"dance": (0.12, COST)}, sends)


def test_a_report_tells_times_in_milliseconds():
    meters = Meters(frames=300, distinct=290, late=3, held=2, started=10.0, ended=20.0)
    meters.intervals.extend([0.030] * 99 + [0.1])
    meters.latency.extend([0.12] * 50)
    meters.generator.extend([0.01, 0.02])
    told = found(meters)
    assert (told["frames"], told["distinct"], told["late"], told["held"]) == (300, 290, 3, 2)
    assert (told["fps"], told["seconds"]) == (30.0, 10.0)
    assert told["interval_ms"]["p50"] == 30.0
    assert told["interval_ms"]["max"] == 100.0
    assert 30.0 < told["interval_ms"]["p99"] < 100.0
    assert told["latency_ms"] == {"declared": 120.0, "needed": 90.0, "p50": 120.0, "p99": 120.0}
    assert told["generator_ms"]["p50"] == 15.0
    assert told["generator"] == GENERATOR
    assert told["sends"] == {"light": {"sent": 9, "dropped": 1}}
    assert told["smoothing_ms"] == {"dance": {"asked": 120.0, "p50": 80.0, "p99": 80.0}}


def test_what_was_not_measured_is_null():
    told = found(Meters(), body={"state": "silent"})
    assert told["fps"] == 0.0
    assert told["interval_ms"] == {"p50": None, "p99": None, "max": None}
    assert told["latency_ms"]["p50"] is None
    assert told["inputs"]["body"] == {"state": "silent", "age_ms_p50": None}


def test_every_input_has_its_state_and_age():
    ages = numbers()
    ages.extend([0.010, 0.020, 0.030])
    told = found(Meters(ages={"body": ages}), body={"state": "live", "frames": 3, "dropped": 1, "restarts": 0})
    assert told["inputs"]["body"] == {"state": "live", "frames": 3, "dropped": 1, "restarts": 0, "age_ms_p50": 20.0}


def test_a_show_of_weeks_keeps_the_newest_numbers():
    many = numbers()
    many.extend(float(n) for n in range(KEPT + 10))
    assert len(many) == KEPT
    assert recent(many, 3) == [KEPT + 9.0, KEPT + 8.0, KEPT + 7.0]
    assert recent(numbers()) == []
