"""Choosing looks: grids of new ones, neighbours, the last half minute, and those that were kept.

While a look is chosen it is on stage and the mappings are muted. Pictures for the grid are drawn beside the show.
Everything here is called between two ticks.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from livegan.errors import BadRequest
from livegan.latent.look import Look, mix, seeded_z
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.deeds import Deed, Deeds
from livegan.rehearsal.looks import Kept, colour_of, free_name, same
from livegan.show.routes import w_of
from livegan.show.show import Show

TWELVE, NINE = 12, 9
WALKED = 4
"""Looks of the walk that a path goes through."""

PAST = 30.0
"""Seconds of looks that can be taken hold of again."""

_EVERY = 0.1
_SEEDS = 1 << 31


@dataclass
class Choice:
    """A look of the grid, and its picture once it is drawn, uint8 [h, w, 3]."""

    look: Look
    caption: str
    picture: np.ndarray | None = None


class Choosing:
    """The looks that a performer chooses from. kept: those that were kept; save: called when they change."""

    def __init__(
        self,
        show: Show,
        kept: tuple[Kept, ...],
        save: Callable[[], None],
        deeds: Deeds,
        rng: np.random.Generator,
    ) -> None:
        self._show, self._save, self._deeds, self._rng = show, save, deeds, rng
        self._info = show.generator.info
        self._base = show.rest(0.0)
        self.kept = kept
        self.grid: list[Choice] = []
        self.picked: int | None = None
        self.chosen: Look | None = None
        self.distance = 0.35
        self._past: deque[tuple[float, Look]] = deque()
        for one in kept:
            if one.picture is None or one.look.model != self._info.sha256:
                self._sketch(one)

    @property
    def place(self) -> int | None:
        """Where the chosen look is among the kept ones."""
        look = self._present()
        if look is None:
            return None
        taught = self.taught(look, "")
        return next((i for i, one in enumerate(self.kept) if same(one.look, taught)), None)

    def renew(self, redrawn: Callable[[Look], Look]) -> None:
        """Another model draws from now on: redraw what is on stage, the grid and the kept looks.

        redrawn: gives a look as that model draws it. What was on stage can still be grabbed where w has the same shape.
        """
        self._info, self._base = self._show.generator.info, self._show.rest(0.0)
        if self._past and self._past[-1][1].w.shape != self._base.w.shape:
            self._past.clear()
        picked = self.picked
        if self.chosen is not None:
            self._put(redrawn(self.chosen))
        self._lay([Choice(redrawn(choice.look), choice.caption) for choice in self.grid])
        self.picked = picked
        for one in self.kept:
            self._sketch(one)

    def remember(self, moment: float, look: Look) -> None:
        """Note what is on stage, for `grab`."""
        if not self._past or moment - self._past[-1][0] >= _EVERY:
            self._past.append((moment, look))
        while self._past[0][0] < moment - PAST:
            self._past.popleft()

    def fill(self) -> str:
        """A grid of twelve looks from the model's own prior."""
        seeds = [int(seed) for seed in self._rng.integers(0, _SEEDS, TWELVE)]
        z = np.stack([seeded_z(seed, self._info.z_dim) for seed in seeds])
        looks = [
            self._base.with_(w=w, z=one, seed=seed, model=self._info.sha256)
            for w, one, seed in zip(self._w(z), z, seeds, strict=True)
        ]
        self._lay([Choice(look, str(look.seed)) for look in looks])
        return "twelve looks: pick one by its key, or ask for others"

    def near(self, distance: float | None = None) -> str:
        """A grid of the present look and eight around it; distance: 0..1, kept until it is changed."""
        look = self._now()
        self.distance = self.distance if distance is None else distance
        self._lay([Choice(look, "this"), *(Choice(one, "") for one in self._around(look, NINE - 1))])
        return f"neighbours at a distance of {self.distance:.2f}"

    def grab(self, seconds: float | None = None) -> str:
        """The look of so many seconds ago; without a number a grid of the last half minute."""
        if not self._past:
            raise BadRequest("nothing was on stage yet: grab a look once the show plays")
        newest = self._past[-1][0]
        if seconds is not None:
            found = min(self._past, key=lambda one: abs(newest - seconds - one[0]))
            self.show(found[1])
            return f"the look of {newest - found[0]:.1f} s ago"
        places = np.linspace(0, len(self._past) - 1, min(TWELVE, len(self._past))).round().astype(int)
        self._lay([Choice(self._past[i][1], f"{newest - self._past[i][0]:.0f} s ago") for i in places])
        return "the last half minute: pick one by its key"

    def pick(self, number: int) -> str:
        """Show a look of the grid, 1 is the first."""
        if not self.grid:
            raise BadRequest("there is no grid to pick from: ask for one first (grid, near or grab)")
        if not 1 <= number <= len(self.grid):
            raise BadRequest(f"pick takes 1 to {len(self.grid)} here, found {number}")
        self.show(self.grid[number - 1].look)
        self.picked = number - 1
        return f"look {number} is on stage: keep it or teach it"

    def seed(self, number: int) -> str:
        """Show the look of a seed."""
        z = seeded_z(number, self._info.z_dim)
        self.show(self._base.with_(w=self._w(z[None])[0], z=z, seed=number, model=self._info.sha256))
        return f"the look of seed {number} is on stage: keep it or teach it"

    def keep(self, name: str | None = None) -> Kept:
        """Keep the present look. Raises BadRequest when the name is taken, or it is kept already."""
        look = self._now()
        taken = {one.name for one in self.kept}
        if name in taken:
            raise BadRequest(f'there is already a look "{name}": choose another name')
        if (place := self.place) is not None:
            raise BadRequest(f'this look is kept already, as "{self.kept[place].name}"')
        kept = Kept(self.taught(look, name or free_name(f"look {len(self.kept) + 1}", taken)))
        self.change((*self.kept, kept), f'keeping "{kept.name}"')
        self._sketch(kept)
        return kept

    def rename(self, name: str) -> str:
        """Give the chosen kept look another name."""
        place = self._kept_place()
        before = self.kept[place]
        if name in {one.name for one in self.kept} - {before.name}:
            raise BadRequest(f'there is already a look "{name}": choose another name')
        self._replace(place, replace(before, look=replace(before.look, name=name)), f'naming "{name}"')
        return f'"{before.name}" is now called "{name}"'

    def forget(self) -> str:
        """Keep the chosen kept look no longer; what was taught with it stays."""
        gone = self.kept[self._kept_place()]
        self.change(tuple(one for one in self.kept if one is not gone), f'forgetting "{gone.name}"')
        return f'"{gone.name}" is no longer kept'

    def step(self, way: int) -> str:
        """The next kept look (1), or the one before (-1)."""
        if not self.kept:
            raise BadRequest("no look is kept yet: choose one and keep it")
        place = self.place
        start = (-1 if way > 0 else 0) if place is None else place
        return self.show_kept(self.kept[(start + way) % len(self.kept)])

    def named(self, name: str) -> Kept:
        """The kept look of this name, or number (1 is the first). Raises BadRequest."""
        found = {one.name: one for one in self.kept}
        if name not in found and name.isdecimal() and 1 <= int(name) <= len(self.kept):
            return self.kept[int(name) - 1]
        if name not in found:
            there = ", ".join(list(found)[:6]) or "none"
            raise BadRequest(f'no look "{name}" is kept; there are {there}')
        return found[name]

    def to_follow(self, seed: int) -> list[Kept]:
        """The kept looks; those of the walk that begins at `seed` where fewer than two are kept."""
        if len(self.kept) >= 2:
            return list(self.kept)
        psi, model = float(self._base.psi), self._info.sha256
        looks = [TaughtLook(f"walk {n + 1}", seed=seed + n, psi=psi, model=model) for n in range(WALKED)]
        return [Kept(look) for look in looks]

    def show_kept(self, kept: Kept) -> str:
        """Put a kept look on stage."""
        self.show(self.drawn(kept))
        return f'"{kept.name}" is on stage'

    def drawn(self, kept: Kept) -> Look:
        """A kept look in the present model. Raises BadRequest when that cannot draw it."""
        look = kept.look
        w = w_of(look, self._show.generator)
        return self._base.with_(w=w, psi=look.psi, z=look.z, seed=look.seed, model=self._info.sha256)

    def show(self, look: Look) -> None:
        """Put a look on stage and mute the mappings."""
        self._put(look)
        self._show.steering.freeze(False)

    def _put(self, look: Look) -> None:
        self.picked, self.chosen = None, look
        self._show.steering.choose(lambda moment: look)

    def stop(self) -> None:
        """Let the mappings play again."""
        self.grid, self.picked, self.chosen = [], None, None
        self._show.sketches.forget()
        self._show.steering.choose(None)

    def present(self) -> Kept | None:
        """The chosen or frozen look, kept if it was not; None when neither is there."""
        if self._present() is None:
            return None
        place = self.place
        return self.keep() if place is None else self.kept[place]

    def taught(self, look: Look, name: str) -> TaughtLook:
        """A look as examples refer to it: by seed or z with its w in this model, else by w alone."""
        z = None if look.z is None else np.asarray(look.z, np.float32)
        return TaughtLook(name, look.seed, z, np.asarray(look.w, np.float32), float(look.psi), self._info.sha256)

    def change(self, kept: tuple[Kept, ...], told: str) -> None:
        """Change the kept looks, undoable."""
        before = self.kept

        def put(these: tuple[Kept, ...]) -> None:
            self.kept = tuple(self._latest(one) for one in these)
            self._save()

        self._deeds.did(Deed(told, lambda: put(before), lambda: put(kept)))
        put(kept)

    def _latest(self, kept: Kept) -> Kept:
        """With the picture that was drawn since."""
        drawn = (one for one in self.kept if same(one.look, kept.look) and one.picture is not None)
        newest = next(drawn, kept)
        return replace(kept, picture=newest.picture, colour=newest.colour)

    def _replace(self, place: int, kept: Kept, told: str) -> None:
        self.change((*self.kept[:place], kept, *self.kept[place + 1 :]), told)

    def _kept_place(self) -> int:
        if (place := self.place) is None:
            raise BadRequest("none of the kept looks is on stage: choose one with next, previous or look")
        return place

    def _present(self) -> Look | None:
        return self.chosen or self._show.steering.frozen

    def _now(self) -> Look:
        """The chosen or frozen look, else what is on stage."""
        look = self._present() or self._show.steering.look
        if look is None:
            raise BadRequest("nothing was on stage yet: choose a look once the show plays")
        if self._present() is None:
            self.show(look)
        return look

    def _around(self, look: Look, count: int) -> list[Look]:
        """Looks around one, each as far from it in its own direction."""
        noise = self._rng.standard_normal((count, self._info.z_dim)).astype(np.float32)
        if look.z is None:
            towards = [look.with_(w=w, z=None, seed=None) for w in self._w(noise)]
            return [mix(look, other, 0.6 * self.distance) for other in towards]
        # On the sphere: what is drawn stays as likely for the model as the look itself.
        near = np.float32(np.cos(self.distance * np.pi / 2)) * look.z
        z = near + np.float32(np.sin(self.distance * np.pi / 2)) * noise
        return [look.with_(w=w, z=one, seed=None) for w, one in zip(self._w(z), z, strict=True)]

    def _w(self, z: np.ndarray) -> np.ndarray:
        return self._show.generator.w(z)

    def _lay(self, grid: list[Choice]) -> None:
        self.grid, self.picked = grid, None
        self._show.sketches.forget()
        for choice in grid:
            self._show.sketches.ask(choice.look, lambda drawn, choice=choice: setattr(choice, "picture", drawn))
        if self.chosen is None and self._show.steering.look is not None:
            self.show(self._show.steering.look)

    def _sketch(self, kept: Kept) -> None:
        try:
            look = self.drawn(kept)
        except BadRequest:
            return

        def hear(picture: np.ndarray) -> None:
            drawn = {"picture": picture, "colour": colour_of(picture)}
            self.kept = tuple(replace(k, **drawn) if same(k.look, kept.look) else k for k in self.kept)
            self._save()

        self._show.sketches.ask(look, hear)
