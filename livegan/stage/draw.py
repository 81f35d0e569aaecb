"""What every stage on OpenGL draws with: a scene, on the whole of a framebuffer, in one triangle.

Must never allocate on the graphics card while the sizes of picture and overlay stay the same, and must never
change a colour: bytes pass through as they are, without any sRGB conversion.
"""

import ctypes
from collections.abc import Callable, Iterator

import moderngl
import numpy as np

from livegan.stage.base import Fit, Mask, Scene

_VERTEX = """
#version 330 core
out vec2 place;  // 0..1, from the top left of the stage
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
    place = vec2(0.5 + 0.5 * corner.x, 0.5 - 0.5 * corner.y);
    gl_Position = vec4(corner, 0.0, 1.0);
}
"""

_FRAGMENT = """
#version 330 core
uniform sampler2D picture;
uniform sampler2D before;
uniform sampler2D overlay;
uniform vec2 scale;
uniform vec2 scale_before;
uniform float share;
uniform float light;
uniform bool mirrored;
uniform bool overlaid;
in vec2 place;
out vec4 colour;
vec3 fitted(sampler2D one, vec2 scale) {
    vec2 at = (place - 0.5) * scale + 0.5;
    if (mirrored) at = 1.0 - abs(1.0 - mod(at, 2.0));
    return at == clamp(at, 0.0, 1.0) ? textureLod(one, at, 0.0).rgb : vec3(0.0);
}
#ifdef MASKED
uniform sampler2D mask;
uniform vec2 scale_mask;
uniform float masked;
uniform bool outside;
float kept() {
    vec2 at = (place - 0.5) * scale_mask + 0.5;
    float there = at == clamp(at, 0.0, 1.0) ? textureLod(mask, at, 0.0).r : 0.0;
    return mix(1.0, outside ? 1.0 - there : there, masked);
}
#endif
void main() {
    vec3 shown = fitted(picture, scale);
    if (share < 1.0) shown = mix(fitted(before, scale_before), shown, share);
#ifdef MASKED
    shown *= kept();
#endif
    shown *= light;
    if (overlaid) {
        vec4 over = textureLod(overlay, place, 0.0);
        shown = mix(shown, over.rgb, over.a);
    }
    colour = vec4(shown, 1.0);
}
"""


def scale(picture: tuple[int, int], stage: tuple[int, int], fit: Fit) -> tuple[float, float]:
    """How much of the picture's width and height the stage spans: above 1 leaves bars, below 1 crops.

    picture, stage: (width, height) in pixels.
    """
    across, down = stage[0] / picture[0], stage[1] / picture[1]
    zoom = max(across, down) if fit == "cover" else min(across, down)
    return across / zoom, down / zoom


def _inside(spans: tuple[float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The pixels (x, y, width, height) that hold the picture: a software renderer pays for black bars too."""
    left, top = (int(length * (1.0 - 1.0 / span) / 2.0) for length, span in zip(size, spans, strict=True))
    return left, top, size[0] - 2 * left, size[1] - 2 * top


def finisher(load: Callable[[str], int]) -> Callable[[], None]:
    """A function that returns when the current context has drawn everything.

    load: gives the address of an OpenGL function. Called through ctypes, which lets the other threads of this
    process run meanwhile; `moderngl.Context.finish` would stop them for as long as it waits.
    """
    return ctypes.CFUNCTYPE(None)(load("glFinish"))


class _Streamed:
    """A texture of one size, filled through two pixel buffers in turn: no upload waits for a drawing.

    shape: (height, width, channels).
    """

    def __init__(self, context: moderngl.Context, shape: tuple[int, int, int]) -> None:
        height, width, channels = self.shape = shape
        self.texture = context.texture((width, height), channels, alignment=1)
        self.texture.repeat_x = self.texture.repeat_y = False
        self._buffers = [context.buffer(reserve=height * width * channels, dynamic=True) for _ in range(2)]

    def write(self, picture: np.ndarray) -> None:
        buffer = self._buffers[0]
        self._buffers.reverse()
        buffer.orphan()
        buffer.write(np.ascontiguousarray(picture))
        self.texture.write(buffer, alignment=1)

    def release(self) -> None:
        for held in (self.texture, *self._buffers):
            held.release()


class _Shader:
    """Both shaders, compiled; those for masks are others, since a software renderer pays for what is not asked for."""

    def __init__(self, context: moderngl.Context, fit: Fit, masked: bool) -> None:
        version, _, rest = _FRAGMENT.lstrip().partition("\n")
        fragment = f"{version}\n#define MASKED\n{rest}" if masked else _FRAGMENT
        self._program = context.program(vertex_shader=_VERTEX, fragment_shader=fragment)
        self._triangle = context.vertex_array(self._program, [])
        units = {"picture": 0, "overlay": 1, "before": 2} | ({"mask": 3} if masked else {})
        self._set({**units, "mirrored": fit == "mirror"})

    def draw(self, uniforms: dict[str, object]) -> None:
        self._set(uniforms)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        self._triangle.release()
        self._program.release()

    def _set(self, uniforms: dict[str, object]) -> None:
        for name, value in uniforms.items():
            self._program[name].value = value


class Canvas:
    """Draws scenes with one OpenGL context, which must be current at every call; released by `release`.

    allocations: how many textures were made so far; constant while sizes are.
    uploads: how many overlays were sent to the graphics card so far.
    """

    def __init__(self, context: moderngl.Context, fit: Fit) -> None:
        self.allocations = 0
        self.uploads = 0
        self._context = context
        self._fit: Fit = fit
        self._plain, self._masking = (_Shader(context, fit, masked) for masked in (False, True))
        self._light = 1.0
        self._picture: _Streamed | None = None
        self._before: _Streamed | None = None
        self._went: np.ndarray | None = None
        self._share = 1.0
        self._where: _Streamed | None = None
        self._mask: Mask | None = None
        self._overlay: moderngl.Texture | None = None
        self._overlaid: np.ndarray | None = None

    def load(self, scene: Scene) -> None:
        """Send the picture of `scene`, and whatever else of it is another one than before."""
        self._picture = self._sent(scene.picture, self._picture)
        if scene.before is not None and scene.before is not self._went:
            self._before = self._sent(scene.before, self._before)
        self._went = scene.before
        self._share = 1.0 if scene.before is None else min(max(scene.share, 0.0), 1.0)
        if scene.mask is not None and (self._mask is None or scene.mask.where is not self._mask.where):
            self._where = self._sent(scene.mask.where, self._where)
        self._mask = scene.mask
        if scene.overlay is not self._overlaid:
            self._load_overlay(scene.overlay)
        self._light = min(max(scene.light, 0.0), 1.0)

    def paint(self, target: moderngl.Framebuffer, size: tuple[int, int]) -> None:
        """Draw what was loaded last over all of `target`, of `size` (width, height); black if nothing was."""
        target.use()
        self._context.scissor = None
        self._context.viewport = (0, 0, *size)
        self._context.clear()
        if self._picture is None:
            return
        spans = scale(self._picture.texture.size, size, self._fit)
        uniforms = {"scale": spans, "share": self._share, "light": self._light}
        uniforms["overlaid"] = self._overlaid is not None
        self._picture.texture.use(0)
        if self._share < 1.0:
            uniforms["scale_before"] = scale(self._before.texture.size, size, self._fit)
            self._before.texture.use(2)
        if self._mask is not None:
            uniforms |= self._mask_uniforms(size)
            self._where.texture.use(3)
        if self._overlaid is not None:
            self._overlay.use(1)
        elif self._fit == "contain" and self._share == 1.0:
            self._context.scissor = _inside(spans, size)
        (self._plain if self._mask is None else self._masking).draw(uniforms)
        self._context.scissor = None

    def read(self, size: tuple[int, int]) -> np.ndarray:
        """What was loaded last, drawn at `size` (width, height): uint8 [height, width, 3] RGB, top row first.

        It is drawn again, into a framebuffer of its own: reading a window's is undefined after a swap, and
        keeping a copy of each picture would cost every picture.
        """
        target = self._context.simple_framebuffer(size)
        try:
            self.paint(target, size)
            return pixels(target)
        finally:
            for held in (*_attachments(target), target):
                held.release()

    def release(self) -> None:
        """Give everything on the graphics card back."""
        for held in (self._picture, self._before, self._where, self._overlay, self._plain, self._masking):
            if held is not None:
                held.release()
        self._picture = self._before = self._went = self._overlay = self._overlaid = self._where = self._mask = None

    def _sent(self, picture: np.ndarray, into: _Streamed | None) -> _Streamed:
        """The texture that has this picture now: the one it had, or of another size a new one."""
        if into is None or into.shape != picture.shape:
            if into is not None:
                into.release()
            into = _Streamed(self._context, picture.shape)
            self.allocations += 1
        into.write(picture)
        return into

    def _mask_uniforms(self, size: tuple[int, int]) -> dict[str, object]:
        fit = "cover" if self._fit == "cover" else "contain"  # a mirrored body would be a second one
        share = min(max(self._mask.share, 0.0), 1.0)
        spans = scale(self._where.texture.size, size, fit)
        return {"scale_mask": spans, "masked": share, "outside": self._mask.outside}

    def _load_overlay(self, overlay: np.ndarray | None) -> None:
        # Kept, not only its id: a new array may get the address of one that is gone.
        self._overlaid = overlay
        if overlay is None:
            return
        size = (overlay.shape[1], overlay.shape[0])
        if self._overlay is None or self._overlay.size != size:
            self._renew_overlay(size)
        self._overlay.write(np.ascontiguousarray(overlay), alignment=1)
        self.uploads += 1

    def _renew_overlay(self, size: tuple[int, int]) -> None:
        if self._overlay is not None:
            self._overlay.release()
        self._overlay = self._context.texture(size, 4, alignment=1)
        self._overlay.repeat_x = self._overlay.repeat_y = False
        self.allocations += 1


def pixels(target: moderngl.Framebuffer) -> np.ndarray:
    """The colours of a framebuffer, uint8 [height, width, 3] RGB, top row first."""
    data = np.frombuffer(target.read(components=3, alignment=1), np.uint8)
    return data.reshape(target.height, target.width, 3)[::-1].copy()


def _attachments(target: moderngl.Framebuffer) -> Iterator[moderngl.Renderbuffer]:
    yield from target.color_attachments
    if target.depth_attachment is not None:
        yield target.depth_attachment
