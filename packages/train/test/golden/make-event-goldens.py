"""Prints event-goldens.json: two event files of one run, byte for byte as TensorBoard's own writer frames them.

    python make-event-goldens.py > event-goldens.json

Sources: tensorboard 2.21 (tensorboard.compat.proto, tensorboard.summary.writer.record_writer). The records are the ones
that tensorboard.test.ts makes @lmk/train write.
"""

import io
import json

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

WALL_TIME = 1_700_000_000.25


def scalars(step: int, values: dict) -> Event:
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
    return Event(wall_time=WALL_TIME, step=step, summary=summary)


def event_file(first_step: int, *events: Event) -> str:
    data = io.BytesIO()
    writer = RecordWriter(data)
    start = SessionLog(status=SessionLog.START)
    head = [
        Event(wall_time=WALL_TIME, file_version="brain.Event:2"),
        Event(wall_time=WALL_TIME, step=first_step, session_log=start),
    ]
    for event in [*head, *events]:
        writer.write(event.SerializeToString())
    return data.getvalue().hex()


step_1 = {"loss": 12.5, "learning_rate": 0.001, "images_per_second": 128.0, "metrics/accuracy": 0.5}
step_300 = {"loss": float("inf"), "learning_rate": 0.0, "images_per_second": 128.0}
files = [
    event_file(0, scalars(1, step_1), scalars(1, {"evaluation/mAP@100": -0.25})),
    event_file(300, scalars(300, step_300)),
]
print(json.dumps({"files": files}, indent=1))
