"""The letterbox keeps its promise whatever happens: every letter goes out in order, and none is lost."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livegan.show.letterbox import DEADLY, Letterbox


class Life(RuleBasedStateMachine):
    """A clerk's days: asked, telling, answered, dying of nothing or of one poisonous letter, dropping."""

    def __init__(self) -> None:
        super().__init__()
        self.box = Letterbox()
        self.asked = 0
        self.open: list[int] = []
        self.told: list[int] = []
        self.poison: set[int] = set()

    @rule(poisonous=st.booleans())
    def ask(self, poisonous: bool) -> None:
        self.asked += 1
        self.open.append(self.asked)
        if poisonous and not self.poison:
            self.poison = {self.asked}
        self.box.add(b"", lambda _: None)

    @rule()
    def tell(self) -> None:
        taken = [asked.number for asked in self.box.take()]
        assert taken == self.open[len(self.told) : len(self.told) + len(taken)]
        self.told += taken

    @precondition(lambda self: self.told and self.told[0] not in self.poison)
    @rule(done=st.booleans())
    def answer(self, done: bool) -> None:
        number = self.told[0]
        assert self.box.answered(number, done).number == number
        if done:
            self.told.remove(number)
            self.open.remove(number)

    @precondition(lambda self: self.poison & set(self.told))
    @rule()
    def die_of_poison(self) -> None:
        """Only by it does a child die here, so nothing else may ever be given up."""
        given_up = self.box.put_back(blame=True)
        self.told = []
        if given_up:
            assert given_up.number in self.poison
            assert given_up.deaths == DEADLY
            self.open.remove(given_up.number)
            self.poison = set()

    @rule()
    def be_stopped(self) -> None:
        assert self.box.put_back(blame=False) is None
        self.told = []

    @rule()
    def drop(self) -> None:
        letters, told = self.box.empty()
        assert [asked.number for asked in letters] == self.open
        assert told == bool(self.told)
        self.open, self.told, self.poison = [], [], set()
        assert self.box.answered(self.asked, True) is None

    @invariant()
    def it_counts(self) -> None:
        assert len(self.box) == len(self.open)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
