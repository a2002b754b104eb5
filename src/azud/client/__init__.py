"""azud.client"""
