"""azud.settings"""
