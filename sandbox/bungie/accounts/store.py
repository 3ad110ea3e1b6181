"""All accounts, and what of them the Platform shows: it caches answers, and shows writes only after some seconds."""

import pickle
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.bungie.accounts.account import Account
from sandbox.bungie.accounts.fill import fill_account
from sandbox.bungie.clock import Clock
from sandbox.bungie.content import Content
from sandbox.bungie.people import Membership


@dataclass(frozen=True, slots=True)
class _Past:
    """An earlier state of an account, shown until a moment (None: until told otherwise) and dated ``minted_at``."""

    state: bytes
    until: float | None
    minted_at: datetime | None


@dataclass(slots=True)
class Accounts:
    """Accounts by membership id, filled when they are first asked for.

    ``lag_seconds`` is how long the state before a write is shown; ``cache_seconds`` how long a profile is cached.
    """

    clock: Clock
    seed: int
    content: Content
    lag_seconds: float = 0.0
    cache_seconds: float = 0.0
    _accounts: dict[int, Account] = field(default_factory=dict)
    _past: dict[int, _Past] = field(default_factory=dict)
    _cached: dict[tuple[object, ...], tuple[float, object]] = field(default_factory=dict)

    def of(self, membership: Membership) -> Account:
        """Return the account as it is."""
        if membership.id not in self._accounts:
            definitions = self.content.edition.definitions
            self._accounts[membership.id] = fill_account(definitions, self.seed, membership, self.clock.now())
        return self._accounts[membership.id]

    def shown(self, membership: Membership) -> tuple[Account, datetime]:
        """Return the account as it is shown, and the moment that its answer is dated with."""
        past, now = self._past.get(membership.id), self.clock.now()
        if past is None or (past.until is not None and past.until <= now):
            self._past.pop(membership.id, None)
            return self.of(membership), self.clock.date()
        account: Account = pickle.loads(past.state)  # noqa: S301 (our own)
        return account, past.minted_at or self.clock.date()

    def before_write(self, membership: Membership) -> None:
        """Remember the state before a write, which stays visible for a while under a fresh date."""
        past, now = self._past.get(membership.id), self.clock.now()
        if self.lag_seconds and (past is None or (past.until is not None and past.until <= now)):
            self._past[membership.id] = _Past(pickle.dumps(self.of(membership)), now + self.lag_seconds, None)

    def freeze(self, membership: Membership, *, is_frozen: bool) -> None:
        """Show the present state under the present date from now on, or no longer."""
        if is_frozen:
            self._past[membership.id] = _Past(pickle.dumps(self.of(membership)), None, self.clock.date())
        else:
            self._past.pop(membership.id, None)

    def cached(self, key: tuple[object, ...]) -> object | None:
        """Return a cached answer."""
        until, answer = self._cached.get(key, (0.0, None))
        return answer if until > self.clock.now() else None

    def cache(self, key: tuple[object, ...], answer: object) -> None:
        """Cache an answer, if answers are cached."""
        if self.cache_seconds:
            self._cached[key] = (self.clock.now() + self.cache_seconds, answer)

    def refill(self, membership: Membership, items: int) -> Account:
        """Replace the account by one with about so many items."""
        membership.items = items
        self._accounts.pop(membership.id, None)
        self._past.pop(membership.id, None)
        return self.of(membership)

    def reset(self) -> None:
        """Show accounts as they are."""
        self.lag_seconds = self.cache_seconds = 0.0
        self._past.clear()
        self._cached.clear()

    def clear(self) -> None:
        """Forget everything that people did."""
        self._accounts.clear()
        self.reset()
