"""LiteRT for the JVM's stand-in: signatures and inputs come in on standard input, outputs go out on standard output.

Texts stand behind 2 bytes of length, tensors behind 4, both as Java's DataOutputStream writes them.
"""

from __future__ import annotations

import struct
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

requests, answers = sys.stdin.buffer, sys.stdout.buffer


def number(kind: str) -> int:
    values: tuple[int] = struct.unpack(f">{kind}", requests.read(struct.calcsize(kind)))
    return values[0]


def text() -> str:
    return requests.read(number("H")).decode()


def main() -> None:
    interpreter = Interpreter(model_path=sys.argv[1])
    while requests.peek(1):
        run = interpreter.get_signature_runner(text())
        details = run.get_input_details()
        inputs = {}
        for _ in range(number("i")):
            name = text()
            inputs[name] = np.frombuffer(requests.read(number("i")), details[name]["dtype"]).reshape(
                details[name]["shape"]
            )
        outputs = run(**inputs)
        answers.write(struct.pack(">i", len(outputs)))
        for name, values in outputs.items():
            content = values.tobytes()
            answers.write(struct.pack(">H", len(name)) + name.encode() + struct.pack(">i", len(content)) + content)
        answers.flush()


main()
