"""A kind of patient and what treatments change within the same person: asked, found, followed, documented.

The people are those of `calor patient --cohort`; each is followed untreated and under each treatment.
"""
