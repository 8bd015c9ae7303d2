"""What is wrong with single blocks and elements, each fault with a pointer to its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.testing.chats.slack import shapes

LABEL = 75


class Judge:
    """Collects faults in ``found``, in Slack's own wording where it is known."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.markdown = 0
        self._focused = False

    def say(self, path: str, fault: str) -> None:
        self.found.append(f"{fault} [json-pointer:{path}]")

    def string(self, value: Any, path: str, most: int, *, least: int = 1) -> None:
        """A bare string of ``least`` to ``most`` characters; None is fine."""
        if value is None:
            return
        if not isinstance(value, str):
            self.say(path, "must be a string")
        elif len(value) < least:
            self.say(path, f"must be more than {least - 1} characters")
        elif len(value) > most:
            self.say(path, f"must be less than {most + 1} characters")

    def text(self, value: Any, path: str, most: int, *, plain: bool = False) -> None:
        """A text object; None is fine."""
        if value is None:
            return
        if not isinstance(value, Mapping):
            self.say(path, "must be a text object")
            return
        kind = value.get("type")
        if kind not in ("plain_text", "mrkdwn"):
            self.say(f"{path}/type", f"unsupported type: {kind}")
        elif plain and kind != "plain_text":
            self.say(f"{path}/type", "must be plain_text")
        self.keys(value, path, shapes.shape("text", "verbatim" if kind == "mrkdwn" else "emoji"))
        self.string(value.get("text"), f"{path}/text", most)

    def keys(self, value: Mapping[str, Any], path: str, shape: shapes.Shape) -> None:
        """Everything needed and nothing else."""
        for key in sorted(shape.needed - value.keys()):
            self.say(path, f"missing required field: {key}")
        for key in sorted(value.keys() - shape.needed - shape.free):
            self.say(f"{path}/{key}", f"invalid additional property: {key}")

    def items(self, value: Any, path: str, most: int, *, least: int = 1) -> Sequence[Any]:
        """A list with ``least`` to ``most`` entries, each of which is then looked at."""
        if not isinstance(value, list):
            self.say(path, "must be an array")
            return ()
        if len(value) < least:
            self.say(path, f"no fewer than {least} items allowed")
        if len(value) > most:
            self.say(path, f"no more than {most} items allowed")
        return value

    def blocks(self, value: Any, path: str, most: int, allowed: frozenset[str], *, least: int = 0) -> None:
        """All blocks of a surface, whose ``block_id`` must differ."""
        seen: set[str] = set()
        for number, block in enumerate(self.items(value, path, most, least=least)):
            place = f"{path}/{number}"
            if not isinstance(block, Mapping) or block.get("type") not in allowed:
                kind = block.get("type") if isinstance(block, Mapping) else block
                self.say(f"{place}/type", f"unsupported type: {kind}")
                continue
            self.keys(block, place, shapes.BLOCKS[block["type"]])
            self.string(block.get("block_id"), f"{place}/block_id", 255)
            if (name := block.get("block_id")) is not None and name in seen:
                self.say(f"{place}/block_id", f"`block_id` {name} already exists")
            seen.add(str(name))
            self._block(block, place)

    def _block(self, block: Mapping[str, Any], path: str) -> None:
        match block["type"]:
            case "section":
                self._section(block, path)
            case "header":
                self.text(block.get("text"), f"{path}/text", 150, plain=True)
            case "image":
                self._image(block, path)
                self.text(block.get("title"), f"{path}/title", 2000, plain=True)
            case "actions":
                self._actions(block.get("elements"), f"{path}/elements")
            case "context":
                for number, part in enumerate(self.items(block.get("elements"), f"{path}/elements", 10)):
                    self._context(part, f"{path}/elements/{number}")
            case "input":
                self.text(block.get("label"), f"{path}/label", 2000, plain=True)
                self.text(block.get("hint"), f"{path}/hint", 2000, plain=True)
                self.element(block.get("element"), f"{path}/element", shapes.INPUTS)
            case "markdown":
                self.string(block.get("text"), f"{path}/text", 12_000)
                self.markdown += len(str(block.get("text", "")))
                if self.markdown > 12_000:
                    self.say(path, "markdown blocks must be less than 12001 characters in all")
            case "video":
                self.text(block.get("title"), f"{path}/title", 199, plain=True)
                self.text(block.get("description"), f"{path}/description", 200, plain=True)
                self.string(block.get("author_name"), f"{path}/author_name", 49)
            case "table":
                for number, row in enumerate(self.items(block.get("rows"), f"{path}/rows", 100)):
                    self._row(row, f"{path}/rows/{number}")
            case "rich_text":
                self._rich(block, path, shapes.RICH_TEXT)

    def _section(self, block: Mapping[str, Any], path: str) -> None:
        if block.get("text") is None and not block.get("fields"):
            self.say(path, "missing required field: text or fields")
        self.text(block.get("text"), f"{path}/text", 3000)
        if "fields" in block:
            for number, field in enumerate(self.items(block["fields"], f"{path}/fields", 10)):
                self.text(field, f"{path}/fields/{number}", 2000)
        if "accessory" in block:
            self.element(block["accessory"], f"{path}/accessory", shapes.ACCESSORIES)

    def _image(self, image: Mapping[str, Any], path: str) -> None:
        self.string(image.get("alt_text"), f"{path}/alt_text", 2000)
        self.string(image.get("image_url"), f"{path}/image_url", 3000)
        if (image.get("image_url") is None) == (image.get("slack_file") is None):
            self.say(path, "needs one of image_url and slack_file")

    def _actions(self, value: Any, path: str) -> None:
        names: set[str] = set()
        primary = 0
        for number, element in enumerate(self.items(value, path, 25)):
            self.element(element, f"{path}/{number}", shapes.ACTIONS)
            if not isinstance(element, Mapping):
                continue
            if (name := element.get("action_id")) is not None and name in names:
                self.say(f"{path}/{number}/action_id", f"`action_id` {name} already exists")
            names.add(str(name))
            primary += element.get("style") == "primary"
        if primary > 1:
            self.say(path, "only one primary button in a set")

    def _context(self, part: Any, path: str) -> None:
        if isinstance(part, Mapping) and part.get("type") == "image":
            self.keys(part, path, shapes.ELEMENTS["image"])
            self._image(part, path)
        else:
            self.text(part, path, 3000)

    def _row(self, row: Any, path: str) -> None:
        for number, cell in enumerate(self.items(row, path, 20)):
            place = f"{path}/{number}"
            kind = cell.get("type") if isinstance(cell, Mapping) else cell
            if kind in ("raw_text", "raw_number"):
                self.string(cell.get("text"), f"{place}/text", 3000)
            elif kind == "rich_text":
                self._rich(cell, place, shapes.RICH_TEXT)
            else:
                self.say(f"{place}/type", f"unsupported type: {kind}")

    def _rich(self, block: Mapping[str, Any], path: str, allowed: frozenset[str]) -> None:
        for number, part in enumerate(self.items(block.get("elements"), f"{path}/elements", 1000, least=0)):
            place = f"{path}/elements/{number}"
            kind = part.get("type") if isinstance(part, Mapping) else part
            if kind not in allowed:
                self.say(f"{place}/type", f"unsupported type: {kind}")
            elif kind == "rich_text_list":
                self._rich(part, place, frozenset(("rich_text_section",)))
            elif kind in shapes.RICH_TEXT:
                self._rich(part, place, shapes.RICH_PARTS)
            elif kind == "text":
                self.string(part.get("text"), f"{place}/text", 40_000)

    def element(self, value: Any, path: str, allowed: frozenset[str]) -> None:
        """One interactive element or image."""
        kind = value.get("type") if isinstance(value, Mapping) else value
        if kind not in allowed:
            self.say(f"{path}/type", f"unsupported type: {kind}")
            return
        self.keys(value, path, shapes.ELEMENTS[kind])
        self.string(value.get("action_id"), f"{path}/action_id", 255)
        self.text(value.get("placeholder"), f"{path}/placeholder", 150, plain=True)
        self._confirm(value.get("confirm"), f"{path}/confirm")
        if value.get("focus_on_load"):
            if self._focused:
                self.say(f"{path}/focus_on_load", "only one element may focus on load")
            self._focused = True
        match kind:
            case "button":
                self._button(value, path)
            case "image":
                self._image(value, path)
            case "checkboxes" | "radio_buttons":
                self._options(value, path, 10)
            case "overflow":
                self._options(value, path, 5)
            case "static_select" | "multi_static_select":
                self._select(value, path)
            case "plain_text_input":
                self._typed(value, path)
            case "file_input":
                if not 1 <= value.get("max_files", 10) <= 10:
                    self.say(f"{path}/max_files", "must be between 1 and 10")

    def _button(self, button: Mapping[str, Any], path: str) -> None:
        self.text(button.get("text"), f"{path}/text", LABEL, plain=True)
        self.string(button.get("value"), f"{path}/value", 2000)
        self.string(button.get("url"), f"{path}/url", 3000)
        self.string(button.get("accessibility_label"), f"{path}/accessibility_label", LABEL)
        if button.get("style") not in (None, "primary", "danger"):
            self.say(f"{path}/style", f"unsupported style: {button.get('style')}")

    def _confirm(self, value: Any, path: str) -> None:
        if value is None:
            return
        if not isinstance(value, Mapping):
            self.say(path, "must be an object")
            return
        shape = shapes.Shape(frozenset(("title", "text", "confirm", "deny")), frozenset(("style",)))
        self.keys(value, path, shape)
        for key, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            self.text(value.get(key), f"{path}/{key}", most, plain=True)

    def _select(self, value: Mapping[str, Any], path: str) -> None:
        if ("options" in value) == ("option_groups" in value):
            self.say(path, "needs one of options and option_groups")
        if "options" in value:
            self._options(value, path, 100)
        for number, group in enumerate(
            self.items(value["option_groups"], f"{path}/option_groups", 100)
            if "option_groups" in value
            else ()
        ):
            self.text(group.get("label"), f"{path}/option_groups/{number}/label", LABEL, plain=True)
            self._options(group, f"{path}/option_groups/{number}", 100)

    def _options(self, value: Mapping[str, Any], path: str, most: int) -> None:
        options = self.items(value.get("options"), f"{path}/options", most)
        for number, option in enumerate(options):
            self.option(option, f"{path}/options/{number}")
        chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", ())
        for option in chosen:
            if option not in options:
                self.say(path, "the initial option must be one of the options")

    def option(self, option: Any, path: str) -> None:
        """One option of a list."""
        if not isinstance(option, Mapping):
            self.say(path, "must be an object")
            return
        shape = shapes.Shape(frozenset(("text", "value")), frozenset(("description", "url")))
        self.keys(option, path, shape)
        self.text(option.get("text"), f"{path}/text", LABEL)
        self.text(option.get("description"), f"{path}/description", LABEL)
        self.string(option.get("value"), f"{path}/value", 150)

    def _typed(self, value: Mapping[str, Any], path: str) -> None:
        self.string(value.get("initial_value"), f"{path}/initial_value", 3000, least=0)
        least, most = value.get("min_length", 0), value.get("max_length", 3000)
        if not 0 <= least <= 3000 or not 1 <= most <= 3000 or least > most:
            self.say(path, "min_length and max_length must lie between 0 and 3000, in order")
