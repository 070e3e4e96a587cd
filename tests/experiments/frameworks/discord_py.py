"""Events, commands and loops of discord.py, without a network; all refuse sync functions."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"2": ["discord.py==2.*"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    from types import SimpleNamespace

    import discord
    from discord.ext import commands, tasks

    notes.serves()

    def refused(name: str, kind: str, register: Any) -> None:
        plain, _ = notes.pair_taking(name, kind)
        try:
            register(plain)
        except TypeError as error:
            print(error)
            notes.tell(name, kind, is_async=False, ran="refused")

    async with discord.Client(intents=discord.Intents.none()) as client:
        name = "discord.Client.event"
        refused(name, "event", client.event)

        async def on_ready() -> None:
            notes.note(name, "event", is_async=True)

        client.event(on_ready)
        client.dispatch("ready")
        await asyncio.sleep(0.05)

    async with commands.Bot("!", intents=discord.Intents.none()) as bot:
        refused("discord.ext.commands.Bot.command", "event", bot.command("x"))
        refused("discord.ext.commands.Bot.listen", "event", bot.listen("on_x"))

        @bot.command("x")
        async def command(context: Any) -> None:
            notes.note("discord.ext.commands.Bot.command", "event", is_async=True)

        async def on_probe() -> None:
            notes.note("discord.ext.commands.Bot.listen", "event", is_async=True)

        bot.listen("on_probe")(on_probe)
        bot.dispatch("probe")

        class Probe(commands.Cog):
            @commands.command("y")
            async def by_cog(self, context: Any) -> None:
                notes.note("discord.ext.commands.command", "event", is_async=True)

            @commands.Cog.listener("on_probe")
            async def listener(self) -> None:
                notes.note("discord.ext.commands.Cog.listener", "event", is_async=True)

        await bot.add_cog(Probe())
        bot.dispatch("probe")
        await asyncio.sleep(0.05)
        author = SimpleNamespace(bot=False, id=1)
        bot._connection.user = SimpleNamespace(id=2)  # known after the login
        for text in ("!x", "!y"):
            message = SimpleNamespace(content=text, author=author, guild=None, channel=None, _state=bot._connection, attachments=[], id=1)
            await bot.invoke(await bot.get_context(message))
        refused("discord.ext.commands.command", "event", commands.command("z"))
        refused("discord.ext.commands.Cog.listener", "event", commands.Cog.listener("on_z"))

    name = "discord.ext.tasks.loop"
    refused(name, "background", tasks.loop(seconds=0.01, count=1))
    loop = tasks.loop(seconds=0.01, count=1)(notes.pair_taking(name, "background")[1])
    await loop.start()
