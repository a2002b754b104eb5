"""azud.engine"""
