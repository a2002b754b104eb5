"""azud.sdk"""
