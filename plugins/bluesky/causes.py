"""Why Bluesky says no: what it calls it, what that means, who can do something, and what.

One table for the sentences people read, for the manual and for the tests. Source: the lexicons and the
server of github.com/bluesky-social/atproto (August 2026), observed on a server of our own.
"""

from __future__ import annotations

from bot.api import Cause, Owner

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM

ACCOUNT = (
    Cause(
        code="AccountTakedown",
        cause="Bluesky has suspended this account; the post is not what it minds.",
        owner=YOU,
        fix="Sign in to Bluesky with it and read what it says. What waits goes out once it is well.",
    ),
    Cause(
        code="AccountDeactivated",
        cause="This Bluesky account is switched off.",
        owner=YOU,
        fix="Sign in to Bluesky with this account and switch it on again. What waits goes out then.",
    ),
    Cause(
        code="AccountSuspended",
        cause="Bluesky has suspended this account; the post is not what it minds.",
        owner=YOU,
        fix="Sign in to Bluesky with it and read what it says. What waits goes out once it is well.",
    ),
    Cause(
        code="AuthenticationRequired",
        cause="Bluesky does not take this account's identifier and app password.",
        owner=YOU,
        fix="Make a new app password (Settings → Privacy and security) and set it. What waits goes out then.",
    ),
    Cause(
        code="AuthFactorTokenRequired",
        cause="Bluesky asks this account for a code by e-mail, because it was given the main password.",
        owner=YOU,
        fix="Make an app password (Settings → Privacy and security) and set that instead.",
    ),
    Cause(
        code="InvalidToken",
        cause="Bluesky does not know this account's session.",
        owner=YOU,
        fix="I sign in anew by myself; if that is refused as well, set a new app password.",
    ),
)
"""What is wrong with the account: everything on it waits."""

POST = (
    Cause(
        code="InvalidMimeType",
        cause="Bluesky finds that a file is not what its name says.",
        owner=YOU,
        fix="Use another file, for example the same picture as JPG.",
    ),
    Cause(
        code="InvalidSize",
        cause="Bluesky finds that a file has another size than was announced.",
        owner=PLATFORM,
        fix="Send the post again.",
    ),
    Cause(
        code="BlobTooLarge",
        cause="A file is larger than this Bluesky server takes.",
        owner=YOU,
        fix="Make it smaller: pictures under 1 MB go everywhere.",
    ),
    Cause(
        code="PayloadTooLarge",
        cause="A file is larger than this Bluesky server takes.",
        owner=YOU,
        fix="Make it smaller: pictures under 1 MB go everywhere.",
    ),
    Cause(
        code="BlobNotFound",
        cause="Bluesky no longer has a file that was uploaded for the post.",
        owner=PLATFORM,
        fix="It is uploaded anew by itself.",
    ),
)
"""What is wrong with the post or its files."""

VIDEO = (
    Cause(
        code="DailyLimitExceeded",
        cause="Bluesky takes no more videos from this account today.",
        owner=YOU,
        fix="Try again tomorrow, /retry sends it then; Bluesky counts from midnight UTC.",
    ),
    Cause(
        code="UploadForbidden",
        cause="Bluesky takes no videos from this account.",
        owner=YOU,
        fix="Confirm the account's e-mail address in Bluesky's settings; videos need that.",
    ),
    Cause(
        code="VideoTooLarge",
        cause="Bluesky finds the video too large.",
        owner=YOU,
        fix="Bluesky takes 300 MB. Make it shorter or smaller.",
    ),
    Cause(
        code="VideoTooLong",
        cause="Bluesky finds the video too long.",
        owner=YOU,
        fix="Trim it; ten minutes are the most.",
    ),
    Cause(
        code="BadAspectRatio",
        cause="Bluesky does not take a video of this shape.",
        owner=YOU,
        fix="Use 16:9, 1:1 or 9:16.",
    ),
    Cause(
        code="UnsupportedContentType",
        cause="Bluesky does not take this kind of video.",
        owner=YOU,
        fix="Use an MP4 with H.264 and AAC.",
    ),
    Cause(
        code="validation_failure",
        cause="Bluesky finds the video damaged.",
        owner=YOU,
        fix="Export it again as MP4 with H.264 and AAC.",
    ),
    Cause(
        code="encoding_failure",
        cause="Bluesky could not process the video.",
        owner=YOU,
        fix="Export it again as MP4 with H.264 and AAC, or try once more later.",
    ),
    Cause(
        code="pds_upload_unsupported_blob_size",
        cause="This account's server does not take a video of this size.",
        owner=YOU,
        fix="Make it shorter or smaller, or ask whoever runs the server.",
    ),
)
"""What the video service says no with; the last three are the codes of a job that failed."""

OTHERS = (
    Cause(
        code="InvalidRequest",
        cause="Bluesky finds something wrong in the post and says what.",
        owner=YOU,
        fix="Edit the post; if that does not help, report it as a fault of mine.",
    ),
    Cause(
        code="ExpiredToken",
        cause="The session of two hours is over.",
        owner=PLATFORM,
        fix="I renew it by myself and go on.",
    ),
    Cause(
        code="AuthMissing",
        cause="The sign-in did not arrive at the account's server.",
        owner=APP,
        fix="See whether `base_url` of the account leads through something that removes it.",
    ),
    Cause(
        code="InvalidSwap",
        cause="Something is already where this post belongs: an earlier try of it arrived.",
        owner=PLATFORM,
        fix="I compare the two by myself.",
    ),
    Cause(
        code="RecordNotFound",
        cause="The post is not there.",
        owner=PLATFORM,
        fix="When it was to be taken down, that is done; when an answer was lost, it is sent again.",
    ),
    Cause(
        code="RateLimitExceeded",
        cause="A limit of Bluesky is used up.",
        owner=PLATFORM,
        fix="The account waits until the time that Bluesky names.",
    ),
    Cause(
        code="TooManyOpenUploads, ServiceOverloaded",
        cause="Bluesky's video service is busy.",
        owner=PLATFORM,
        fix="The upload is tried again by itself.",
    ),
    Cause(
        code="UpstreamFailure",
        cause="The part of Bluesky that counts likes is away, or this server has none.",
        owner=PLATFORM,
        fix="Numbers arrive later; posts are not affected.",
    ),
    Cause(
        code="500, 502, 503, 504, or no answer",
        cause="Bluesky has a fault of its own, and the post may be out all the same.",
        owner=PLATFORM,
        fix="It is looked up by its own key, a proof either way, and sent again only if it is not there.",
    ),
)

CAUSES: tuple[Cause, ...] = (*ACCOUNT, *POST, *VIDEO, *OTHERS)
