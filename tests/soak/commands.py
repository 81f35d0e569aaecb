"""A thousand random sequences of commands on a fake clock.

python -m tests.soak.commands [--sequences 1000]
"""

import argparse
import sys

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
            sys.stdout.write(f"{len(done)} sequences\n")

    play()
    sys.stdout.write(f"{len(done)} sequences, {sum(done)} steps: no exception, undo exact, looks in their box\n")


if __name__ == "__main__":
    main()
