"""Part of harness.py: every field of both cards with every value that it should not have."""
CARD = {
    "class_names": ["no_tumor", "pituitary_tumor"], "positive": "pituitary_tumor",
    "backbone": "MobileNetV2", "image_size": 224, "fit": "letterbox", "scaling": "backbone",
    "threshold": .5, "units": 64, "dropout": .3, "sha256": "0" * 64, "weights_sha256": "0" * 64,
}
DEEP = []
for _ in range(500):
    DEEP = [DEEP]
BAD = (None, True, -1, 0, 10**9, 10**400, 1.5, float("nan"), float("inf"), float("-inf"), "", "x",
    "x" * 10**6, "../../etc/passwd", "\x00", "\u202e", [], [1], ["a"], ["a", "a"], ["", "b"],
    [["a"], ["b"]], {}, {"a": 1}, DEEP, ["a", "b"] * 10**5)
FINE = { # values of the list above that an entry may have
    "positive": (None,), "threshold": (None, 0), "dropout": (None, 0), "scaling": (None,),
    # looked up among the known networks when the graph is built
    "backbone": ("", "x", "../../etc/passwd", "\x00", "\u202e"),
}


def fault(kind, facts):
    "What is wrong with how a changed card is taken, or None."
    from brain_tumor_tl.core.cards import check_card
    from brain_tumor_tl.core.imports import BadInput
    try:
        check_card(facts, "card.json", kind)
    except BadInput as e:
        return None if len(str(e)) < 500 and "\n" not in str(e) else "a message without end"
    except Exception as e:
        return f"{type(e).__name__}: {e}"[:200]
    return "taken for a card"


def may_be(kind, name, value):
    "Is it a value that this entry may have?"
    if name.endswith("sha256") and value is None:
        return not kind.model_fields[name].is_required()
    return any(type(value) is type(fine) and value == fine for fine in FINE.get(name, ()))


def rows(folder, size):
    from brain_tumor_tl.core.cards import Card, ClassifierCard, check_card
    for kind in (ClassifierCard, Card):
        known = {name: CARD[name] for name in kind.model_fields if name in CARD}
        check_card(known, "card.json", kind)
        wrong, tried = [], 0
        for name, field in kind.model_fields.items():
            if name not in CARD:
                continue
            for value in BAD:
                if may_be(kind, name, value):
                    continue
                said, tried = fault(kind, known | {name: value}), tried + 1
                if said:
                    wrong.append(f"{name} = {repr(value)[:40]}: {said}")
            if field.is_required():
                less = {key: value for key, value in known.items() if key != name}
                said, tried = fault(kind, less), tried + 1
                wrong += [f"without {name}: {said}"] if said else []
        yield f"{kind.__name__}, a field changed", tried, wrong
