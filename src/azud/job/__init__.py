"""azud.job"""
