"""Words for people who are no experts: what an adverse event is called at a kitchen table."""

from __future__ import annotations

import re

DEATH = "death"

_EVENTS: tuple[tuple[str, str], ...] = (
    # a pattern of the library's name, and plain words that follow "about 3 of 100 people may have"
    (r"^arterial thrombosis within days", "a blood clot in an artery in the first days"),
    (r"^arterial thrombosis", "a blood clot in an artery within a year"),
    (r"^venous thrombosis \(days 5 to 30", "a blood clot in a vein in the first month"),
    (r"^venous thrombosis, attributable", "a blood clot in a vein within a year"),
    (r"^venous thrombosis", "a blood clot in a vein"),
    (r"^thrombosis", "a blood clot"),
    (r"^more pain for up to nine weeks", "more pain, for up to nine weeks"),
    (r"^more pain, arachnoiditis", "more pain, or a sore lining of the spine"),
    (r"^serious adverse reaction", "a bad reaction"),
    (r"^serious infection", "a bad infection"),
    (r"^systemic infection|^infection with low IgG", "an infection"),
    (r"^tuberculosis", "TB of the lungs"),
    (r"^cancer", "cancer"),
    (r"^lymphoma", "cancer of the lymph nodes"),
    (r"^reactivation of hepatitis B", "an old liver infection that comes back"),
    (r"^reaction at the injection site|^injection-site reaction", "sore skin where the needle went in"),
    (r"^stopping for", "to stop the drug for its side effects"),
    (r"^any adverse event|^any side effect", "some side effect"),
    (r"^headache", "a headache"),
    (r"^urinary tract infection", "a bladder infection"),
    (r"^neutropenia or thrombocytopenia", "too few blood cells"),
    (r"^severe birth defects|^major malformation", "a baby with birth defects, if with child"),
    (r"^spontaneous abortion", "the loss of a baby, if with child"),
    (r"^high blood sugar", "high blood sugar"),
    (r"^diabetes treatment changed", "a change to their pills for high blood sugar"),
    (r"^sepsis", "blood poisoning in the first month"),
    (r"^vertebral fracture", "a broken bone in the spine"),
    (r"^fracture", "a broken bone in the first month"),
    (r"^adrenal insufficiency", "a test that shows the body makes too little of its own steroid"),
    (r"^diarrhoea", "loose bowels"),
    (r"^gastrointestinal bleeding|^complicated ulcer", "a bleed in the gut"),
    (r"^major vascular event", "a heart attack or a stroke"),
    (r"^low calcium from citrate", "low calcium in the blood, with tingling"),
    (r"^fall of blood pressure", "a fall in blood pressure when they stand up"),
    (r"^loss of albumin", "too little protein in the blood"),
    (r"^problem of the vascular access", "a problem with the needle or the line"),
    (r"^infection or cancer under", "an infection or cancer, as the body's guard is held down"),
    (r"^psychomimetic effects", "odd thoughts, or seeing things"),
    (r"^liver injury", "harm to the liver"),
    (r"^rise of blood pressure", "a rise in blood pressure"),
    (r"^peripheral neuropathy", "damage to nerves, with numb hands or feet"),
    (r"^serious adverse event", "a bad event of any kind"),
    (r"^hypersensitivity", "an allergic reaction in the first month"),
    (r"^reaction of the first infusion", "fever and aches after the first drip"),
    (r"^reaction to the infusion", "a reaction to the drip"),
    (r"^low calcium or phosphate", "too little calcium or phosphate in the blood"),
    (r"^necrosis of the jaw", "death of bone in the jaw"),
    (r"^IgG below normal", "too few antibodies in the blood"),
    (r"^death", DEATH),
)


def plain_event(event: str) -> str | None:
    """Return an adverse event of the drug library in plain words, None for one that has none."""
    return next((words for pattern, words in _EVENTS if re.search(pattern, event)), None)


def of_100(share: float) -> str:
    """Return a share as people of 100, in words."""
    count = round(100 * share)
    if 0 < share < 0.005:
        return "fewer than 1 of 100 people"
    return f"about {count} of 100 people" if count != 1 else "about 1 of 100 people"
