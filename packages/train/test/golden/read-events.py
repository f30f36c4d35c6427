"""Prints what TensorBoard's own reader finds in a folder of event files: the check by hand of @lmk/train/tensorboard.

    python read-events.py FOLDER

Sources: tensorboard 2.21, tensorboard.backend.event_processing.event_accumulator.
"""

import sys

from tensorboard.backend.event_processing import event_accumulator


def main(folder: str) -> None:
    reader = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.SCALARS: 0})
    reader.Reload()
    print(f"file version {reader.file_version}")
    for tag in reader.Tags()["scalars"]:
        points = reader.Scalars(tag)
        steps = [point.step for point in points]
        once = "each once" if len(set(steps)) == len(steps) else "some more than once"
        print(f"{tag}: {len(points)} points, steps {steps[0]} to {steps[-1]}, {once}")
        for point in points[:2] + points[-1:]:
            print(f"  step {point.step} value {point.value:.7g} time {point.wall_time:.3f}")


main(sys.argv[1])
