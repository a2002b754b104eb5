"""azud.server"""
