"""Signing of OpenID tokens, with a key generated at each start."""

import base64
import hashlib
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
_KEY_SIZE = 2048


class Identity:
    """Signs id tokens and publishes the public key."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_SIZE)
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self._key_id = hashlib.sha256(public["n"].encode()).hexdigest()[:16]
        self.jwks = {"keys": [{"kty": "RSA", "n": public["n"], "e": public["e"], **self._usage()}]}

    def _usage(self) -> dict[str, str]:
        return {"use": "sig", "alg": ALGORITHM, "kid": self._key_id}

    def id_token(
        self, *, issuer: str, subject: str, client_id: str, battletag: str, access_token: str, lifetime: int, nonce: str
    ) -> str:
        """Return a signed id token. The BattleTag's claim has a different name than in /userinfo."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "sub": subject,
            "aud": client_id,
            "azp": client_id,
            "iss": issuer,
            "exp": now + lifetime,
            "iat": now,
            "at_hash": _half_hash(access_token),
            "battle_tag": battletag,
        }
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})


def _half_hash(access_token: str) -> str:
    """Return the ``at_hash`` claim, which binds an id token to its access token."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
