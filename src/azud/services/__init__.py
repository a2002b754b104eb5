"""azud.services"""
