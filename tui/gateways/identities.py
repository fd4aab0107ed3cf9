"""The part of the gateway for identities: the INS Data Matrix, two records of one person.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

from localstore.identities import candidates, datamatrix, homonyms, merging
from localstore.identities.pairs import Found, Merged, Preview
from tui.gateways.base import OpenGateway


class IdentitiesGateway(OpenGateway):
    """What the screens ask about who somebody is. Every method raises ConfrereError."""

    async def scan(self, text: str) -> Found:
        """What a Data Matrix says, and who could be meant. Raises BadInput."""

        def look() -> Found:
            body, unknown = datamatrix.read(text)
            return Found(body, unknown, candidates.like(self._desk.record, homonyms.of_body("", body)))

        return await self._ask(look)

    async def compare(self, keep: str, other: str) -> Preview:
        """Two records beside each other, before they are merged."""
        return await self._ask(lambda: merging.preview(self._desk.practice, keep, other))

    async def merge(self, keep: str, other: str, reason: str, *, different_ins: bool = False) -> Merged:
        """Read two records as one. `different_ins`: also where their numbers differ."""
        return await self._ask(
            lambda: merging.merge(self._desk.practice, keep, other, reason, different_ins=different_ins)
        )

    async def unmerge(self, other: str, reason: str) -> Merged:
        """Take a merged record apart again."""
        return await self._ask(lambda: merging.unmerge(self._desk.practice, other, reason))
