"""Verifies a DSSE envelope on standard input with the public key of a PEM file; prints what it states."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

envelope = json.load(sys.stdin)
with open(sys.argv[1], "rb") as pem:
    public = load_pem_public_key(pem.read())
key = SSlibKey.from_crypto(public, keyid=envelope["signatures"][0]["keyid"])
parsed = Envelope.from_dict(envelope)
parsed.verify([key], 1)
print(parsed.payload_type, json.loads(parsed.payload)["_type"])
