"""azud.planning"""
