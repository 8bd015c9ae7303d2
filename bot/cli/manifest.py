"""``clarion manifest slack|discord``: what each service has to be told about the bot."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING

from bot.cli.exits import FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.chat.discord.settings import DiscordSettings
    from bot.cli.options import Commands
    from bot.config import Config
    from bot.redaction import Redaction
    from bot.registry import Registry

SAME = "Discord has all commands as they are declared.\n"
SOCKET = """Paste it at https://api.slack.com/apps: Create New App, From a manifest, JSON. Install the app,
then put the Bot User OAuth Token (OAuth & Permissions) into SLACK_BOT_TOKEN, and an app-level token with
connections:write (Basic Information) into SLACK_APP_TOKEN.
"""
HTTP = """Paste it at https://api.slack.com/apps: Create New App, From a manifest, JSON. Install the app,
then put the Bot User OAuth Token (OAuth & Permissions) into SLACK_BOT_TOKEN, and the Signing Secret (Basic
Information) into SLACK_SIGNING_SECRET.
"""
APART = "clarion manifest discord --register brings them there.\n"


def add(commands: Commands) -> None:
    """``clarion manifest slack [--url URL]`` and ``clarion manifest discord [--register]``."""
    words = "print what Slack is set up with; register Discord's commands"
    parser = commands.add_parser("manifest", help=words, description=words[0].upper() + words[1:] + ".")
    services = parser.add_subparsers(required=True, metavar="SERVICE")
    slack = services.add_parser(
        "slack",
        help="print the app manifest",
        description="Print the manifest to paste at api.slack.com/apps, Create New App, From a manifest.",
    )
    slack.add_argument(
        "--url",
        default="",
        metavar="URL",
        help="where Slack reaches the bot over HTTPS, like https://bot.example.com; without it, Socket Mode",
    )
    add_config(slack)
    slack.set_defaults(run=_slack)
    discord = services.add_parser(
        "discord",
        help="compare the commands with those registered at Discord, or register them",
        description="Tell how the commands differ from those registered at Discord.",
    )
    discord.add_argument("--register", action="store_true", help="register them, in place of all others")
    discord.add_argument(
        "--guild", default="", metavar="ID", help="for this server only, where it shows at once"
    )
    discord.add_argument("--top-level", action="store_true", help="as /post …, not as /clarion post …")
    discord.add_argument(
        "--show", action="store_true", help="only print them as JSON, without asking Discord"
    )
    add_config(discord)
    discord.set_defaults(run=_discord)


async def _slack(args: argparse.Namespace) -> int:
    from bot.chat.slack.manifest import manifest_text
    from bot.config import load_config

    config = load_config(config_file(args.config), env=os.environ)
    command = config.chat_tables.get("slack", {}).get("command", "/clarion")
    write(manifest_text(url=args.url, command=str(command)))
    print(HTTP if args.url.strip() else SOCKET, end="", file=sys.stderr)
    return OK


async def _discord(args: argparse.Namespace) -> int:
    import json

    from bot.app.building import load_plugins
    from bot.chat import discord
    from bot.chat.discord.declare import declared, differences
    from bot.clock import SystemClock
    from bot.commands import all_commands
    from bot.config import load_config
    from bot.errors import BadInput, ChatError
    from bot.log import make_log
    from bot.redaction import Redaction

    if args.guild and not args.guild.isdecimal():
        raise BadInput(f"--guild is a server's number, not “{args.guild}”; Copy Server ID shows it.")
    config = load_config(config_file(args.config), env=os.environ)
    registry = load_plugins(config, make_log(io.StringIO()))
    wanted = declared(all_commands(tuple(registry.commands.values())), top_level=args.top_level)
    if args.show:
        write(json.dumps(wanted, indent=2, ensure_ascii=False) + "\n")
        return OK
    redaction = Redaction()
    settings = _settings(config, registry, redaction)
    clock, log = SystemClock(), make_log(sys.stderr, redaction=redaction)
    try:
        live = await discord.registered(settings, clock=clock, log=log, guild=args.guild)
        apart = differences(wanted, live)
        if not apart:
            write(SAME)
            return OK
        if args.register:
            await discord.register(settings, wanted, clock=clock, log=log, guild=args.guild)
    except ChatError as error:
        print(f"discord: {error}", file=sys.stderr)
        return FAILED
    for line in apart:
        write(f"{line}\n")
    write("Now they are registered as they are declared.\n" if args.register else APART)
    return OK if args.register else FAILED


def _settings(config: Config, registry: Registry, redaction: Redaction) -> DiscordSettings:
    """Discord's settings, their secrets kept out of the log from now on.

    Raises `ConfigError` with all problems.
    """
    from dataclasses import replace

    from bot.app.accounts import secrets_in
    from bot.app.chats import plan_chats
    from bot.errors import ConfigError

    tables = {"discord": config.chat_tables.get("discord", {})}
    alone = replace(config, chat_use=("discord",), chat_tables=tables)
    planned, problems = plan_chats(alone, registry, env=os.environ)
    if problems:
        raise ConfigError(problems)
    found: DiscordSettings = planned[0].settings
    for secret in secrets_in(found):
        redaction.learn(secret)
    return found
