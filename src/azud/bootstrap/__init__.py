"""azud.bootstrap"""
