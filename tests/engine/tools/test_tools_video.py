"""Videos as a tool: what they show and say, by a process that can open nothing else, and what becomes of files that are hostile."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount
from films import colour, film
from patience import within
from scripted_server import Asked, Scripted, Write, always, reply, scripted

from studio.engine.code.base import FunctionResult
from studio.engine.errors import ModelError
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Account, Told
from studio.engine.models.transcripts import TranscriptsClient
from studio.engine.tools import video_decoding
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.video import Video


async def called(folder: Path, name: str, tool: Video | None = None, place: ToolPlace | None = None, **arguments: Any) -> FunctionResult:
    there = place or ToolPlace(folder, EnvironmentAccounts({}))
    return await (tool or Video()).call(name, json.dumps(arguments), there)


def shown(result: FunctionResult) -> list[bytes]:
    return [base64.b64decode(each.data) for each in result.attachments]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    film(tmp_path / "film.mp4")
    return tmp_path


async def test_a_video_says_how_long_it_is_and_what_it_holds(folder: Path) -> None:
    told = await called(folder, "get_video_length", video_path="film.mp4")
    assert told.output.splitlines() == ["The video is 4.00 seconds long.", "Pictures: 64 × 48, 10 a second (mpeg4).", "Sound: aac."]


async def test_pictures_are_those_of_their_times(folder: Path) -> None:
    one = await called(folder, "get_screenshot_at", video_path="film.mp4", timestamps=[0.5, 1.5])
    assert [colour(each) for each in shown(one)] == ["red", "green"]
    assert [each.media_type for each in one.attachments] == ["image/jpeg"] * 2
    last = await called(folder, "get_screenshot_at", video_path="film.mp4", timestamps=[4.0])
    assert [colour(each) for each in shown(last)] == ["black"]
    sheet = await called(folder, "get_screenshot_at", video_path="film.mp4", timestamps=[0.0, 1.0, 2.0, 0.9])
    (picture,) = shown(sheet)
    places = [(0.16, 0.25), (0.5, 0.25), (0.83, 0.25), (0.16, 0.75), (0.5, 0.75)]
    assert [colour(picture, *place) for place in places] == ["red", "green", "blue", "red", "white"]
    assert "row by row" in sheet.output


async def test_pictures_and_sounds_are_kept_in_the_folder(folder: Path) -> None:
    kept = await called(folder, "save_screenshot", video_path="film.mp4", timestamp=2.5, output_path="shots/blue")
    assert kept.files == ("shots/blue.jpg",)
    assert colour((folder / "shots" / "blue.jpg").read_bytes()) == "blue"
    sound = await called(folder, "extract_audio", video_path="film.mp4", audio_output_path="tone.mp3")
    assert sound.files == ("tone.mp3",)
    length = await called(folder, "get_video_length", video_path="tone.mp3")
    assert re.match(r"The video is (3\.9|4\.0)\d seconds long\.\nSound: mp3", length.output)


@pytest.mark.parametrize("path", ["../film.mp4", "/etc/passwd", "link.mp4", "second.mp4", ".hidden.mp4", "none.mp4"])
async def test_nothing_outside_of_the_folder_is_looked_into(tmp_path: Path, path: str) -> None:
    inside = tmp_path / "run"
    inside.mkdir()
    film(tmp_path / "film.mp4", 1)
    (inside / "link.mp4").symlink_to(tmp_path / "film.mp4")
    os.link(tmp_path / "film.mp4", inside / "second.mp4")
    film(inside / ".hidden.mp4", 1)
    result = await called(inside, "get_video_length", video_path=path)
    assert result.is_error
    assert "seconds long" not in result.output


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfilm.mp4\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile film.mp4\n"


@pytest.mark.parametrize("content", [b"", b"no film", PLAYLIST.encode(), CONCAT.encode(), b"\0\0\0\x18ftypisom" + b"\xff" * 5_000])
async def test_what_is_no_film_or_leads_to_others_is_a_sentence(folder: Path, content: bytes) -> None:
    (folder / "bad.mp4").write_bytes(content)
    result = await called(folder, "get_video_length", video_path="bad.mp4")
    assert result.is_error
    assert "no video" in result.output


async def test_a_film_that_is_cut_off_or_garbled_never_ends_the_run(folder: Path) -> None:
    whole = film(folder / "film.mkv").read_bytes()
    (folder / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    (folder / "odd.mkv").write_bytes(whole[:2_000] + bytes(byte * 7 % 256 for byte in whole[2_000:]))
    for name in ("cut.mkv", "odd.mkv"):
        assert (await called(folder, "get_screenshot_at", video_path=name, timestamps=[3.0])).output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of a process's own")
def test_the_process_that_decodes_can_open_nothing(folder: Path) -> None:
    program = video_decoding._PROGRAM.read_text()
    tries = program.replace(
        "def facts(film: Any) -> dict[str, Any]:",
        "def facts(film: Any) -> dict[str, Any]:\n    import socket\n    told = []\n"
        "    for make in (lambda: open('/etc/hostname'), lambda: open('made', 'w'), socket.socket):\n"
        "        try:\n            make()\n            told.append('opened')\n"
        "        except OSError as problem:\n            told.append(problem.strerror)\n    return told\n",
        1,
    ).replace("import sys\n", "import socket\nimport sys\n", 1)
    (folder / "tries.py").write_text(tries)
    order = json.dumps({"what": "facts", "memory": video_decoding.MEMORY, "seconds": 30})
    with (folder / "film.mp4").open("rb") as handle:
        told = subprocess.run(
            [sys.executable, "-I", str(folder / "tries.py"), order], stdin=handle, capture_output=True, timeout=60, check=True
        )
    assert json.loads(told.stdout) == {"facts": ["Too many open files"] * 3}


async def test_pictures_that_are_too_large_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = video_decoding._PROGRAM.read_text().replace("MOST_PIXELS = 8192 * 4320", "MOST_PIXELS = 2000")
    (folder / "small.py").write_text(program)
    monkeypatch.setattr(video_decoding, "_PROGRAM", folder / "small.py")
    result = await called(folder, "get_screenshot_at", video_path="film.mp4", timestamps=[0.0])
    assert result.is_error
    assert "64 × 48" in result.output


async def test_a_look_that_takes_too_long_ends_and_so_does_one_that_nobody_waits_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "slow.py").write_text("import os, sys, time\nopen(sys.argv[0] + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")
    monkeypatch.setattr(video_decoding, "_PROGRAM", folder / "slow.py")
    result = await called(folder, "get_video_length", Video(timeout=0.2), video_path="film.mp4")
    assert result.is_error
    assert "within 0.2 s" in result.output

    (folder / "slow.py.pid").unlink(missing_ok=True)
    waiting = asyncio.create_task(called(folder, "get_video_length", video_path="film.mp4"))
    async with asyncio.timeout(within(10)):
        while not ((folder / "slow.py.pid").exists() and (folder / "slow.py.pid").read_text()):  # noqa: ASYNC110 - a file tells
            await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait({waiting})
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "slow.py.pid").read_text()), 0)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("get_screenshot_at", {"timestamps": [9.0]}, "4.00 seconds long"),
        ("get_screenshot_at", {"timestamps": []}, "Between one and 9"),
        ("get_screenshot_at", {"timestamps": [0.1] * 10}, "Between one and 9"),
        ("get_screenshot_at", {"timestamps": [-1.0]}, "no time of a video"),
        ("save_screenshot", {"timestamp": 1.0, "output_path": "../out.jpg"}, "no file name inside"),
        ("extract_audio", {"audio_output_path": "/tmp/out.mp3"}, "no file name inside"),
        ("transcribe_video_screenshot", {"timestamp": 1.0}, "no model here"),
    ],
)
async def test_a_call_that_does_not_fit_is_a_sentence_for_the_model(folder: Path, name: str, arguments: dict[str, Any], says: str) -> None:
    result = await called(folder, name, video_path="film.mp4", **arguments)
    assert result.is_error
    assert says in result.output


async def test_a_film_without_sound_and_a_sound_without_film_say_so(folder: Path) -> None:
    film(folder / "mute.mp4", 1, sound=False)
    film(folder / "talk.m4a", 1, pictures=False)
    mute = await called(folder, "extract_audio", video_path="mute.mp4", audio_output_path="a.mp3")
    blind = await called(folder, "get_screenshot_at", video_path="talk.m4a", timestamps=[0.0])
    assert (mute.is_error, "has no sound" in mute.output) == (True, True)
    assert (blind.is_error, "only sound" in blind.output) == (True, True)


async def test_without_the_library_the_sentence_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_decoding, "installed", lambda: False)
    result = await called(folder, "get_video_length", video_path="film.mp4")
    assert result.is_error
    assert "pip install 'convene-studio[video]'" in result.output


# What is said -----------------------------------------------------------------------------------------------------------

SEGMENTS = [{"start": 0.0, "end": 1.25, "text": " Red. "}, {"start": 1.25, "end": 2.5, "text": "Green."}]


def listening(server: Scripted, folder: Path, told: list[Told], **more: Any) -> ToolPlace:
    return ToolPlace(folder, OneAccount(f"{server.url}/v1"), tell=told.append, **more)


async def heard(asked: Asked, write: Write) -> None:
    await write(reply(json.dumps({"text": "Red. Green.", "duration": 4.0, "segments": SEGMENTS}), content_type="application/json"))


async def test_what_is_said_comes_with_its_times_through_the_account(folder: Path) -> None:
    told: list[Told] = []
    async with scripted(heard) as server:
        tool = Video(account="lab", language="en")
        place = listening(server, folder, told)
        whole = await called(folder, "transcribe_audio_with_timestamps", tool, place, audio_path="film.mp4")
        part = await called(folder, "transcribe_audio_with_timestamps", tool, place, audio_path="film.mp4", start=1.0, end=3.0)
    assert whole.output == "[0.00 - 1.25] Red.\n[1.25 - 2.50] Green."
    assert part.output == "[1.00 - 2.25] Red.\n[2.25 - 3.00] Green."
    first = server.asked[0]
    assert (first.method, first.target) == ("POST", "/v1/audio/transcriptions")
    assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
    for field in (b'name="model"\r\n\r\nwhisper-1', b'name="response_format"\r\n\r\nverbose_json', b'name="language"\r\n\r\nen'):
        assert field in first.body
    assert b'filename="sound.mp3"\r\nContent-Type: audio/mpeg\r\n\r\nID3' in first.body
    assert [(each.code, each.usage.calls, each.model) for each in told] == [("heard", 1, "whisper-1")] * 2
    assert told[0].text == "4 seconds of sound were written down by whisper-1."


async def test_a_model_that_tells_no_times_is_asked_without_and_its_tokens_count(folder: Path) -> None:
    async def answer(asked: Asked, write: Write) -> None:
        if b"verbose_json" in asked.body:
            refusal = {"error": {"message": "response_format 'verbose_json' is not compatible with model"}}
            await write(reply(json.dumps(refusal), "400 Bad Request", "application/json", Connection="close"))
        else:
            usage = {"type": "tokens", "input_tokens": 40, "output_tokens": 7}
            await write(reply(json.dumps({"text": "Red. Green.", "usage": usage}), content_type="application/json"))

    told: list[Told] = []
    async with scripted(answer) as server:
        tool = Video(account="lab", model="gpt-4o-mini-transcribe")
        result = await called(
            folder, "transcribe_audio_with_timestamps", tool, listening(server, folder, told), audio_path="film.mp4", start=1.0
        )
    assert re.match(r"\[1\.00 - (3\.9|4\.0)\d\] Red\. Green\.\Z", result.output)
    assert (told[0].usage.prompt_tokens, told[0].usage.completion_tokens) == (40, 7)


async def test_no_more_is_sent_at_once_than_is_allowed_and_the_model_is_told_how_to_go_on(folder: Path) -> None:
    async with scripted(heard) as server:
        tool = Video(account="lab", minutes=2 / 60)
        result = await called(folder, "transcribe_audio_with_timestamps", tool, listening(server, folder, []), audio_path="film.mp4")
    assert result.output.endswith("… 2 more seconds: go on with start=2.00")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (reply("{}", content_type="application/json"), "no text of what is said"),
        (reply("no JSON"), "JSON"),
        (reply('{"error": {"message": "no such key"}}', "401 Unauthorized", "application/json"), "was refused"),
    ],
)
async def test_a_server_that_does_not_write_speech_down_is_an_error_that_says_why(answer: bytes, says: str) -> None:
    async with scripted(always(answer)) as server:
        client = TranscriptsClient(Account("lab", f"{server.url}/v1", "k"), "whisper-1", retries=0)
        with pytest.raises(ModelError, match=says):
            await client.heard(b"ID3", 1.0, lambda piece: None)
        await client.close()


async def test_an_account_that_writes_no_speech_down_is_said_to_be_one() -> None:
    for account, says in (
        (Account("claude", None, "k", provider="anthropic"), "writes no speech down"),
        (Account("x", None), "has no key"),
    ):
        with pytest.raises(ModelError, match=says):
            await TranscriptsClient(account, "whisper-1").heard(b"ID3", 1.0, lambda piece: None)


async def test_what_is_paid_by_the_minute_is_counted_by_the_seconds_that_were_heard() -> None:
    async with scripted(always(reply('{"text": "Hello."}', content_type="application/json", Connection="close"))) as server:
        costs = []
        for model in ("whisper-1", "odd-ears"):
            client = TranscriptsClient(Account("lab", f"{server.url}/v1", "k"), model, retries=0)
            costs.append((await client.heard(b"ID3", 90.0, lambda piece: None)).usage.cost)
            await client.close()
    assert costs == [pytest.approx(0.009), None]


async def test_segments_of_any_shape_become_sentences_within_the_sound() -> None:
    rows = [
        {"start": -4, "end": "x", "text": "a\nb"},
        {"start": 9, "end": 1e300, "text": "late"},
        {"text": " "},
        7,
        {"start": True, "text": "c"},
    ]
    async with scripted(always(reply(json.dumps({"segments": rows}), content_type="application/json"))) as server:
        client = TranscriptsClient(Account("lab", f"{server.url}/v1", "k"), "whisper-1", retries=0)
        heard = await client.heard(b"ID3", 5.0, lambda piece: None)
        await client.close()
    assert [(each.start, each.end, each.text) for each in heard.sentences] == [(0, 0, "a b"), (5, 5, "late"), (0, 0, "c")]
