"""azud.adapters"""
