"""The same renditions by moviepy alone, frame by frame in Python: what ours are compared with.

Nothing at run time uses it. It is slow and plain; where its frames and ours agree, our graph does what
it says, and the bench measures how much less ours costs. It runs as a program of its own,
``python -m bot.media.reference SOURCE TARGET PLAN CENTRE`` with JSON for the last two: moviepy 2.2.1 leaves
pipes open (its issue 2491), and memory that it took returns with the process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.demands import Fill, Plan, Step
from bot.domain.framing import Size
from bot.media.graph import CRF, PRESET, SMALL, inside, same_shape, window

if TYPE_CHECKING:
    import numpy as np

BLUR = 5
"""Pixels, at an eighth of the size; as in the graph."""


def render(source: Path, target: Path, plan: Plan, *, centre: tuple[float, float] = (0.5, 0.5)) -> None:
    """A plan's video, with its sound made anew. Needs moviepy, which is in the locks only."""
    from moviepy import VideoFileClip, vfx

    with VideoFileClip(str(source)) as film:
        clip: Any = film
        if plan.start or plan.end is not None:
            clip = clip.subclipped(plan.start, plan.end)
        want = plan.size or film.size
        have: Size = (film.size[0], film.size[1])
        if same_shape(have, want):
            clip = clip.with_effects([vfx.Resize(want)])
        elif plan.fill is Fill.CROP:
            wide, tall, x, y = window(have, want, centre)
            clip = clip.with_effects([vfx.Crop(x1=x, y1=y, width=wide, height=tall), vfx.Resize(want)])
        else:
            clip = _composed(clip, have, want, plan.fill)
        if plan.fps:
            clip = clip.with_fps(plan.fps)
        clip.write_videofile(
            str(target),
            codec="libx264",
            preset=PRESET,
            audio_codec="aac",
            temp_audiofile_path=str(target.parent),
            threads=2,
            ffmpeg_params=["-crf", str(CRF), "-pix_fmt", "yuv420p"],
            logger=None,
        )
        clip.close()


def _composed(clip: Any, have: Size, want: Size, fill: Fill) -> Any:
    """The picture on its ground, as moviepy lays clips over each other."""
    from moviepy import CompositeVideoClip, vfx

    whole = clip.with_effects([vfx.Resize(inside(have, want))]).with_position("center")
    if fill is Fill.PAD:
        return CompositeVideoClip([whole], size=want, bg_color=(0, 0, 0))
    wide, tall, x, y = window(have, want, (0.5, 0.5))
    ground = clip.with_effects([vfx.Crop(x1=x, y1=y, width=wide, height=tall), vfx.Resize(want)])
    return CompositeVideoClip([ground.image_transform(blurred), whole], size=want)


def blurred(frame: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One frame, blurred at an eighth of its size."""
    import numpy as np
    from PIL import Image, ImageFilter

    image = Image.fromarray(frame)
    small = image.resize((max(2, image.width // SMALL), max(2, image.height // SMALL)))
    soft = small.filter(ImageFilter.GaussianBlur(BLUR)).resize(image.size, Image.Resampling.BILINEAR)
    return np.asarray(soft)


def main(arguments: Sequence[str]) -> None:
    """What `render` does, for the command line; several in a row, four words each."""
    for first in range(0, len(arguments), 4):
        source, target, plan, centre = arguments[first : first + 4]
        values = json.loads(plan)
        values |= {"step": Step(values["step"]), "fill": Fill(values["fill"]), "size": tuple(values["size"])}
        across, down = json.loads(centre)
        render(Path(source), Path(target), Plan(**values), centre=(across, down))


if __name__ == "__main__":
    main(sys.argv[1:])
