from vault.models.access import AccessEntry, RegisterHead
from vault.models.fingerprints import KeyFingerprint

__all__ = ["AccessEntry", "KeyFingerprint", "RegisterHead"]
