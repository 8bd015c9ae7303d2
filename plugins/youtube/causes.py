"""Why YouTube says no: its reason, what that means, who can do something, and what.

One table for the sentences people read, for the manual and for the tests. Source:
developers.google.com/youtube/v3/docs/errors, videos/insert, videos/update, thumbnails/set,
captions/insert, playlistItems/insert and the videos resource (2026-11-21). YouTube's reason decides,
never its English message.
"""

from __future__ import annotations

from bot.api import Cause, Owner

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM


def _you(code: str, cause: str, fix: str) -> Cause:
    return Cause(code=code, cause=cause, owner=YOU, fix=fix)


REFUSALS = (
    _you("invalidTitle", "YouTube does not take the title.", "Give it 1 to 100 characters without < and >."),
    _you(
        "invalidDescription",
        "YouTube does not take the description.",
        "Keep it below 5,000 bytes and without < and >.",
    ),
    _you("invalidTags", "YouTube does not take the tags.", "Keep all of them together below 500 characters."),
    _you("invalidCategoryId", "YouTube does not know the category.", "Choose another category."),
    _you(
        "invalidPublishAt",
        "YouTube does not take the time at which it is to publish the video.",
        "Choose a time that lies ahead, or leave publish_at away.",
    ),
    _you("invalidVideoMetadata", "YouTube does not take what is said about the video.", "Edit the post."),
    _you("invalidFilename", "YouTube does not take the file's name.", "Send the file under a plain name."),
    _you("defaultLanguageNotSet", "YouTube wants to know the language first.", "Set it in YouTube Studio."),
    _you("mediaBodyRequired", "YouTube found no file in the upload.", "Send the post again."),
    _you("invalidRecordingDetails", "YouTube does not take the recording's place or time.", "Edit the post."),
    _you("invalidVideoGameRating", "YouTube does not take the game's rating.", "Edit the post."),
    _you(
        "forbidden",
        "YouTube does not let this channel do that.",
        "Look at the channel's features in YouTube Studio.",
    ),
    _you(
        "forbiddenLicenseSetting",
        "YouTube does not let this channel choose that licence.",
        "Set another licence in YouTube Studio.",
    ),
    _you(
        "forbiddenPrivacySetting",
        "YouTube does not let this channel choose who sees the video.",
        "Choose another privacy, or look at the channel's restrictions in YouTube Studio.",
    ),
    _you(
        "youtubeSignupRequired",
        "The Google account that was connected has no YouTube channel.",
        "Create the channel on YouTube, or connect the account that has it.",
    ),
    _you("invalidImage", "YouTube does not take the cover.", "Use a JPEG or PNG of at least 640 pixels."),
    _you("playlistNotFound", "YouTube does not find the playlist.", "Give the link of one of the channel's."),
    _you(
        "playlistItemsNotAccessible",
        "YouTube does not let this channel change the playlist.",
        "Give the link of one of the channel's own.",
    ),
    _you("playlistContainsMaximumNumberOfVideos", "The playlist is full.", "Choose another playlist."),
    _you("invalidMetadata", "YouTube does not take the subtitles' language.", "Give it as “en” or “pt-BR”."),
    _you("contentRequired", "YouTube found no subtitles in the file.", "Send the subtitles again as SRT."),
)
"""Refusals with a sentence of ours. Whatever else YouTube calls a refusal is quoted with its own words."""

COVER_FORBIDDEN = _you(
    "forbidden (youtube.thumbnail)",
    "YouTube takes covers only from a channel whose phone number is verified.",
    "Verify it at youtube.com/verify, then /retry; or take the cover away.",
)

WAITS = (
    Cause(
        code="quotaExceeded",
        cause="What Google lets this app do in a day is used up.",
        owner=PLATFORM,
        fix="The account waits until midnight in California, when Google counts anew.",
    ),
    Cause(
        code="uploadLimitExceeded",
        cause="The channel has uploaded as much as YouTube takes from it in a day, from all its tools.",
        owner=PLATFORM,
        fix="The account waits for a day.",
    ),
    Cause(
        code="rateLimitExceeded, userRateLimitExceeded, uploadRateLimitExceeded",
        cause="Too much at once.",
        owner=PLATFORM,
        fix="The account waits half a minute, then longer.",
    ),
)
"""What passes by itself."""

LOST = (
    _you(
        "authError", "YouTube no longer accepts this account.", "Connect it again. What waits goes out then."
    ),
    _you("invalid_grant", "Google has ended this account's access.", "Connect it again."),
    _you(
        "insufficientPermissions",
        "Not everything that was asked for was allowed when the account was connected.",
        "Connect it again and leave every box ticked.",
    ),
    _you(
        "channelSuspended",
        "YouTube has suspended this channel.",
        "Appeal in YouTube Studio; what waits is kept, and goes out once the channel is back.",
    ),
    _you(
        "channelClosed",
        "This channel was closed.",
        "Open it again, or connect another one.",
    ),
)
"""What pauses the account. Nothing that waits is lost."""

BROKEN_APP = (
    Cause(
        code="accessNotConfigured",
        cause="The Google project has not enabled the YouTube Data API v3.",
        owner=APP,
        fix="Enable it in the Google Cloud console. Everything waits meanwhile.",
    ),
)

FAILURES = (
    _you("conversion", "YouTube could not convert the video.", "Export it anew as MP4 with H.264 and AAC."),
    _you("invalidFile", "YouTube found no video in the file.", "Export it anew as MP4."),
    _you("emptyFile", "The file that reached YouTube was empty.", "Send the file again."),
    _you("tooSmall", "YouTube finds the file too small for a video.", "Send the whole file."),
    _you("codec", "YouTube does not know the video's codec.", "Export it anew as MP4 with H.264 and AAC."),
    _you("uploadAborted", "The upload to YouTube was broken off.", "Send the post again."),
)
"""``status.failureReason``: the upload came to nothing."""

REJECTIONS = (
    _you("copyright", "YouTube rejected the video over somebody's copyright.", "Look in YouTube Studio."),
    _you("inappropriate", "YouTube finds the video against its rules.", "Appeal in YouTube Studio."),
    _you("duplicate", "YouTube says that the channel has this video already.", "Look in YouTube Studio."),
    _you("termsOfUse", "YouTube finds the video against its terms of use.", "Look in YouTube Studio."),
    _you("uploaderAccountSuspended", "YouTube has suspended this channel.", "Appeal in YouTube Studio."),
    _you("uploaderAccountClosed", "This channel was closed.", "Open it again, or connect another one."),
    _you(
        "length",
        "The video is longer than this channel may upload.",
        "Cut it to 15 minutes, or verify the channel's phone number at youtube.com/verify.",
    ),
    _you("claim", "YouTube rejected the video over somebody's claim.", "Look in YouTube Studio."),
    _you("trademark", "YouTube rejected the video over a trademark.", "Look in YouTube Studio."),
    _you("legal", "YouTube rejected the video after a legal complaint.", "Look in YouTube Studio."),
)
"""``status.rejectionReason``: YouTube looked at the video and does not want it."""

PROCESSING = (
    _you("uploadFailed", "The upload to YouTube broke.", "Send the post again."),
    _you("transcodeFailed", "YouTube could not convert the video.", "Export it anew as MP4 with H.264."),
    _you("streamingFailed", "YouTube could not prepare the video for playing.", "Send the post again."),
    _you("other", "YouTube could not process the video.", "Export it anew as MP4 with H.264 and AAC."),
    _you("terminated", "YouTube gave up processing the video.", "Send the post again, or export it anew."),
)
"""``processingDetails.processingFailureReason``, and a processing that was ``terminated``."""

OTHERS = (
    Cause(
        code="videoNotFound",
        cause="The video is gone from YouTube, taken down by somebody.",
        owner=PLATFORM,
        fix="When it was to go out, it is uploaded once more; when it was to be taken down, that is done.",
    ),
    Cause(
        code="404 or 410 of an upload",
        cause="The upload was interrupted for too long.",
        owner=PLATFORM,
        fix="It is looked for among the channel's videos, else begun anew.",
    ),
    Cause(
        code="backendError, 500, 502, 503, 504, or no answer",
        cause="YouTube has a fault of its own.",
        owner=PLATFORM,
        fix="An upload goes on where it was; whether a video became public is looked up.",
    ),
)

CAUSES: tuple[Cause, ...] = (
    *REFUSALS,
    COVER_FORBIDDEN,
    *WAITS,
    *LOST,
    *BROKEN_APP,
    *FAILURES,
    *REJECTIONS,
    *PROCESSING,
    *OTHERS,
)
