"""chanspec's typed consumers, under the import names that projects of chanx use."""

from _chanspec_dropin import refuse_beside_originals

refuse_beside_originals()
