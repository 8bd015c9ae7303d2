"""Why X says no: what it calls it, what that means, who can do something, and what.

One table for the sentences people read, for the manual and for the tests. Source: docs.x.com
response-codes-and-errors (2026-08-22), OpenAPI 2.167, and field reports. Some refusals are told
apart by X's English only; those have ``words``.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Cause, Owner

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A refusal that only X's words tell apart; ``code`` is ours, ``fix`` what a person can do."""

    words: str
    code: str
    cause: str
    fix: str


PHRASES = (
    Phrase(
        words="duplicate content",
        code="duplicate",
        cause="The post repeats an earlier one of the same account.",
        fix="The same text is there already, or was today.",
    ),
    Phrase(
        words="reply to this conversation",
        code="reply",
        cause="The post answers somebody who did not mention the account.",
        fix="X lets an app answer only people who mentioned the account. Answer in X's own app.",
    ),
    Phrase(
        words="quoting this post",
        code="quote",
        cause="The post quotes another one.",
        fix="X lets only Enterprise apps quote. Put the post's link into the text.",
    ),
    Phrase(
        words="video longer than",
        code="video_too_long",
        cause="The video is longer than this account may post.",
        fix="Shorten the video.",
    ),
    Phrase(
        words="cashtag",
        code="cashtag",
        cause="The post has more than one cashtag.",
        fix="X takes one cashtag per post. Leave the others out.",
    ),
    Phrase(
        words="deleted or not visible",
        code="parent_gone",
        cause="The post that this one answers is gone, or hidden from the account.",
        fix="Take down what is out, or leave it as it is; the rest cannot follow.",
    ),
    Phrase(
        words="suspended",
        code="suspended",
        cause="The account is suspended; the post is not what X minds.",
        fix="Sign in to X with this account and see what X asks for.",
    ),
    Phrase(
        words="locked",
        code="locked",
        cause="The account is locked; the post is not what X minds.",
        fix="Sign in to X with this account and unlock it.",
    ),
    Phrase(
        words="not permitted to perform this action",
        code="not_permitted",
        cause="X does not say; the post is more than this account may do.",
        fix="That usually means a text too long for this account, a file X does not like, "
        "or too much automation. Shorten it or leave the file out.",
    ),
)

OPERATOR = (
    Cause(
        code="oauth1-permissions",
        cause="X lets this app only read.",
        owner=APP,
        fix="Give it “Read and write” in X's developer console, then make new access keys.",
    ),
    Cause(
        code="unsupported-authentication",
        cause="X got an app's key where it wants an account's.",
        owner=APP,
        fix="Set the account's own access token and its secret.",
    ),
    Cause(
        code="client-forbidden",
        cause="X does not know this app's project.",
        owner=APP,
        fix="Attach the app to a project in X's developer console.",
    ),
    Cause(
        code="client-not-enrolled",
        cause="X does not know this app's project.",
        owner=APP,
        fix="Attach the app in X's developer console.",
    ),
    Cause(
        code="credits",
        cause="X wants to be paid: the app has no credits left, or reached its spending limit.",
        owner=APP,
        fix="Add credits in X's developer console.",
    ),
)
"""Problem types that are about our app, and what its operator reads."""

OTHERS = (
    Cause(
        code="401",
        cause="X no longer accepts this account's keys: they were revoked or made anew.",
        owner=YOU,
        fix="Connect the account again. Nothing is lost; what waits goes out then.",
    ),
    Cause(
        code="135",
        cause="The clock of the computer I run on is wrong.",
        owner=APP,
        fix="Set it, then try again.",
    ),
    Cause(
        code="unauthorized_client",
        cause="X does not know this app's key and secret.",
        owner=APP,
        fix="Check TWITTER_API_KEY and its secret.",
    ),
    Cause(
        code="403 on an upload",
        cause="The account was connected without the permission media.write.",
        owner=YOU,
        fix="Connect the account again; posts without files go out meanwhile.",
    ),
    Cause(
        code="Your media IDs are invalid",
        cause="X does not accept the uploaded files any more, or not for this account.",
        owner=PLATFORM,
        fix="They are uploaded anew once; after that it is for you to change the file.",
    ),
    Cause(
        code="processing failed",
        cause="X could not process the file.",
        owner=YOU,
        fix="Send it in another format, or smaller and shorter.",
    ),
    Cause(
        code="413",
        cause="The file, or a piece of it, is too large.",
        owner=YOU,
        fix="Pieces are made smaller by themselves; a picture has to be.",
    ),
    Cause(
        code="429",
        cause="A limit of X is used up: its 15 minutes, its day or its month.",
        owner=PLATFORM,
        fix="The account waits until X accepts more, and the card says until when.",
    ),
    Cause(
        code="invalid-request",
        cause="X finds something wrong with the post and names it.",
        owner=YOU,
        fix="Edit the post.",
    ),
    Cause(
        code="resource-not-found",
        cause="The post or file is gone.",
        owner=PLATFORM,
        fix="When it was to be taken down, that is done.",
    ),
    Cause(
        code="500, 502, 503, 504, or no answer",
        cause="X has a fault of its own, and the post may be out all the same.",
        owner=PLATFORM,
        fix="It is looked for, and you are asked if it cannot be found. Uploads are tried again.",
    ),
)

CAUSES: tuple[Cause, ...] = (
    *(Cause(code=f"“… {p.words} …”", cause=p.cause, owner=YOU, fix=p.fix) for p in PHRASES),
    *OPERATOR,
    *OTHERS,
)
