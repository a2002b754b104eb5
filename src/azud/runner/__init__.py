"""azud.runner"""
