"""From a plan to ffmpeg's arguments. Pure: no file is touched, so the very words can be tested.

Nothing a person wrote gets into a filter: only numbers of ours do, and file names that are hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.demands import Fill, Plan, Sound, Step
from bot.domain.framing import LEEWAY, Size
from bot.domain.post import Media, MediaKind, Stream
from bot.media.ffmpeg import GUARDS

CRF, PRESET = 21, "veryfast"
"""x264's constant quality and speed: no visible loss on a phone at a quarter of "medium"'s time."""

SPOKEN = 128_000
PEAK, RANGE = -1.5, 11
"""True peak in dB and loudness range that `loudnorm` keeps (EBU R 128 s1)."""

SMALL = 8
"""The blurred ground is made at an eighth of the size: nobody sees it, and it costs next to nothing."""

SLOW = 3
"""Every third frame of the ground is made, the others repeat it; blurred, that is not seen either."""

TONES = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709",
    "tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
)
"""What phones record brighter than usual screens show (HLG, PQ), brought to what they show."""

THREADS = ("-threads", "2", "-filter_complex_threads", "2")


@dataclass(frozen=True, kw_only=True)
class Order:
    """One rendition: ``source`` and ``target`` are paths of ours.

    ``centre``: where what is looked at lies, 0 to 1 across and down. ``loudness``: what the first pass
    measured. ``bits`` overrides the plan's bound.
    """

    source: str
    target: str
    media: Media
    plan: Plan
    centre: tuple[float, float] = (0.5, 0.5)
    loudness: Mapping[str, str] | None = None
    bits: int = 0


def arguments(order: Order) -> list[str]:
    """Everything after the program's name."""
    plan, stream = order.plan, order.media.stream or Stream()
    line = ["-hide_banner", "-nostdin", "-y", "-v", "error", "-nostats", "-stats_period", "1"]
    line += ["-progress", "pipe:1", *THREADS, *GUARDS]
    if plan.start:
        line += ["-ss", f"{plan.start:.3f}"]
    if plan.end is not None:
        line += ["-t", f"{plan.end - plan.start:.3f}"]
    line += ["-threads", "2", "-i", f"file:{order.source}"]
    if plan.step is Step.VIDEO:
        line += ["-filter_complex", filters(order), "-map", "[v]", *_encoder(order)]
    else:
        line += ["-map", "0:V:0", "-c:v", "copy"]
        line += ["-tag:v", "hvc1"] if stream.video == "hevc" else []
    line += _sound(order)
    flags = "+faststart" if plan.edits else "+faststart+negative_cts_offsets"
    line += ["-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn", "-movflags", flags]
    line += [] if plan.edits else ["-use_editlist", "0"]
    return [*line, "-f", "mp4" if plan.format == "video/mp4" else "mov", f"file:{order.target}"]


def measuring(order: Order) -> list[str]:
    """The first pass over the sound alone; its answer is JSON among what ffmpeg says."""
    plan = order.plan
    line = ["-hide_banner", "-nostdin", "-nostats", *GUARDS]
    line += ["-ss", f"{plan.start:.3f}"] if plan.start else []
    line += ["-t", f"{plan.end - plan.start:.3f}"] if plan.end is not None else []
    wanted = f"loudnorm=I={plan.loud:g}:TP={PEAK}:LRA={RANGE}:print_format=json"
    return [*line, "-i", f"file:{order.source}", "-map", "0:a:0", "-vn", "-af", wanted, "-f", "null", "-"]


def filters(order: Order) -> str:
    """The graph from the first video stream to ``[v]``."""
    plan, media = order.plan, order.media
    stream = media.stream or Stream()
    first = ["bwdif"] if not stream.progressive else []
    first += TONES if stream.hdr else []
    first += [] if stream.square else ["scale=w='max(1,round(iw*sar))':h=ih", "setsar=1"]
    last = [f"fps={plan.fps:g}"] if plan.fps else []
    drawn = media.kind is MediaKind.GIF or stream.pixels.startswith(("rgb", "bgr", "gbr", "argb", "pal"))
    colours = ":out_color_matrix=bt709:out_range=tv" if drawn or stream.pixels.startswith("yuvj") else ""
    last += ["format=yuv420p", "setsar=1"]
    if plan.size is None or not (media.width and media.height):
        return _chain("[0:V:0]", [*first, f"scale=trunc(iw/2)*2:trunc(ih/2)*2{colours}", *last], "[v]")
    have, want = (media.width, media.height), plan.size
    if same_shape(have, want):
        scale = [f"scale={want[0]}:{want[1]}{colours}"] if have != want or colours else []
        return _chain("[0:V:0]", [*first, *scale, *last], "[v]")
    if plan.fill is Fill.CROP:
        wide, tall, x, y = window(have, want, order.centre)
        crop = f"crop={wide}:{tall}:{x}:{y}"
        return _chain("[0:V:0]", [*first, crop, f"scale={want[0]}:{want[1]}{colours}", *last], "[v]")
    inner = inside(have, want)
    scaled = [*first, f"scale={inner[0]}:{inner[1]}{colours}"]
    if plan.fill is Fill.PAD:
        x, y = (_even((want[0] - inner[0]) / 2), _even((want[1] - inner[1]) / 2))
        return _chain("[0:V:0]", [*scaled, f"pad={want[0]}:{want[1]}:{x}:{y}", *last], "[v]")
    return _blurred(first, inner, want, colours, plan.fps or stream.fps or 30.0)


def same_shape(have: Size, want: Size) -> bool:
    """Whether only the number of pixels differs."""
    return abs(have[0] / have[1] / (want[0] / want[1]) - 1) <= LEEWAY


def window(have: Size, want: Size, centre: tuple[float, float]) -> tuple[int, int, int, int]:
    """Width, height, left and top of the largest part of that shape, around ``centre``; all even."""
    ratio = want[0] / want[1]
    wide = min(_even(have[0]), _even(have[1] * ratio)) or 2
    tall = min(_even(have[1]), _even(have[0] / ratio)) or 2
    left = min(max(0.0, have[0] * centre[0] - wide / 2), have[0] - wide)
    top = min(max(0.0, have[1] * centre[1] - tall / 2), have[1] - tall)
    return wide, tall, int(left) // 2 * 2, int(top) // 2 * 2


def inside(have: Size, want: Size) -> Size:
    """The whole picture inside of the new shape; even, and so is what is left on each side."""
    scale = min(want[0] / have[0], want[1] / have[1])
    wide, tall = (
        whole - 4 * round((whole - side * scale) / 4) for side, whole in zip(have, want, strict=True)
    )
    return max(2, wide), max(2, tall)


def _blurred(first: list[str], inner: Size, want: Size, colours: str, fps: float) -> str:
    """Strips of the blurred ground on either side of the picture.

    Stacked, not overlaid: nothing is mixed, and the ground behind the picture is never made.
    """
    small = tuple(max(2, _even(side / SMALL)) for side in want)
    upright = want[1] - inner[1] > want[0] - inner[0]
    side = (want[1] - inner[1]) // 2 if upright else (want[0] - inner[0]) // 2
    ground = [
        f"fps={fps / SLOW:g}",
        f"scale={small[0]}:{small[1]}:force_original_aspect_ratio=increase:flags=fast_bilinear",
        f"crop={small[0]}:{small[1]}",
        "gblur=sigma=5",
    ]
    share = side / (want[1] if upright else want[0])
    strip = max(2, round((small[1] if upright else small[0]) * share))
    if upright:
        near, far = f"crop={small[0]}:{strip}:0:0", f"crop={small[0]}:{strip}:0:{small[1] - strip}"
        grown, stack = f"scale={want[0]}:{side}:flags=bilinear", "vstack"
        inner = (want[0], inner[1])
    else:
        near, far = f"crop={strip}:{small[1]}:0:0", f"crop={strip}:{small[1]}:{small[0] - strip}:0"
        grown, stack = f"scale={side}:{want[1]}:flags=bilinear", "hstack"
        inner = (inner[0], want[1])
    rate = f"fps={fps:g}"
    same = ["format=yuv420p", "setsar=1"]
    return ";".join(
        (
            _chain("[0:V:0]", [*first, rate, "split"], "[a][b]"),
            _chain("[a]", [*ground, "split"], "[t][u]"),
            _chain("[t]", [near, grown + colours, *same, rate], "[n]"),
            _chain("[u]", [far, grown + colours, *same, rate], "[f]"),
            _chain("[b]", [f"scale={inner[0]}:{inner[1]}{colours}", *same], "[m]"),
            f"[n][m][f]{stack}=inputs=3:shortest=1[v]",
        )
    )


def _encoder(order: Order) -> list[str]:
    plan = order.plan
    fps = plan.fps or (order.media.stream or Stream()).fps or 30.0
    bits = order.bits or plan.bits
    line = ["-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-profile:v", "high"]
    line += ["-pix_fmt", "yuv420p", "-g", str(max(1, round(2 * fps)))]
    line += ["-maxrate", str(bits), "-bufsize", str(bits)] if bits else []
    if order.media.kind is MediaKind.GIF:
        line += ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    return line


def _sound(order: Order) -> list[str]:
    plan = order.plan
    if plan.sound is Sound.NONE:
        return ["-an"]
    if plan.sound is Sound.COPY:
        return ["-map", "0:a:0?", "-c:a", "copy"]
    line = ["-map", "0:a:0?", "-c:a", "aac", "-b:a", str(SPOKEN), "-ar", str(plan.rate)]
    line += ["-ac", str(plan.channels)]
    if plan.loud and order.loudness:
        measured = order.loudness
        told = ":".join(
            f"{ours}={measured[theirs]}"
            for ours, theirs in (
                ("measured_I", "input_i"),
                ("measured_TP", "input_tp"),
                ("measured_LRA", "input_lra"),
                ("measured_thresh", "input_thresh"),
                ("offset", "target_offset"),
            )
        )
        line += ["-af", f"loudnorm=I={plan.loud:g}:TP={PEAK}:LRA={RANGE}:linear=true:{told}"]
    return line


def _chain(source: str, steps: list[str], target: str) -> str:
    return f"{source}{','.join(steps) or 'null'}{target}"


def _even(value: float) -> int:
    return int(value) // 2 * 2
