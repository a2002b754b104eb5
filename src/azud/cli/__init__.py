"""azud.cli"""
