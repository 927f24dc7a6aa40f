"""Steps 1 to 15 as the document takes them, timed; it knows nothing of this package.

Called with one JSON object: data, out, classes, epochs, seed, weights, alpha.
"""
import json
import resource
import sys
import time

BEGIN, SECONDS = time.perf_counter(), {}

import numpy as np # its import counts
import tensorflow as tf
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.utils.class_weight import compute_class_weight

K = tf.keras
AUGMENTATION = dict(
    rotation_range=20,
    zoom_range=.15,
    width_shift_range=.2,
    height_shift_range=.2,
    shear_range=.15,
    horizontal_flip=True,
    fill_mode="nearest",
)


def mark(phase):
    "Note how long a phase took."
    SECONDS[phase] = time.perf_counter() - BEGIN - sum(SECONDS.values())


def flows(data, classes, seed):
    "Augmented training scans, and test scans in the order of their files."
    generator = K.preprocessing.image.ImageDataGenerator
    shape = dict(target_size=(224, 224), batch_size=32, class_mode="binary", classes=classes)
    moving = generator(rescale=1/255, **AUGMENTATION)
    train = moving.flow_from_directory(f"{data}/Training", seed=seed, **shape)
    still = generator(rescale=1/255)
    return train, still.flow_from_directory(f"{data}/Testing", shuffle=False, **shape)


def build(weights, alpha):
    "MobileNetV2 with a new head."
    base = K.applications.MobileNetV2(
        include_top=False, weights=weights, input_shape=(224, 224, 3), alpha=alpha)
    base.trainable = False
    head = [K.layers.GlobalAveragePooling2D(), K.layers.Dense(128, "relu")]
    return base, K.Sequential([base, *head, K.layers.Dense(1, "sigmoid")])


def compile_at(model, rate):
    "Adam, cross-entropy, accuracy."
    model.compile(K.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])


def fine_tune(base, model, train, test, epochs):
    "The last 30 layers, with class weights from the test labels, as the document takes them."
    base.trainable = True
    for layer in base.layers[:-30]:
        layer.trainable = False
    compile_at(model, 1e-5)
    labels = test.classes
    balanced = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    slower = K.callbacks.ReduceLROnPlateau("val_loss", .5, 2, min_lr=1e-7)
    model.fit(train, epochs=epochs, validation_data=test, class_weight=dict(enumerate(balanced)),
              callbacks=[slower], verbose=0)


def score(model, test):
    "Accuracy at one half and at the best threshold, and AUROC."
    p, y = model.predict(test, verbose=0)[:, 0], test.classes
    best = max(np.unique(p), key=lambda t: f1_score(y, p >= t))
    return dict(
        accuracy=accuracy_score(y, p >= .5),
        tuned_accuracy=accuracy_score(y, p >= best),
        auroc=roc_auc_score(y, p),
    )


def main(data, out, classes, epochs, seed, weights, alpha):
    "The document's notebook from beginning to end."
    K.utils.set_random_seed(seed)
    mark("start")
    train, test = flows(data, classes, seed)
    base, model = build(weights, alpha)
    compile_at(model, 1e-4)
    model.fit(train, epochs=epochs, validation_data=test, verbose=0)
    mark("initial training")
    fine_tune(base, model, train, test, epochs)
    mark("fine-tuning")
    scores = score(model, test)
    mark("evaluation")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    facts = dict(seconds=SECONDS, peak_gb=peak, ended=time.time(), **scores)
    with open(out, "w") as file:
        json.dump(facts, file)


main(**json.loads(sys.argv[1]))
