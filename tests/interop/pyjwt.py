"""Tokens that PyJWT makes: as jose.mjs, for a publisher's server in Python."""

import base64
import json
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

issuer, site, now = sys.argv[1], sys.argv[2], int(sys.argv[3])


def b64(number: bytes) -> str:
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode()


es, ed = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
point = es.public_key().public_numbers()
keys = [
    {"kty": "EC", "crv": "P-256", "kid": "es", "x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))},
    {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))},
]
claims = {"iss": issuer, "aud": site, "sub": "r-1729", "iat": now, "exp": now + 3600}
by = {"es": (es, "ES256"), "ed": (ed, "EdDSA")}


def sign(kid: str, header=None, **changes) -> str:
    key, algorithm = by[kid]
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(changed, key, algorithm=algorithm, headers={"typ": "tollgate-ent+jwt", "kid": kid, **(header or {})})


whole = sign("es")
head, body, signature = whole.split(".")
tokens = [
    ("ES256", whole, True),
    ("EdDSA", sign("ed"), True),
    ("a tier", sign("ed", tier="subscriber"), True),
    ("its own typ", jwt.encode(claims, es, algorithm="ES256", headers={"kid": "es"}), False),
    ("none", jwt.encode(claims, None, algorithm="none", headers={"typ": "tollgate-ent+jwt", "kid": "es"}), False),
    ("HS256", jwt.encode(claims, "secret" * 8, algorithm="HS256", headers={"typ": "tollgate-ent+jwt", "kid": "es"}), False),
    ("another kid", sign("es", {"kid": "ed"}), False),
    ("crit", sign("es", {"crit": ["exp"]}), False),
    ("aud as a list", sign("es", aud=[site]), False),
    ("another iss", sign("es", iss="https://other.example"), False),
    ("expired", sign("ed", iat=now - 7200, exp=now - 3600), False),
    ("no iat", sign("es", iat=None), False),
    ("too long", sign("es", exp=now + 90000), False),
    ("a tier that is none", sign("es", tier="gold"), False),
    ("claims of another token", ".".join([head, sign("es", sub="r-1730").split(".")[1], signature]), False),
]
print(json.dumps({"keys": keys, "tokens": [{"name": name, "token": token, "opens": opens} for name, token, opens in tokens]}))
