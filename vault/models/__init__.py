from vault.models.access import AccessEntry, RegisterHead

__all__ = ["AccessEntry", "RegisterHead"]
