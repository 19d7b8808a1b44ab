"""Observations: the findings with one root cause, told as audit standards ask.

``observe`` is the way in. Nothing is imported here, as the catalogue asks ``practices`` for its names.
"""
