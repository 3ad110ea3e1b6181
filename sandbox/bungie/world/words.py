"""Invented names in two languages, from two lists of words."""

from sandbox.bungie.world.text import Text
from sandbox.world.rng import SeededRandom

_MATERIALS = (
    "Copper cuivre|Amber ambre|Slate ardoise|Cedar cèdre|Marble marbre|Linen lin|Tin étain|Granite granit|"
    "Oak chêne|Salt sel|Ivory ivoire|Ash cendre|Velvet velours|Brass laiton|Chalk craie|Cotton coton|Clay argile|"
    "Paper papier|Honey miel|Wicker osier|Flint silex|Silk soie|Opal opale|Coral corail|Birch bouleau|Onyx onyx|"
    "Wax cire|Sand sable|Pewter plomb|Juniper genévrier|Lacquer laque|Quartz quartz|Umber ombre|Ink encre|"
    "Thistle chardon|Cobalt cobalt|Fern fougère|Maple érable|Basalt basalte|Wool laine|Jade jade|Hazel noisetier|"
    "Bronze bronze|Reed roseau|Moss mousse|Frost givre|Rust rouille|Heather bruyère|Mica mica|Willow saule|"
    "Felt feutre|Pine pin|Saffron safran|Zinc zinc|Ochre ocre|Rope corde"
)
_NOUNS = (
    "Verdict Verdict|Lantern Lanterne|Compass Boussole|Echo Écho|Harbor Port|Sextant Sextant|Almanac Almanach|"
    "Sparrow Moineau|Meridian Méridien|Ferry Bac|Promise Promesse|Orchard Verger|Whistle Sifflet|Anvil Enclume|"
    "Riddle Énigme|Cascade Cascade|Heron Héron|Rampart Rempart|Needle Aiguille|Vigilance Vigilance|Summit Sommet|"
    "Drum Tambour|Pilgrim Pèlerin|Kettle Bouilloire|Tempest Tempête|Hollow Creux|Anchor Ancre|Chorus Chœur|"
    "Quarrel Querelle|Beacon Phare|Mirror Miroir|Falcon Faucon|Ladder Échelle|Threshold Seuil|Cipher Chiffre|"
    "Garden Jardin|Pendulum Pendule|Oath Serment|Furnace Fourneau|Marsh Marais|Thimble Dé|Courier Courrier|"
    "Balance Balance|Wager Pari|Spindle Fuseau|Citadel Citadelle|Moth Phalène|Horizon Horizon|Ember Braise|"
    "Refrain Refrain|Bridge Pont|Candle Bougie|Herald Héraut|Grove Bosquet|Tide Marée|Crown Couronne|Fable Fable|"
    "Signal Signal|Turret Tourelle|Voyage Voyage"
)


def _pairs(words: str) -> list[Text]:
    return [Text(*pair.split(" ")) for pair in words.split("|")]


def of(word: str) -> str:
    """Return the French word with "de" before it: "de cuivre", "d'ambre"."""
    return f"d'{word}" if word[0].lower() in "aeiouéèêhœ" else f"de {word}"


class Names:
    """All names that the words can make, in the order of a seed; none is given twice."""

    def __init__(self, seed: int) -> None:
        pairs = [(material, noun) for material in _pairs(_MATERIALS) for noun in _pairs(_NOUNS)]
        self._rest = SeededRandom(seed, "names").sample(pairs, len(pairs))

    def next(self) -> Text:
        """Return a name that was not used yet, such as "Copper Verdict", "Verdict de cuivre"."""
        material, noun = self._rest.pop()
        return Text(f"{material.en} {noun.en}", f"{noun.fr} {of(material.fr)}")
