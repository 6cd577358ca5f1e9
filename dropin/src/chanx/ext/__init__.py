"""The modules of ``chanx.channels`` and ``chanx.fast_channels`` under their other names."""

from _chanspec_dropin import refuse_beside_originals

refuse_beside_originals()  # where the original was installed later, this folder is left of ours
