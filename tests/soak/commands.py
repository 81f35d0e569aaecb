"""A thousand random sequences of commands on a fake clock.

python -m tests.soak.commands [--sequences 1000]
"""

import argparse

from hypothesis import HealthCheck, given, settings

from tests.rehearsal.test_sequences import STEPS, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    wanted, done = parser.parse_args().sequences, []

    @settings(max_examples=wanted, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def play(steps: list[tuple]) -> None:
        run(steps)
        done.append(len(steps))
        if len(done) % 100 == 0:
            print(f"{len(done)} sequences")

    play()
    print(f"{len(done)} sequences, {sum(done)} steps: no exception, undo exact, looks finite and in their box")


if __name__ == "__main__":
    main()
