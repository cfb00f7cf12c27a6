"""An RSA key for tests, made anew in each process."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from votes import blind


@cache
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def key() -> blind.SecretKey:
    numbers = private().private_numbers()
    public = blind.PublicKey(numbers.public_numbers.n, numbers.public_numbers.e)
    return blind.SecretKey(public, numbers.d, numbers.p, numbers.q)
