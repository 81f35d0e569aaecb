from livegan.show.pace import Pace, Rate


def test_slots_stay_on_the_grid_however_late_each_was_shown():
    pace = Pace(0.0, 0.1)
    for late in (0.0, 0.03, 0.0, 0.04):
        pace.advance(pace.due + late)
    assert abs(pace.due - 0.5) < 1e-12


def test_slots_missed_altogether_are_skipped_not_caught_up():
    pace = Pace(0.0, 0.1)
    pace.advance(0.47)
    assert abs(pace.due - 0.5) < 1e-12


def test_locked_slots_follow_the_display():
    pace = Pace(0.0, 0.016, locked=True)
    pace.advance(0.0185)
    assert abs(pace.due - 0.0345) < 1e-12


def judged(rate, pace, slots):
    for late, took in slots:
        pace.divisor = rate.judge(late, took, pace)
    return pace.divisor


def test_steady_overload_halves_the_rate_and_a_hiccup_does_not():
    assert judged(Rate(30), Pace(0, 1 / 30), [(i % 10 == 0, 0.02) for i in range(300)]) == 1
    assert judged(Rate(30), Pace(0, 1 / 30), [(i % 3 == 0, 0.04) for i in range(70)]) == 2


def test_the_rate_comes_back_only_with_room_to_spare():
    rate, pace = Rate(30), Pace(0, 1 / 30)
    assert judged(rate, pace, [(True, 0.05)] * 60) == 2
    assert judged(rate, pace, [(False, 0.03)] * 400) == 2
    assert judged(rate, pace, [(False, 0.02)] * 400) == 1
