"""The folders that azud itself made."""
